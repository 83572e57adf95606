"""Commands about data: files in, and the proof of the running statistics."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.cli import progress
from bot.cli.root import given, moment, open_shop
from bot.intake.options import Kind

if TYPE_CHECKING:
    from bot.intake.options import Report

stats = typer.Typer(help="The running statistics of customers.", no_args_is_help=True)

_KINDS = {"stores": "门店", "staff": "员工", "products": "商品", "customers": "客户", "orders": "订单"}


def import_file(  # noqa: PLR0913, PLR0917 — Typer reads the options from the parameters
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or XLSX.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen, write nothing.")] = False,
    store: Annotated[str | None, typer.Option(metavar="CODE", help="For rows that name no store.")] = None,
    unknown: Annotated[
        Literal["create", "refuse"], typer.Option(help="Stores, products and customers not known yet.")
    ] = "create",
    as_json: Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")] = False,
) -> None:
    """Import a file; headers in Chinese or English are recognised by name. The same file again changes nothing.

    Example:  zhanggui import orders 订单.csv --dry-run
    """
    from bot.console.json_line import json_line
    from bot.intake.options import Options
    from bot.intake.run import run

    options = given(context)
    wanted = Options(options.settings().data, datetime.now(UTC), store, unknown, dry_run)
    with open_shop(context) as database, progress.shown(f"导入{_KINDS[kind]}", quiet=options.quiet) as step:
        report = run(database, kind, file, wanted, step)
    typer.echo(json_line(report.as_json()) if as_json else _in_words(report, dry_run=dry_run))


def _in_words(report: "Report", *, dry_run: bool) -> str:
    lines = [*report.preview] if dry_run else []
    counts = (
        f"读到 {report.read} 行：新 {report.new}，变了 {report.changed}，没变 {report.unchanged}，拒 {report.refused}"
    )
    lines.append(f"{counts}（只是预览，什么都没存）" if dry_run else counts)
    if report.remarks:
        lines.append(f"另有 {report.remarks} 行订单导入了，但它写的券没有核。")
    if report.refused_file:
        lines.append(f"拒的行和原因在 {report.refused_file}：改好再导入，用完请删，里面是明文。")
    return "\n".join(lines)


def refresh(
    context: typer.Context,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="As of that day; now if not given.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Measure everybody from all orders, not what changed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Bring the layers of all customers up to date; nightly, beside the service.

    Example:  zhanggui refresh
    """
    from bot.console.json_line import json_line
    from bot.db import people
    from bot.refresh.run import refresh as run_refresh

    options = given(context)
    with open_shop(context) as database, progress.shown("分层", quiet=options.quiet) as step:
        with database.reading() as conn:
            zone = people.chain_zone(conn)
        when = moment(at, zone) or datetime.now(UTC)
        done = run_refresh(database, options.settings().data, when, full=full, step=step)
    if as_json:
        typer.echo(json_line(done.as_json()))
        return
    typer.echo(f"分层到 {done.as_of:%m-%d}：{done.customers} 位客户，{done.changed} 位有变，用了 {done.seconds:g} 秒。")
    for words, people_in in done.segments.items():
        typer.echo(f"  {words} {people_in}")


@stats.command("verify")
def verify(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Prove the running statistics against a recompute from all orders; exit 1 where they differ.

    Example:  zhanggui stats verify
    """
    from bot.console.json_line import json_line
    from bot.db.bulk import recompute

    with open_shop(context) as database, database.reading() as conn:
        customers, different = recompute.verify(conn)
    if as_json:
        typer.echo(json_line({"customers": customers, "different": different}))
    else:
        typer.echo(
            f"核对了 {customers} 位客户的统计，{f'{different} 位和订单对不上' if different else '都和订单一致'}。"
        )
    if different:
        raise typer.Exit(1)
