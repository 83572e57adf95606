"""`demo`: the demo chain, made once, and a talk about it; it never touches a shop that is not a demo."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import progress
from bot.cli.root import Options, given, moment
from bot.cli.sandbox import beside
from bot.cli.setup import Vertical
from bot.cli.talk import converse, sit_down
from bot.domain.errors import ConflictError

if TYPE_CHECKING:
    from bot.db.core.engine import Database

_SPEAKER = "xiaowang"
_CAST = ("xiaowang", "xiaoli", "dianzhang", "waidian", "hq", "admin")
_KNOWN = ("+8613800138000", "+8613800002203", "+8613800007715", "+8613800138001")
_OLD = timedelta(days=2)
_NOTE = {"tea": "她对花生也过敏 三分糖去冰"}
_OTHER_NOTE = "她喜欢浅色 生日3月8日 别打电话"


def demo(  # noqa: PLR0913, PLR0917 — Typer reads the options from the parameters
    context: typer.Context,
    make_only: Annotated[bool, typer.Option("--make-only", help="Make the chain and stop.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed makes the same chain.")] = 7,
    customers: Annotated[int, typer.Option(min=4, help="How many customers.")] = 1200,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="Its last orders are of the day before; now.")] = None,
    vertical: Vertical = "tea",
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw away the demo there is, and make it anew.")] = False,
    phones: Annotated[bool, typer.Option(help="Open the page of phones beside it.")] = True,
) -> None:
    """Make a chain to play with, once, and talk to the bot as its guide xiaowang.

    Example:  zhanggui demo
    """
    options = given(context)
    database = make_demo(options, vertical, seed=seed, customers=customers, at=at, fresh=fresh)
    try:
        if make_only:
            return
        note = _NOTE.get(vertical, _OTHER_NOTE)
        tips = (
            ("查 8000", "王芳来了：过敏、常买、多久没来、今天说什么"),
            (note, "一句话记几件事，记在刚查的那位名下"),
            ("撤", "记错了，收回刚才那条"),
        )
        bot, talk = sit_down(database, _SPEAKER, None, at, options.settings().pictures)
        with beside(options.settings(), options.tell) if phones and not options.quiet else nullcontext():
            converse(bot, talk, tips=tips)
    finally:
        database.close()


def make_demo(  # noqa: PLR0913 — the options of the command
    options: Options,
    vertical: str = "tea",
    *,
    seed: int = 7,
    customers: int = 1200,
    at: str | None = None,
    fresh: bool = False,
) -> "Database":
    """The database of the demo chain, made where there is none; refuses a shop that is not a demo."""
    from bot.app import prepare

    settings = options.settings()
    database, _ = prepare(settings)
    try:
        if fresh and _stands(database):
            _remove(database)
            database, _ = prepare(settings)
        _make(database, options, vertical, seed=seed, customers=customers, at=at)
    except BaseException:
        database.close()
        raise
    return database


def _make(  # noqa: PLR0913 — the options of the command
    database: "Database", options: Options, vertical: str, *, seed: int, customers: int, at: str | None
) -> None:
    """Make the chain unless it is there."""
    from bot.db import people, shop
    from bot.demo import make
    from bot.refresh.run import refresh

    now = datetime.now(UTC)
    with database.reading() as conn:
        chain, zone = shop.chain_settings(conn), people.chain_zone(conn)
    begins_at = moment(at, zone) or now
    if not _stands(database):
        with progress.shown("建演示连锁", quiet=options.quiet) as step:
            make(database, vertical=vertical, seed=seed, customers=customers, at=begins_at, progress=step)
        refresh(database, options.settings().data, begins_at)
        options.tell(f"✓ 演示连锁建好了：{customers} 位客户，员工 {'、'.join(_CAST)}")
    elif chain is None or chain.data_at is None:
        raise ConflictError("上次的演示没有建完，请重来：zhanggui demo --fresh")
    else:
        old = now - chain.data_at > _OLD and at is None
        reach = f"订单到 {chain.data_at.astimezone(zone):%Y-%m-%d}"
        options.tell(f"演示连锁已经在了，{reach}。{'要到今天的：zhanggui demo --fresh' if old else ''}")


def _stands(database: "Database") -> bool:
    """Whether this is a demo: its people, and its customers or (made halfway) no orders at all."""
    from bot.db import shop
    from bot.db.customers import chain_knows

    with database.reading() as conn:
        chain = shop.chain_settings(conn)
        staffed = all(shop.staff_code_taken(conn, code) for code in _CAST)
        met = any(chain_knows(conn, phone) for phone in _KNOWN)
    return staffed and (met or chain is None or chain.data_at is None)


def _remove(database: "Database") -> None:
    from pathlib import Path

    if not database.is_sqlite:
        raise ConflictError("--fresh 只能用在自带的 SQLite 上：请自己建一个空库，用 --db 指过去。")
    database.close()
    file = Path(str(database.engine.url.database))
    for path in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        path.unlink(missing_ok=True)
