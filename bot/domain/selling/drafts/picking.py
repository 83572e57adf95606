"""Which of the offers a guide means: by number, amount, name or kind, as loosely as she types it.

A name as it is written comes first. Two things named are two things meant: never one of them by guessing.
"""

import re
from collections.abc import Sequence

from bot.domain.selling.offers import KINDS, Kind, Offer
from bot.domain.text import normal

_FILLER = re.compile(r"^(?:给?[她他]|发|来|送|[一1]?[张个])+(?!元|块|号)|(?:挺?重要的?|吧|呗|啊|了|哈|给[她他])+$")
_BARE = re.compile(r"第?(\d{1,2})(?:[号张个]券?)?")
_WRITTEN = re.compile(r"(?:编号|#|No\.?) ?(\d{1,5})号?券?", re.IGNORECASE)
_AMOUNT = re.compile(r"(\d{1,5}(?:\.\d{1,2})?)(?:元|块钱?)?(?:的|无门槛)?(?:代金|抵用|优惠)?券?")
_COUPON = re.compile("的?(?:优惠)?券$|^优惠$")
_BETWEEN = re.compile("[ ,，、;；。+/]+|还有|以及|和|跟|或者?")
_KINDS: dict[Kind, str] = {
    "cut": "满减|立减|代金|抵用|减",
    "percent": "打折|折扣|折",
    "second_half": "(?:第二[杯件份个])?半价|第二[杯件份个]",
    "gift": "赠品|免单|赠|礼|送",
    "counted": "买.{0,3}送|次数|次卡",
    "pickup": "(?:到店)?自[提取]",
    "next_visit": "下次",
}
HEAD_IS_MONEY = re.compile(r"\d{1,5}(?:元|块|的)")
"""A text that begins so says an amount and not the last four digits of a number."""


def plain(text: str) -> str:
    """The words that name an offer, without those around them."""
    text, before = normal(text).strip(" ,，。!！"), ""
    while text != before:
        before, text = text, _FILLER.sub("", text).strip(" ,，。")
    return text


def row(text: str) -> int | None:
    """The bare number a text is (3, 3号, 第3张): a row of a list, not to be taken for anything else without asking."""
    found = _BARE.fullmatch(normal(text).strip())
    return int(found[1]) if found else None


def amount(text: str) -> int | None:
    """The money a text asks for, in fen: 50, 50块的, 50元券."""
    found = _AMOUNT.fullmatch(plain(text))
    return round(float(found[1]) * 100) if found else None


def picked(text: str, offers: Sequence[Offer]) -> list[Offer]:
    """The offers a text may mean, by the surest way that finds any; all where it names none.

    Where several things are named, what fits them all, else all that fit one of them.
    """
    wanted = plain(text)
    if not _COUPON.sub("", wanted):
        return list(offers)
    if exact := [one for one in offers if one.name in (wanted, normal(text).strip())]:
        return exact
    if written := _WRITTEN.fullmatch(wanted):
        return [one for one in offers if one.number == int(written[1])]
    if (number := row(text)) is not None:
        return [one for one in offers if one.number == number or (wanted.isdecimal() and _worth(one) == number * 100)]
    head, *others = parts(wanted)
    found = _meant(head, offers)
    for more in (also for other in others if (also := _meant(other, offers, surely=True))):
        found = [one for one in found if one in more] or [one for one in offers if one in found or one in more]
    return found


def parts(text: str) -> list[str]:
    """The things a text names one after the other; at least one."""
    return list(filter(None, _BETWEEN.split(plain(text)))) or [plain(text)]


def _meant(text: str, offers: Sequence[Offer], *, surely: bool = False) -> list[Offer]:
    """What one thing that is named may mean; `surely`: it says nothing else."""
    wanted = plain(text)
    short, fen = _COUPON.sub("", wanted), amount(wanted)
    if not short:
        return []
    named, left = [], wanted
    for one in sorted(offers, key=lambda one: -len(one.name)):  # 满30减6·2 before 满30减6
        if one.name in left:
            named.append(one)
            left = left.replace(one.name, " ")
    ways = (
        [one for one in offers if one.name == wanted],
        [one for one in offers if fen and _worth(one) == fen],
        [one for one in offers if short in one.name],
        [*named, *(one for one in offers if named and one not in named and _is_kind(one, plain(left), surely=True))],
        [one for one in offers if fen is None and _is_kind(one, short, surely=surely)],
    )
    return next((found for found in ways if found), [])


def nearest(text: str, offers: Sequence[Offer]) -> list[Offer]:
    """The offers by how near they come to the money a text asks for; as they are where it asks for none."""
    wanted = amount(text)
    return list(offers) if wanted is None else sorted(offers, key=lambda one: abs(_worth(one) - wanted))


def _worth(offer: Offer) -> int:
    """What it takes off, or what it may cost where it takes off no fixed sum."""
    return offer.terms.off_fen or offer.cost_fen


def _is_kind(offer: Offer, words: str, *, surely: bool = False) -> bool:
    if not words:
        return False
    found = re.fullmatch if surely else re.search
    short = _COUPON.sub("", words)
    return (short == KINDS[offer.kind] if surely else KINDS[offer.kind] in words) or (
        found(_KINDS[offer.kind], short) is not None
    )
