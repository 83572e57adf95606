"""Commands about what may be shown on Telegram, whose servers are abroad: head office decides, and it is kept."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.root import given, open_shop
from bot.domain.errors import NotAllowedError, NotFoundError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.db.decisions import Decision

telegram = typer.Typer(help="What may be shown on Telegram, whose servers are abroad.", no_args_is_help=True)

By = Annotated[str, typer.Option(metavar="STAFF_CODE", help="Who of head office decides so.")]

_SHOWN = "提醒、客诉和记录可以显示；姓名和号码照样打码。"
_WITHHELD = "不显示提醒、客诉和记录，卡片只说有没有提醒、到企业微信看；姓名和号码打码。"


@telegram.command("allow")
def allow(context: typer.Context, by: By) -> None:
    """Let warnings, complaints and notes be shown on Telegram; names and numbers stay masked.

    Example:  zhanggui telegram allow --by hq
    """
    _decide(context, by, allowed=True)


@telegram.command("forbid")
def forbid(context: typer.Context, by: By) -> None:
    """Keep warnings, complaints and notes off Telegram, from the next answer on.

    Example:  zhanggui telegram forbid --by hq
    """
    _decide(context, by, allowed=False)


@telegram.command("show")
def show(context: typer.Context) -> None:
    """Say what holds now, and who decided it when.

    Example:  zhanggui telegram show
    """
    from bot.db import decisions, people

    with open_shop(context) as database, database.reading() as conn:
        decision, zone = decisions.last(conn, decisions.TELEGRAM), people.chain_zone(conn)
    if decision is None:
        typer.echo(f"还没有决定，所以 Telegram 上{_WITHHELD}\n总部同意的话：zhanggui telegram allow --by 总部的员工号")
    else:
        typer.echo(_said(decision, f"{decision.at.astimezone(zone):%Y-%m-%d}"))


def _decide(context: typer.Context, by: str, *, allowed: bool) -> None:
    """Record the decision with its audit row, and say it back with day and name."""
    from bot.db import audit, decisions, people

    now = datetime.now(UTC)

    def work(conn: "Connection") -> str:
        known = people.identify(conn, people.CONSOLE, by, f"{people.CONSOLE}:{by}")
        if known is None:
            raise NotFoundError(f"没有在职员工 {by}。看名单：zhanggui staff list")
        person = known[0]
        if person.role != "hq":
            raise NotAllowedError(f"资料能不能出境由总部决定，{person.name}（{by}）不是总部的人。")
        decisions.decide(conn, decisions.TELEGRAM, allowed=allowed, staff_id=person.id, now=now)
        what = f"telegram {'allow' if allowed else 'forbid'}"
        audit.add(conn, at=now, person=person, command=what, outcome="ok", about=(), inbox_id=None)
        decision = decisions.Decision(allowed, now, by, person.name)
        return _said(decision, f"{now.astimezone(people.chain_zone(conn)):%Y-%m-%d}")

    with open_shop(context) as database:
        said = database.transact(work)
    given(context).tell(f"✓ {said}")


def _said(decision: "Decision", day: str) -> str:
    held = _SHOWN if decision.allowed else _WITHHELD
    return f"{day} {decision.name}（{decision.code}）决定：Telegram 上{held}"
