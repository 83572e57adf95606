"""Files sent in a chat: 文件 导入. A file stays here no longer than it takes to say what is to be done with it."""

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from bot.chat import Choice, File, Reply
from bot.commands import EVERYONE, Context, as_typed, command
from bot.db import people
from bot.db.core.engine import keys_of
from bot.db.talk import errands
from bot.db.talk.conversations import MENU_LIFE
from bot.domain.errors import ConflictError, NotAllowedError, NotFoundError, UsageError
from bot.domain.shop import Role

_TABLES = (".csv", ".xlsx")
_KINDS = {"orders": "订单", "customers": "客户", "products": "商品"}
_CHAIN_WIDE = "products"
_IMPORTERS: tuple[Role, ...] = ("manager", "hq", "admin")
_NO_THANKS = "不要"
_NO_FILE = "请先把文件发给我，再选要导入什么。"
_ASKED = "这是什么表？导入会新增和更新，不能撤。"
_REMEMBERED = MENU_LIFE + timedelta(hours=1)  # as long as somebody may press its keys


@command("文件", takes=as_typed, roles=EVERYONE)
def received(ctx: Context, text: str) -> Reply:
    """问这个文件要做什么"""
    if not ctx.files:
        what, _, sealed = text.partition(" ")
        if what == _NO_THANKS and sealed:
            return _let_go(ctx, sealed)
        raise UsageError("请把文件直接发给我：CSV 或 Excel（.xlsx）的订单、客户、商品表。")
    try:
        file = _wanted(ctx)
    except (UsageError, NotAllowedError):
        for one in ctx.files:
            Path(one.path).unlink(missing_ok=True)
        raise
    seal = keys_of(ctx.conn).seal_json("files.choice", ctx.staff.id, [file.name, file.path]).hex()
    kinds = [(kind, name) for kind, name in _KINDS.items() if kind != _CHAIN_WIDE or ctx.staff.role != "manager"]
    choices = tuple(Choice(f"导入{name}", f"导入 {kind} {seal}") for kind, name in kinds)
    return Reply(f"收到「{file.name}」。{_ASKED}", (*choices, Choice("算了", f"文件 {_NO_THANKS} {seal}")), focus=False)


def _wanted(ctx: Context) -> File:
    """The file, if this person may have it imported; one at a time."""
    if len(ctx.files) > 1:
        raise UsageError("一次发一个文件，请分开发。")
    file = ctx.files[0]
    if not file.name.lower().endswith(_TABLES):
        raise UsageError("我只收 CSV 或 Excel（.xlsx）的订单、客户、商品表；图片我看不懂，请打字告诉我。")
    if ctx.staff.role not in _IMPORTERS:
        raise NotAllowedError("导入文件要店长来做，请把文件发给店长。")
    if not ctx.address.private:
        raise NotAllowedError("表里有客户资料，请私聊发给我，别发在群里。")
    return file


def _let_go(ctx: Context, sealed: str) -> Reply:
    name, path = _opened(ctx, sealed)
    _refuse_known(ctx, path)
    Path(path).unlink(missing_ok=True)
    return Reply(f"好，没有导入，「{name}」已删。", focus=False)


@command("导入", takes=as_typed, roles=_IMPORTERS)
def take_in(ctx: Context, text: str) -> Reply:
    """把刚才的文件导进来"""
    kind, _, sealed = text.partition(" ")
    if kind not in _KINDS or not sealed:
        raise UsageError(_NO_FILE)
    name, path = _opened(ctx, sealed)
    store = people.store_code(ctx.conn, ctx.staff.store_id) if ctx.staff.store_id else None
    manages = ctx.staff.role == "manager"
    if manages and kind == _CHAIN_WIDE:
        raise NotAllowedError("商品是全部门店的，请总部或管理员来导入。")
    if manages and store is None:
        raise NotAllowedError("你不属于某一家店，请总部或管理员来导入。")
    _refuse_known(ctx, path)
    if not Path(path).is_file():
        raise NotFoundError("那个文件已经不在了，请重新发一次。")
    with suppress(OSError):
        os.utime(path)  # it is wanted: its time begins anew
    wants = {"name": name, "path": path, "kind": kind, "store": store, "only": manages}
    errands.add(ctx.conn, ctx.staff.id, "import", wants, ctx.now)
    return Reply(f"好，正在导入「{name}」（{_KINDS[kind]}），导完告诉你。", focus=False)


def _opened(ctx: Context, sealed: str) -> tuple[str, str]:
    """What the file is called and where it lies, from a key shown to this very person."""
    try:
        name, path = keys_of(ctx.conn).unseal_json("files.choice", ctx.staff.id, bytes.fromhex(sealed))
    except ValueError as error:
        raise UsageError(_NO_FILE) from error
    return name, path


def _refuse_known(ctx: Context, path: str) -> None:
    """A file is imported once, however often its keys are pressed."""
    state = errands.state_of(ctx.conn, ctx.staff.id, path, ctx.now - _REMEMBERED)
    if state == "new":
        raise ConflictError("这个文件已经在导入了，导完告诉你。")
    if state == "done":
        raise ConflictError("这个文件已经导过了。")
