"""The root of the command line: the options every command has, and what commands share."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.domain.errors import ConflictError

if TYPE_CHECKING:
    from bot.db.core.engine import Database
    from bot.settings import Settings

_YEARS = range(2000, 2100)
"""Whatever is counted in days from elsewhere says nothing."""
_TAKING_A_VALUE = ("--db", "--data")


@dataclass(frozen=True, slots=True)
class Options:
    """The options given before, or after, the name of a command."""

    db: str | None = None
    data: Path | None = None
    quiet: bool = False

    def settings(self) -> "Settings":
        """The settings of the environment with what was given here on top."""
        from bot.settings import Settings

        given: dict[str, Any] = {"database_url": self.db, "data": self.data}
        return Settings(**{name: value for name, value in given.items() if value is not None})

    def tell(self, text: str) -> None:
        """Words for the operator, unless she wants quiet."""
        if not self.quiet:
            typer.echo(text)


app = typer.Typer(
    help="掌柜: the clienteling bot for shops. Try:  zhanggui demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 — a callback of an option takes its value
    from importlib.metadata import version

    if wanted:
        typer.echo(f"zhanggui {version('zhanggui')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    db: Annotated[str | None, typer.Option(help="Database; SQLite in the data folder if not given.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder, ./var by default.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Results and refusals only.")] = False,
    _version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True)] = False,
) -> None:
    """Keep the global options for the command that follows."""
    context.obj = Options(db, data, quiet)


def hoisted(arguments: Sequence[str]) -> list[str]:
    """The arguments with the global options first, wherever they were typed before a `--`."""
    first: list[str] = []
    rest: list[str] = []
    coming = iter(arguments)
    for word in coming:
        if word == "--":
            return [*first, *rest, word, *coming]
        if word in _TAKING_A_VALUE:
            first += [word, *[value for value in [next(coming, None)] if value is not None]]
        elif word == "--quiet" or word.startswith(tuple(f"{name}=" for name in _TAKING_A_VALUE)):
            first.append(word)
        else:
            rest.append(word)
    return first + rest


def given(context: typer.Context) -> Options:
    """The global options of this run."""
    found = context.obj
    return found if isinstance(found, Options) else Options()


@contextmanager
def open_shop(context: typer.Context) -> Iterator["Database"]:
    """The shop's database for the time of a command."""
    from bot import app as composition

    database = composition.open_shop(given(context).settings())
    try:
        yield database
    finally:
        database.close()


def moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    """An ISO 8601 time, in the chain's time zone where it names none."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no ISO 8601 time, such as 2026-11-22T10:00") from error
    if at.year not in _YEARS:
        raise ConflictError(f"{at.date()} 太远了，时间要在 {_YEARS[0]} 到 {_YEARS[-1]} 年之间。")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
