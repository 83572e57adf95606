"""`doctor`: what is wrong, why, and what to do next."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.root import given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.doctor import Finding

_MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects: check, state, say.")] = False,
) -> None:
    """Examine the installation, change nothing, and say what to mend, in order; exit 1 where something fails.

    Example:  zhanggui doctor
    """
    from bot.console.json_line import json_line
    from bot.doctor import examine

    options = given(context)
    findings = examine(options.settings)
    if as_json:
        typer.echo(json_line([{"check": one.check, "state": one.state, "say": one.say} for one in findings]))
    else:
        typer.echo("\n".join(_lines(findings, quiet=options.quiet)))
    if any(one.state == "fail" for one in findings):
        raise typer.Exit(1)


def _lines(findings: "Sequence[Finding]", *, quiet: bool) -> list[str]:
    """A mark, a title and a cause in a line each, what mends it below; the next step last."""
    lines = []
    for one in findings:
        if one.state == "ok" and quiet:
            continue
        lines.append(f"{_MARKS[one.state]} {one.title}：{one.cause}")
        lines += [f"    → {mend}" for mend in one.mends]
    return [*lines, _next(findings)]


def _next(findings: "Sequence[Finding]") -> str:
    failed = [one for one in findings if one.state == "fail"]
    warned = [one for one in findings if one.state == "warn"]
    if not failed and not warned:
        return "都好。"
    first = (failed or warned)[0]
    counts = "，".join(f"{len(some)} 项{word}" for some, word in ((failed, "要修"), (warned, "要留意")) if some)
    return f"{counts}。下一步（{first.title}）：{first.mends[0].rstrip('；。')}"
