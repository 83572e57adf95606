"""Commands about the people who use the bot: adding them, letting them in, and ending their access."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from bot.cli.root import given, open_shop
from bot.domain.errors import ConflictError, NotFoundError
from bot.domain.shop import ROLES, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

T = TypeVar("T")

staff = typer.Typer(help="The people who use the bot.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(metavar="STAFF_CODE", help="The person's staff code.")]


def _write(context: typer.Context, what: str, work: "Callable[[Connection, datetime], T]") -> T:
    """Run a change in a transaction of its own, with an audit row that says it was done from the console."""
    from bot.db import audit

    now = datetime.now(UTC)

    def audited(conn: "Connection") -> T:
        result = work(conn, now)
        audit.add(conn, at=now, person=None, command=what, outcome="ok", about=(), inbox_id=None)
        return result

    with open_shop(context) as database:
        return database.transact(audited)


def _known(conn: "Connection", code: str) -> int:
    from bot.db import people

    staff_id = people.staff_id_of(conn, code)
    if staff_id is None:
        raise NotFoundError(f"没有在职员工 {code}。看名单：zhanggui staff list")
    return staff_id


@staff.command("add")
def add(
    context: typer.Context,
    code: Code,
    role: Annotated[Role, typer.Option(help="What the person may do.")],
    store: Annotated[str | None, typer.Option(metavar="CODE", help="Guides and managers need one.")] = None,
    name: Annotated[str | None, typer.Option(help="What colleagues call her.")] = None,
) -> None:
    """Add a member of staff.

    Example:  zhanggui staff add xiaowang --role guide --store 001 --name 小王
    """
    from bot.db import people, shop

    if role in ("guide", "manager") and store is None:
        raise typer.BadParameter(f"a {role} works in a store", param_hint="--store")

    def work(conn: "Connection", now: datetime) -> None:
        place = people.store_by_code(conn, store) if store else None
        if store and place is None:
            raise NotFoundError(f"没有门店 {store}。先建：zhanggui store add {store} 店名")
        if shop.staff_code_taken(conn, code):
            raise ConflictError(f"员工号 {code} 已经用过了，请换一个。")
        people.add_staff(conn, code, name or code, role, place.id if place else None, now)

    _write(context, f"staff add {code}", work)
    given(context).tell(f"✓ {name or code}（{ROLES[role]}）。给他绑定码：zhanggui staff invite {code}")


@staff.command("invite")
def invite(context: typer.Context, code: Code) -> None:
    """Print a code with which the person binds an account: one use, 24 hours.

    Example:  zhanggui staff invite xiaowang
    """
    from bot.actions import accounts

    def work(conn: "Connection", now: datetime) -> str:
        return accounts.invite(conn, _known(conn, code), now)

    word = _write(context, f"staff invite {code}", work)
    typer.echo(word)
    given(context).tell(f"请 {code} 在企业微信或 Telegram 里发给机器人：绑定 {word}（24小时内有效，用一次）")


@staff.command("bind")
def bind(
    context: typer.Context,
    code: Code,
    channel: Annotated[Literal["telegram", "wecom"], typer.Argument()],
    account: Annotated[str, typer.Argument(metavar="ACCOUNT_ID", help="Her id there, as it is written.")],
) -> None:
    """Bind an account from here, without a code.

    Example:  zhanggui staff bind xiaowang telegram 123456789
    """
    from bot.db import people

    _write(
        context,
        f"staff bind {code} {channel}",
        lambda conn, now: people.bind(conn, _known(conn, code), channel, account, now),
    )
    given(context).tell(f"✓ {channel} {account} 现在是 {code}")


@staff.command("off")
def off(context: typer.Context, code: Code) -> None:
    """End a person's access on every channel, at once.

    Example:  zhanggui staff off xiaowang
    """
    from bot.actions import accounts
    from bot.db.changes import Recorder
    from bot.db.core.ids import new_id

    def work(conn: "Connection", now: datetime) -> None:
        accounts.off_board(Recorder(conn, new_id()), _known(conn, code), now)

    _write(context, f"staff off {code}", work)
    given(context).tell(f"✓ {code} 已停用，所有账号立刻失效。")


@staff.command("back")
def back(context: typer.Context, code: Code) -> None:
    """Let somebody work here again who had left, with her old code and name; she binds her accounts anew.

    Example:  zhanggui staff back xiaowang
    """
    from bot.db import people

    def work(conn: "Connection", _now: datetime) -> None:
        if not people.bring_back(conn, code):
            raise NotFoundError(f"没有停用的员工 {code}。看在职的：zhanggui staff list")

    _write(context, f"staff back {code}", work)
    given(context).tell(f"✓ {code} 回来了。给绑定码：zhanggui staff invite {code}")


@staff.command("list")
def list_staff(context: typer.Context) -> None:
    """List active staff: code, name, role, store, the channels they are bound on.

    Example:  zhanggui staff list
    """
    from bot.console.cast import cast
    from bot.db import people

    with open_shop(context) as database:
        everyone = cast(database)
        with database.reading() as conn:
            channels = {one.code: people.bindings(conn, _known(conn, one.code)) for one in everyone}
    for one in everyone:
        typer.echo(f"{one.code}  {one.name}  {one.title}  {'、'.join(channels[one.code]) or '未绑定'}")
