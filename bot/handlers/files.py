"""Files sent in a chat, and the group of a store: 文件 导入 本群 播报."""

import re
from pathlib import Path

from bot.chat import LET_GO, Choice, Reply
from bot.commands import EVERYONE, LEADERS, Context, as_typed, command
from bot.db import people
from bot.db.core.engine import keys_of
from bot.db.talk import errands, inbox, outbox, rooms
from bot.domain.errors import ConflictError, NotAllowedError, NotFoundError, UsageError
from bot.domain.shop import Role
from bot.domain.text import normal, spoken_digits

_TABLES = (".csv", ".xlsx")
_KINDS = {"orders": "订单", "customers": "客户", "products": "商品"}
_IMPORTERS: tuple[Role, ...] = ("manager", "hq", "admin")


@command("文件", takes=as_typed, roles=EVERYONE)
def received(ctx: Context, _caption: str) -> Reply:
    """问这个文件要做什么"""
    if not ctx.files:
        raise UsageError("请把文件直接发给我：CSV 或 Excel（.xlsx）的订单、客户、商品表。")
    file = ctx.files[0]
    if not file.name.lower().endswith(_TABLES):
        Path(file.path).unlink(missing_ok=True)
        raise UsageError("我只收 CSV 或 Excel（.xlsx）的订单、客户、商品表；图片我看不懂，请打字告诉我。")
    if ctx.staff.role not in _IMPORTERS:
        Path(file.path).unlink(missing_ok=True)
        raise NotAllowedError("导入文件要店长来做，请把文件发给店长。")
    if not ctx.address.private:
        Path(file.path).unlink(missing_ok=True)
        raise NotAllowedError("表里有客户资料，请私聊发给我，别发在群里。")
    seal = keys_of(ctx.conn).seal_json("files.choice", ctx.staff.id, [file.name, file.path]).hex()
    choices = tuple(Choice(f"导入{name}", f"导入 {kind} {seal}") for kind, name in _KINDS.items())
    return Reply(f"收到「{file.name}」。这是什么表？", (*choices, Choice("算了", LET_GO)), focus=False)


@command("导入", takes=as_typed, roles=_IMPORTERS)
def take_in(ctx: Context, text: str) -> Reply:
    """把刚才的文件导进来"""
    kind, _, sealed = text.partition(" ")
    if kind not in _KINDS or not sealed:
        raise UsageError("请先把文件发给我，再选要导入什么。")
    try:
        name, path = keys_of(ctx.conn).unseal_json("files.choice", ctx.staff.id, bytes.fromhex(sealed))
    except ValueError as error:
        raise UsageError("请先把文件发给我，再选要导入什么。") from error
    if not Path(path).is_file():
        raise NotFoundError("那个文件已经不在了，请重新发一次。")
    store = _own_store(ctx)
    errands.add(ctx.conn, ctx.staff.id, "import", {"name": name, "path": path, "kind": kind, "store": store}, ctx.now)
    return Reply(f"好，正在导入「{name}」（{_KINDS[kind]}），导完告诉你。", focus=False)


def _own_store(ctx: Context) -> str | None:
    """Rows that name no store are of the manager's own."""
    if ctx.staff.store_id is None:
        return None
    return people.store_code(ctx.conn, ctx.staff.store_id)


@command("本群", "绑定本群", takes=as_typed, example="/本群", roles=_IMPORTERS)
def this_group(ctx: Context, text: str) -> Reply:
    """在群里发：这个群就是你门店的群（总部写：/本群 001）"""
    if ctx.address.private:
        raise UsageError("请在要绑定的那个群里发「/本群」。")
    code = text.split(maxsplit=1)[0] if text else _own_store(ctx)
    place = people.store_by_code(ctx.conn, code) if code else None
    if place is None:
        raise UsageError("请写上门店号，例：/本群 001")
    if ctx.staff.role == "manager" and place.id != ctx.staff.store_id:
        raise NotAllowedError("只能绑定自己门店的群，别的门店请找那里的店长或总部。")
    rooms.settle(ctx.conn, ctx.address, place.id, ctx.staff.id, ctx.now)
    return Reply(f"这个群现在是{place.name}的群：播报发到这里，客户资料只私信本人。", focus=False)


_PHONE = re.compile(r"1[3-9][0-9]{9}")


@command("播报", "群发", takes=as_typed, example="/播报 明天上新：桂花乌龙，请大家试饮", roles=LEADERS)
def announce(ctx: Context, text: str) -> Reply:
    """发一条到门店群（总部写：/播报 001 内容）"""
    code, _, rest = text.partition(" ")
    place = people.store_by_code(ctx.conn, code)
    if place is None or ctx.staff.role == "manager":
        own = _own_store(ctx)
        place, rest = (people.store_by_code(ctx.conn, own) if own else None), text
    if place is None:
        raise UsageError("发到哪家店？请写上门店号，例：/播报 001 明天上新")
    if not rest.strip():
        raise UsageError("播报什么？请写在后面。")
    if _PHONE.search(spoken_digits(normal(rest))):
        raise NotAllowedError("群里不能发客户的手机号，请去掉再发。")
    if not rooms.reaches(ctx.conn, place.id):
        raise ConflictError(f"{place.name}还没有群：请在群里发「/本群」，或让管理员设群消息推送。")
    said = _as_written(ctx, rest.strip())
    outbox.announce(ctx.conn, place.id, f"announce:{ctx.unit}", f"{said}\n——{ctx.staff.name}", ctx.now)
    return Reply(f"好，发到{place.name}群。", focus=False)


def _as_written(ctx: Context, text: str) -> str:
    """The same words as they were typed: what is read out keeps its punctuation."""
    written = inbox.text_of(ctx.conn, ctx.unit).strip()
    places = (start for start in range(len(written)) if normal(written[start:]) == text)
    return written[next(places, 0) :] if text in normal(written) else text
