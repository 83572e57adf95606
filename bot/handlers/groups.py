"""The group of a store: 本群 播报. Nothing said there names a customer."""

import re

from bot.chat import Reply
from bot.commands import LEADERS, Context, as_typed, command
from bot.db import customers, people
from bot.db.talk import inbox, outbox, rooms
from bot.domain import phones
from bot.domain.errors import ConflictError, NotAllowedError, UsageError
from bot.domain.shop import Role, Store
from bot.domain.text import normal, spoken_digits

_BINDERS: tuple[Role, ...] = ("manager", "hq", "admin")
_APART = r"[\s\-.()—–/·_*,、]"
_SEPARATORS = re.compile(_APART)
_RUN = re.compile(r"1[3-9]\d{9}")
_SPREAD = re.compile(rf"(?<!\d)1{_APART}{{0,3}}[3-9](?:{_APART}{{0,3}}\d){{9}}(?!\d)")


@command("本群", "绑定本群", takes=as_typed, example="/本群", roles=_BINDERS)
def this_group(ctx: Context, text: str) -> Reply:
    """在群里发：这个群就是你门店的群（总部写：/本群 001）"""
    if ctx.address.private:
        raise UsageError("请在要绑定的那个群里发「/本群」。")
    place = people.store_by_code(ctx.conn, text.split(maxsplit=1)[0]) if text else _own_store(ctx)
    if place is None:
        raise UsageError("请写上门店号，例：/本群 001")
    if ctx.staff.role == "manager" and place.id != ctx.staff.store_id:
        raise NotAllowedError("只能绑定自己门店的群，别的门店请找那里的店长或总部。")
    rooms.settle(ctx.conn, ctx.address, place.id, ctx.staff.id, ctx.now)
    return Reply(f"这个群现在是{place.name}的群：播报发到这里，客户资料只私信本人。", focus=False)


@command("播报", "群发", takes=as_typed, example="/播报 明天上新：桂花乌龙，请大家试饮", roles=LEADERS)
def announce(ctx: Context, text: str) -> Reply:
    """发一条到门店群，发出收不回（总部写：/播报 001 内容）"""
    place, said = _addressed(ctx, text)
    if not said:
        raise UsageError("播报什么？请写在后面。")
    written = _as_written(ctx, said)
    if _tells_a_number(ctx, said) or _names_a_customer(ctx, place, said, written):
        raise NotAllowedError("群里不能写客户的名字或手机号，请去掉再发。")
    if not rooms.reaches(ctx.conn, place.id):
        raise ConflictError(f"{place.name}还没有群：请在群里发「/本群」，或让管理员设群消息推送。")
    outbox.announce(ctx.conn, place.id, f"announce:{ctx.unit}", f"{written}\n——{ctx.staff.name}", ctx.now, urgent=True)
    return Reply(f"好，正在发到{place.name}群。", focus=False)


def _own_store(ctx: Context) -> Store | None:
    code = people.store_code(ctx.conn, ctx.staff.store_id) if ctx.staff.store_id else None
    return people.store_by_code(ctx.conn, code) if code else None


def _addressed(ctx: Context, text: str) -> tuple[Store, str]:
    """The store that is meant, named or her own, and what it is to hear."""
    code, _, rest = text.partition(" ")
    named, own = people.store_by_code(ctx.conn, code), _own_store(ctx)
    if named and ctx.staff.role == "manager" and (own is None or named.id != own.id):
        raise NotAllowedError("只能发自己门店的群，别的门店请找那里的店长或总部。")
    place = named or own
    if place is None:
        raise UsageError("发到哪家店？请写上门店号，例：/播报 001 明天上新")
    return place, (rest if named else text).strip()


def _tells_a_number(ctx: Context, said: str) -> bool:
    """Whether there is a mobile, however spread out or spoken, or another number that is a customer's."""
    plain = normal(said)
    for one in (plain, _SEPARATORS.sub("", plain)):
        figures = spoken_digits(one)
        if _RUN.search(figures) or _SPREAD.search(figures):
            return True
    found = [phone for phone, _, _ in phones.find(plain)]
    return any(phone.is_mobile or customers.chain_knows(ctx.conn, phone.e164) for phone in found)


def _names_a_customer(ctx: Context, place: Store, *texts: str) -> bool:
    """Whether somebody of the store is named in full; spaces between the letters hide nobody."""
    said = "\n".join([*texts, *("".join(text.split()) for text in texts)])
    return bool(customers.named_in(ctx.conn, said, place.id))


def _as_written(ctx: Context, text: str) -> str:
    """The same words as they were typed: what is read out keeps its punctuation."""
    written = inbox.text_of(ctx.conn, ctx.unit).strip()
    places = (start for start in range(len(written)) if normal(written[start:]) == text)
    return written[next(places, 0) :] if text in normal(written) else text
