"""Commands that talk: `chat` through the real dispatcher, `parse` without anything; `outbox`, what is to be said."""

import re
import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bot.cli.root import given, moment, open_shop
from bot.domain.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.app import Bot
    from bot.console.prompt import Tip
    from bot.console.talk import Talk
    from bot.db.core.engine import Database

outbox = typer.Typer(
    help="What is to be said to people without their asking, and what became of it.", no_args_is_help=True
)

_PLACE = re.compile(r"private|store:(?P<code>\S+)")


def chat(
    context: typer.Context,
    staff: Annotated[str, typer.Option("--as", metavar="STAFF_CODE", help="Who speaks.")],
    place: Annotated[str, typer.Option("--in", metavar="private|store:CODE", help="Where.")] = "private",
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When the first line is said, ISO 8601.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, also for silence.")] = False,
) -> None:
    """Talk to the bot as a member of staff: a prompt on a terminal, else one message a line.

    Example:  echo 查 8000 | zhanggui chat --as xiaowang --json
    """
    found = _PLACE.fullmatch(place)
    if found is None:
        raise typer.BadParameter("use private or store:CODE, such as store:001", param_hint="--in")
    with open_shop(context) as database:
        bot, talk = sit_down(database, staff, found["code"], at, given(context).settings().pictures)
        converse(bot, talk, as_json=as_json)


def sit_down(
    database: "Database", staff: str, store: str | None, at: str | None, pictures: "Path"
) -> "tuple[Bot, Talk]":
    """The bot, and a conversation with it that has not begun."""
    from bot.app import assemble
    from bot.console.talk import Talk, real_time, seat, ticking
    from bot.db import people

    with database.reading() as conn:
        start = moment(at, people.chain_zone(conn))
        if store and people.store_by_code(conn, store) is None:
            raise NotFoundError(f"没有门店 {store}。看名单：zhanggui store list")
    bot = assemble(database, pictures)
    return bot, Talk(bot.dispatcher, seat(staff, store), ticking(start) if start else real_time)


def converse(bot: "Bot", talk: "Talk", *, as_json: bool = False, tips: "Sequence[Tip]" = ()) -> None:
    """Hold the conversation: at the keyboard if somebody sits there, else line by line."""
    if sys.stdin.isatty() and sys.stdout.isatty() and not as_json:
        from bot.console.prompt import Session

        Session(bot.database, bot.commands, talk, tips).run()
        return
    from bot.console import lines
    from bot.db import people

    name = code = talk.here.account
    with bot.database.reading() as conn:
        if not as_json and (staff_id := people.staff_id_of(conn, code)):
            name = people.staff_name(conn, staff_id)
    lines.converse(talk, sys.stdin, sys.stdout, name=name, as_lines_of_json=as_json)


def parse(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show how the bot reads sentences, one line out for each line in; needs no database.

    Example:  echo 她芒果过敏 三分糖 | zhanggui parse --json
    """
    from bot.console.json_line import json_line
    from bot.domain.language import read, to_json

    for line in sys.stdin:
        reading = to_json(read(line.rstrip("\r\n")))
        typer.echo(json_line(reading) if as_json else _in_words(reading))


@outbox.command("list")
def list_outbox(
    context: typer.Context,
    state: Annotated[
        Literal["due", "sending", "sent", "unknown", "expired", "dead"] | None, typer.Option(help="Only these.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List messages, oldest first, with what became of each; customers stand in them in plain words.

    Example:  zhanggui outbox list --state unknown
    """
    from bot.console.json_line import json_line
    from bot.db import people
    from bot.db.talk import listing

    with open_shop(context) as database, database.reading() as conn:
        zone = people.chain_zone(conn)
        for line in listing.lines(conn, state):
            if as_json:
                typer.echo(json_line(line.as_json(zone)))
                continue
            told = "".join(f"　{word}" for word in (line.rung, line.last_error) if word)
            waits = f"　{line.not_before.astimezone(zone):%m-%d %H:%M}" if line.not_before else ""
            typer.echo(f"{line.state}　{line.to}　{line.key}{waits}{told}\n{_indented(line.text)}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))


def _in_words(reading: dict[str, Any]) -> str:
    """A reading for people: intent, whom, and the facts."""
    whom = " ".join((reading["customer"] or {}).values())
    return " · ".join(filter(None, [reading["intent"], whom, *map(_fact, reading["facts"])]))


def _fact(fact: dict[str, Any]) -> str:
    words = [str(fact[key]) for key in ("of", "kind", "facet", "value", "due", "until") if fact.get(key)]
    return ("− " if fact.get("negated") else "") + " ".join(words)
