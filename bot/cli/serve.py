"""`run`: the service; `job`: what its clock does, by hand."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.cli.root import given, moment, open_shop
from bot.domain.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from bot.domain.shop import Store
    from bot.schedule import Job

job = typer.Typer(help="What the service does at times of the day.", no_args_is_help=True)


def run(
    context: typer.Context,
    only: Annotated[
        Literal["channels", "clock", "sender"] | None,
        typer.Option(help="One role of the three: receive and answer, jobs and errands, push."),
    ] = None,
) -> None:
    """Run the service: every channel that is set up, the HTTP server, pushes. SIGTERM ends it in order.

    Example:  zhanggui run
    """
    import asyncio
    import logging

    from bot.serve import serve

    _log_to_stderr("INFO")
    for name in ("httpx", "httpcore", "urllib3", "telegram", "websockets", "aiohttp", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)  # they write addresses with tokens in them, and much else
    options = given(context)
    with asyncio.Runner(loop_factory=_loop()) as runner:
        runner.run(serve(options.settings(), only, options.tell))


def _loop() -> "type | None":
    """The quicker loop where there is one."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop  # type: ignore[return-value]  # a function that makes one is as good


def _log_to_stderr(level: str) -> None:
    """Log lines that hold no error's own words."""
    import logging

    from bot.serve.journal import Journal

    to_stderr = logging.StreamHandler()
    to_stderr.setFormatter(Journal())
    logging.basicConfig(level=level, handlers=[to_stderr])


@job.command("list")
def list_jobs(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a job.")] = False,
) -> None:
    """List every job: its name, what it is, when it runs, and its next slot.

    Example:  zhanggui job list
    """
    from bot.console.json_line import json_line
    from bot.db import people
    from bot.schedule import next_slot
    from bot.serve.clock import Clock

    now = Clock(given(context).settings().clock).now()
    with open_shop(context) as database, database.reading() as conn:
        zone = people.chain_zone(conn)
    for one in _jobs().values():
        slot = next_slot(one, now, zone)
        told = {"name": one.name, "title": one.title, "when": one.when, "slot": slot.isoformat() if slot else None}
        typer.echo(json_line(told) if as_json else f"{one.name:<12} {one.when:<14} {one.title}")


@job.command("run")
def run_job(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which one; see zhanggui job list.")],
    at: Annotated[str | None, typer.Option(metavar="TIME", help="Its last slot up to then; now if not given.")] = None,
    store: Annotated[str | None, typer.Option(metavar="CODE", help="For this store alone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")] = False,
) -> None:
    """Run a job's last slot, however late; a slot that was run, by whomever, is not run again.

    Example:  zhanggui job run digest --at 2026-11-22T08:30
    """
    from bot.console.json_line import json_line
    from bot.db import people
    from bot.schedule import newest_slot
    from bot.serve.clock import Clock
    from bot.serve.due import LONGEST_AGO, Due, run_slot

    wanted = _jobs().get(name)
    if wanted is None:
        raise NotFoundError(f"没有叫 {name} 的定时任务。看名单：zhanggui job list")
    if store is not None and wanted.each != "store":
        raise ConflictError(f"{name} 是全链只跑一次的，不分门店，请去掉 --store。")
    _log_to_stderr("WARNING")
    with open_shop(context) as database:
        with database.reading() as conn:
            zone, stores = people.chain_zone(conn), _stores(conn, store)
        now = moment(at, zone) or Clock(given(context).settings().clock).now()
        slot = newest_slot(wanted, now, LONGEST_AGO, zone)
        if slot is None:
            raise ConflictError(f"{name} 到那时还没有到过点。")
        ran = run_slot(database, Due(wanted, slot), stores, now)
    counts = {"claimed": ran.claimed, "skipped": ran.skipped, "queued": ran.queued, "failed": ran.failed}
    words = f"{wanted.title}（{slot:%m-%d %H:%M}）：跑了 {ran.claimed}，跑过的 {ran.skipped}，排了 {ran.queued} 条。"
    typer.echo(json_line(counts | {"slot": slot.isoformat()}) if as_json else words)
    if ran.failed:
        raise ConflictError(f"{ran.failed} 处没跑成，原因在上面；改好再跑一次，只补没跑成的。")


def _jobs() -> "Mapping[str, Job]":
    import bot.jobs
    from bot.schedule import collect

    return collect(bot.jobs)


def _stores(conn: "Connection", code: str | None) -> "list[Store]":
    """The store of this code, or all."""
    from bot.db import people, shop

    if code is None:
        return shop.all_stores(conn)
    found = people.store_by_code(conn, code)
    if found is None:
        raise NotFoundError(f"没有门店 {code}。看名单：zhanggui store list")
    return [found]
