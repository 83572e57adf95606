"""`bench`: what the bot takes here, beside a raw probe of the same run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.root import given

if TYPE_CHECKING:
    from collections.abc import Sequence

_ONLY = "lookup, chats, parse, start, issuing, import, refresh, digests, callback"


def bench(  # noqa: PLR0913, PLR0917 — Typer reads the options from the parameters
    context: typer.Context,
    customers: Annotated[int, typer.Option(min=200, help="Customers in the shop that is measured.")] = 100_000,
    orders: Annotated[
        int, typer.Option(min=100, help="Lines of the order file that is imported, orders that are refreshed.")
    ] = 100_000,
    only: Annotated[str, typer.Option(metavar="GROUPS", help=f"Some of {_ONLY}, with commas.")] = "",
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="An order file instead of a made-up one.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=10, help="Look-ups of each kind.")] = 500,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure the bot in a shop made for it, each figure beside a raw probe; with --db in that empty database.

    Example:  zhanggui bench --only lookup,start
    """
    from bot.bench import Sizes, measure
    from bot.console.json_line import json_line

    sizes = Sizes(customers, orders, rounds)
    report = measure(sizes, _groups(only), file=file, url=given(context).db)
    typer.echo(json_line(report.as_json()) if as_json else "\n".join(report.lines()))


def _groups(only: str) -> "Sequence[str]":
    """The groups that were named; all where none were."""
    from bot.bench import GROUPS

    wanted = [word.strip() for word in only.split(",") if word.strip()]
    for word in wanted:
        if word not in GROUPS:
            raise typer.BadParameter(f"{word!r} is none of {_ONLY}", param_hint="--only")
    return wanted or GROUPS
