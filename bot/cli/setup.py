"""Commands that set a shop up: `init`, the chain's settings, its stores."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.cli.root import given, open_shop
from bot.domain.errors import ConflictError, NotFoundError
from bot.domain.shop import VERTICALS, Scope

if TYPE_CHECKING:
    from bot.db.core.engine import Database
    from bot.domain.calendar.keeping import Setting

store = typer.Typer(help="The stores.", no_args_is_help=True)
chain = typer.Typer(help="The settings of the whole chain.", no_args_is_help=True)

_NEXT = """接下来：
  zhanggui store add 001 徐汇店                                     建门店
  zhanggui staff add dianzhang --role manager --store 001 --name 老周   建员工
  zhanggui staff invite dianzhang                                   给他绑定码，他发「绑定 绑定码」
  zhanggui import customers 会员.xlsx --dry-run                     先预览，再导入会员、订单
  zhanggui chat --as dianzhang                                      马上试一试"""


def vertical_word(word: str) -> str:
    """A vertical there is, or wrong usage."""
    if word not in VERTICALS:
        raise typer.BadParameter(f"{word!r} is none of {', '.join(VERTICALS)}")
    return word


Vertical = Annotated[str, typer.Option(parser=vertical_word, metavar="|".join(VERTICALS), help="What the shop sells.")]


def init(
    context: typer.Context,
    vertical: Vertical = "tea",
    scope: Annotated[Scope, typer.Option(help="Whose customers a guide sees.")] = "store",
    name: Annotated[str, typer.Option(help="What the chain is called.")] = "我的门店",
) -> None:
    """Create keys, database and chain; run again, it changes nothing and says what is there.

    Example:  zhanggui init --vertical tea --name 好茶铺
    """
    from bot.app import prepare
    from bot.db import people, shop
    from bot.db.offers import offers

    options = given(context)
    settings = options.settings()
    database, made = prepare(settings)
    try:
        with database.reading() as conn:
            known = shop.chain_settings(conn)
        if known is None:
            database.transact(lambda conn: people.make_chain(conn, name, vertical, scope, settings.timezone))
            seeded = database.transact(lambda conn: offers.seed(conn, vertical, datetime.now(UTC)))
            made.append(f"连锁「{name}」（{_TRADES[vertical]}，导购看得到：{_SEEN[scope]}）")
            made.append(f"{len(seeded)}种常用的券（发「券」看，「停券」「开券」改）")
    finally:
        database.close()
    for thing in made:
        options.tell(f"✓ 建好 {thing}")
    if known:
        options.tell(f"连锁「{known.name}」已经建好，没有改动。要改设置：zhanggui chain set")
    options.tell(_NEXT)


_TRADES = {
    "tea": "茶饮",
    "fashion": "服装",
    "jewellery": "珠宝",
    "supermarket": "超市",
    "beauty": "美妆",
    "baby": "母婴",
}
_SEEN = {"own": "自己的客户", "store": "本店的客户", "chain": "全部门店的客户"}
_VALUES = (
    "scope: own|store|chain; first7: on|off; leap-day: 02-28|03-01; leap-month: ordinary|leap; birthday-ahead: 7,3,1."
)


@chain.command("show")
def show(context: typer.Context) -> None:
    """Show the settings.

    Example:  zhanggui chain show
    """
    from bot.db import shop

    with open_shop(context) as database, database.reading() as conn:
        known = shop.chain_settings(conn)
    if known:
        for name in ("name", "vertical", "scope", "timezone"):
            typer.echo(f"{name:14} {getattr(known, name)}")
        typer.echo(f"{'first7':14} {'on' if known.first7 else 'off'}")
        for name, value in known.keeping.says().items():
            typer.echo(f"{name:14} {value}")


@chain.command("set")
def change(
    context: typer.Context,
    setting: Annotated[
        Literal["name", "vertical", "scope", "timezone", "first7", "leap-day", "leap-month", "birthday-ahead"],
        typer.Argument(),
    ],
    value: Annotated[str, typer.Argument(help=_VALUES)],
) -> None:
    """Change a setting: whose customers a guide sees (scope), when odd birthdays are kept (leap-day, leap-month), …

    Example:  zhanggui chain set scope own
    """
    from bot.db import people, shop

    checked = _checked(setting, value)
    with open_shop(context) as database:
        if setting == "first7":
            shop.keep_first7(database, wanted=value == "on")
        elif setting in {"leap-day", "leap-month", "birthday-ahead"}:
            _keep(database, setting, value)
        else:
            database.transact(lambda conn: people.change_chain(conn, **{setting: checked}))
    given(context).tell(f"✓ {setting} = {value}")


def _keep(database: "Database", setting: "Setting", value: str) -> None:
    from bot.db import shop

    try:
        database.transact(lambda conn: shop.keep_birthdays(conn, setting, value))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _checked(setting: str, value: str) -> str:
    from zoneinfo import available_timezones

    allowed = {"vertical": VERTICALS, "scope": ("own", "store", "chain"), "first7": ("on", "off")}.get(setting)
    if allowed and value not in allowed:
        raise typer.BadParameter(f"{setting} is one of {', '.join(allowed)}")
    if setting == "timezone" and value not in available_timezones():
        raise typer.BadParameter(f"{value!r} is no time zone, such as Asia/Shanghai")
    return value


@store.command("add")
def add(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="Short and stable: what the till's files call the store.")],
    name: Annotated[str, typer.Argument(help="What people call it.")],
    city: Annotated[str | None, typer.Option(help="Where it is.")] = None,
) -> None:
    """Add a store.

    Example:  zhanggui store add 001 徐汇店 --city 上海
    """
    with open_shop(context) as database:
        _add_store(database, code, name, city)
    given(context).tell(f"✓ 门店 {code} {name}")


def _add_store(database: "Database", code: str, name: str, city: str | None) -> None:
    from sqlalchemy import Connection

    from bot.db import people

    def work(conn: Connection) -> None:
        if people.store_by_code(conn, code):
            raise ConflictError(f"门店 {code} 已经有了。")
        people.add_store(conn, code, name, city)

    database.transact(work)


@store.command("webhook")
def webhook(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="The store.")],
    url: Annotated[str, typer.Argument(help="The webhook of its WeCom group, or off.")],
) -> None:
    """Keep the webhook of a store's WeCom group, for announcements; it is stored sealed and never shown again.

    Example:  zhanggui store webhook 001 https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY
    """
    from bot.db import people, shop

    if url != "off" and not _is_webhook(url):
        raise typer.BadParameter(_NO_WEBHOOK, param_hint="URL")
    with open_shop(context) as database:
        with database.reading() as conn:
            place = people.store_by_code(conn, code)
        if place is None:
            raise NotFoundError(f"没有门店 {code}。看名单：zhanggui store list")
        database.transact(lambda conn: shop.set_webhook(conn, place.id, None if url == "off" else url))
    given(context).tell(f"✓ {place.name} 的群消息推送{'关了' if url == 'off' else '记下了'}")


_NO_WEBHOOK = (
    "群机器人的地址不完整：请在企业微信的内部群里打开 群设置 → 消息推送（群机器人），把 Webhook 地址整个复制下来，"
    "样子是 https://…/cgi-bin/webhook/send?key=…，写在单引号里。不要了就写 off"
)


def _is_webhook(url: str) -> bool:
    """Whether an address is whole, as the group shows it; another host serves as well."""
    from urllib.parse import parse_qs, urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "127.0.0.1")
    return safe and bool(parts.netloc) and parts.path.endswith("/send") and bool(parse_qs(parts.query).get("key"))


@store.command("list")
def list_stores(context: typer.Context) -> None:
    """List the stores: code, name, city, how far their orders reach.

    Example:  zhanggui store list
    """
    from bot.db import people, shop

    with open_shop(context) as database, database.reading() as conn:
        found, zone = shop.all_stores(conn), people.chain_zone(conn)
    for one in found:
        reach = f"订单到 {one.data_at.astimezone(zone):%Y-%m-%d %H:%M}" if one.data_at else "还没有订单"
        typer.echo("  ".join(filter(None, (one.code, one.name, one.city, reach))))
