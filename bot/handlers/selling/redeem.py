"""At the counter: 核 redeems a coupon, 券码 shows its code to be scanned."""

import re
from dataclasses import dataclass, replace

from bot.actions import discretion, gate, pictures, redeeming
from bot.cards import facts as said
from bot.cards import redeeming as cards
from bot.cards.profile import who
from bot.chat import Reply
from bot.commands import SHOP, STORE, Context, as_typed, command
from bot.db import customers
from bot.db.core.engine import keys_of
from bot.db.offers import redemptions
from bot.db.offers.coupons import by_code, by_id, by_tail
from bot.db.offers.coupons import of_customer as hers
from bot.domain.customers import Sight
from bot.domain.errors import ConflictError, NotFoundError, UsageError
from bot.domain.selling import codes as coupon_codes
from bot.domain.selling.offers import KINDS, Coupon, Offer
from bot.domain.text import normal
from bot.handlers import writing
from bot.handlers.customers import Key, certainly, parse_key, seen

_FILLER = re.compile(r"^(?:一下|下|掉|销|券码|码|券|这张|尾码|尾号|后四位|[:：,，、])\s*|\s*(?:这张|的?券|吧|一下)$")
_MARKS = re.compile(r"[\s\-_.·:—–－/]+")
_TWO_FOURS = re.compile(r"\d{4}[\s\-_.:—–－/]+[0-9A-Za-z]{4}|\d{4}(?=\w*[A-Za-z])[0-9A-Za-z]{4}", re.ASCII)
_TOKEN = re.compile(r"#([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which coupon: a token from a list, a whole code, its last four, whose, or the last four of hers.

    `either`: digits that may end a code as well as a number; then `tail` and `key` are two readings of them.
    """

    token: str = ""
    code: str = ""
    tail: str = ""
    key: Key = Key()  # noqa: RUF009 — frozen
    either: bool = False


def parse_redeem(text: str) -> Asked:
    """`k3t9`, `K7M2P-9QRTV-K3T9`, `8000`, `8000 k3t9`, a name, or nothing: hers who is spoken of."""
    plain = normal(text)
    if token := _TOKEN.fullmatch(plain):
        return Asked(token=token[1])
    while (bare := _FILLER.sub("", plain)) != plain:
        plain = bare
    joined = _MARKS.sub("", plain)
    if not joined.isascii() or not joined.isalnum():
        return _of_her(plain)
    if _TWO_FOURS.fullmatch(plain):
        return _of_her(f"{joined[:4]} {joined[4:]}")
    if joined.isdecimal():
        tail = joined if len(joined) == coupon_codes.TAIL and set(joined) <= set(coupon_codes.ALPHABET) else ""
        return Asked(tail=tail, key=parse_key(joined), either=bool(tail))
    if len(joined) == coupon_codes.TAIL:
        return Asked(tail=coupon_codes.read_tail(joined))
    return Asked(code=coupon_codes.read(joined))


def _of_her(plain: str) -> Asked:
    """Whose, and perhaps the last four behind."""
    head, _, last = plain.rpartition(" ")
    if not (head and len(last) == coupon_codes.TAIL and last.isascii() and last.isalnum()):
        return Asked(key=parse_key(plain) if plain else Key())
    if last.isdecimal() and not head.isdecimal():  # 王芳 2345: the end of a code, or of her number
        tail = last if set(last) <= set(coupon_codes.ALPHABET) else ""
        return Asked(tail=tail, key=parse_key(plain), either=bool(tail))
    return Asked(tail=coupon_codes.read_tail(last), key=parse_key(head))


@command(
    "核",
    "核销",
    "核券",
    "核一下",
    "用券",
    "hexiao",
    "hx",
    takes=parse_redeem,
    example="/核 2203",
    roles=STORE,
    writes=True,
)
def redeem(ctx: Context, asked: Asked) -> Reply:
    """核销券：发券码后四位、整个券码，或客人的后四位"""
    if not asked.token:
        redeeming.refuse_guessing(ctx.conn, ctx.staff.id, ctx.now)
    if asked.code:
        return _done(ctx, _by_code(ctx, asked.code))
    found, sure = _meant(ctx, asked)
    if not found:
        raise _none(ctx, asked)
    if len(found) == 1 and sure:
        return _done(ctx, found[0][0])
    token = keys_of(ctx.conn).token
    shown = [(_named(ctx, coupon), sight, token(coupon.id, ctx.staff.id)) for coupon, sight in found]
    return cards.which(shown, ctx.staff, ctx.now)


def _by_code(ctx: Context, code: str) -> Coupon:
    coupon = by_code(ctx.conn, code)
    if coupon is None:
        raise NotFoundError("没有这张券，请再看一眼券码。")
    return coupon


def _named(ctx: Context, coupon: Coupon) -> Coupon:
    """A coupon as it may be called here: by its kind where nothing of her may be shown, for 生日券 tells a birthday."""
    if ctx.staff.veil != "closed":
        return coupon
    return replace(coupon, offer=replace(coupon.offer, name=KINDS[coupon.offer.kind]))


def _sight(ctx: Context, coupon: Coupon) -> Sight | None:
    return customers.by_id(ctx.conn, coupon.customer_id, seen_by=ctx.staff)


def _meant(ctx: Context, asked: Asked) -> tuple[list[tuple[Coupon, Sight]], bool]:
    """The coupons that may be meant, each with its owner, and whether a single one is sure to be it."""
    today = ctx.now.astimezone(ctx.staff.zone).date()
    if asked.token:
        row_id = keys_of(ctx.conn).untoken(asked.token, ctx.staff.id)
        coupon = by_id(ctx.conn, row_id) if row_id else None
        if coupon or row_id is None:
            return _with_owners(ctx, [coupon] if coupon else []), True
        asked = Asked(key=Key(token=asked.token))
    coupons = [one for one in by_tail(ctx.conn, asked.tail, ctx.staff) if one.ends_on >= today] if asked.tail else []
    if asked.tail and asked.key and not asked.either:
        owners = {sight.customer.id for sight in _people(ctx, asked.key)}
        return _with_owners(ctx, [one for one in coupons if one.customer_id in owners]), True
    people = _people(ctx, asked.key) if asked.key or not asked.tail else []
    for sight in people:
        coupons += [one for one in hers(ctx.conn, sight.customer.id, today) if one.id not in {c.id for c in coupons}]
    return _with_owners(ctx, coupons), len(people) < 2 and bool(asked.key or asked.tail)


def _people(ctx: Context, key: Key) -> list[Sight]:
    """Whom a key means; what is no number must fit one alone, as for every write."""
    told = key.mention
    if key.token or key.number or told.phone or told.last4 or not key:
        return seen(ctx, key)
    return [certainly(ctx, key)]


def _with_owners(ctx: Context, coupons: list[Coupon]) -> list[tuple[Coupon, Sight]]:
    return [(coupon, sight) for coupon in coupons if (sight := _sight(ctx, coupon))]


def _none(ctx: Context, asked: Asked) -> Exception:
    """Why there is nothing to redeem: used already, over, none of hers, or no such thing."""
    if asked.tail:
        gone = [by_id(ctx.conn, row_id) for row_id in redemptions.gone_by_tail(ctx.conn, asked.tail)]
        over = by_tail(ctx.conn, asked.tail, ctx.staff)
        for coupon in (*gone, *over):
            if coupon and _sight(ctx, coupon):
                redeeming.look(ctx.conn, _named(ctx, coupon), ctx.staff.store_id or 0, ctx.now)
    if asked.tail and asked.key and not asked.either:
        return NotFoundError(f"没有找到这位客户，或没有尾码 {asked.tail} 的券，请再看一眼。")
    if asked.key or not asked.tail:
        people = _people(ctx, asked.key)
        if len(people) == 1:
            return ConflictError(f"{who(people[0])}现在没有能用的券。")
        if people:
            return ConflictError(f"这{len(people)}位现在都没有能用的券。")
        if not asked.key and not asked.token:
            return UsageError("核哪张？发券码后四位，或客人的后四位。")
    if asked.tail:
        return NotFoundError(f"没有尾码 {asked.tail} 的券。请再看一眼；别的店发的要发整个券码。")
    return NotFoundError("没有找到这张券或这位客户。")


def _done(ctx: Context, coupon: Coupon) -> Reply:
    sight = _sight(ctx, coupon)
    work = writing.writer(ctx)
    left = redeeming.redeem_in_chat(work, _named(ctx, coupon)).coupon
    whose = writing.who(ctx, sight) if sight else ""
    writing.close(ctx, work, "核", f"{whose}核销 {coupon.offer.name}", sight.customer.id if sight else None)
    warning = _warning(ctx, sight, coupon.offer) if sight else cards.STRANGER
    return cards.done(left, sight, warning, ctx.now, ctx.staff.zone)


def _warning(ctx: Context, sight: Sight, offer: Offer) -> str:
    """What of her must be minded before anything is handed over."""
    known = gate.known_of(ctx.conn, sight.customer.id, ctx.now)
    found = gate.barred_by(ctx.conn, known, offer)
    allergies = [fact for fact in known.facts if fact.kind == "allergy" and fact.state != "void" and not fact.of]
    if gate.tells_nothing(ctx.staff):
        return said.NOTICE if found or allergies else ""
    text = cards.warning(found.facts, found.things) if found else cards.warning(allergies, ())
    return discretion.words(ctx.conn, ctx.staff, text, sight)


@command("券码", takes=as_typed, roles=SHOP)
def show_code(ctx: Context, token: str) -> Reply:
    """出示二维码：给客人扫，或给收银扫"""
    row_id = keys_of(ctx.conn).untoken(token.removeprefix("#"), ctx.staff.id)
    coupon = by_id(ctx.conn, row_id) if row_id else None
    sight = _sight(ctx, coupon) if coupon else None
    if coupon is None or sight is None:
        raise NotFoundError("没有这张券。先查她，再从她的券里点。")
    if coupon.state != "live":
        raise ConflictError(f"这张券已经{'用完' if coupon.state == 'used' else '作废'}了，没有码可出示。")
    return cards.code(_named(ctx, coupon), sight, pictures.qr(ctx.pictures, coupon.code))
