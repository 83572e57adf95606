"""Offers and coupons as staff read them, and the words that go to the customer with one."""

import re
from collections.abc import Sequence
from datetime import date

from bot.cards.offers import dated, offered, until, when
from bot.cards.profile import who
from bot.chat import LET_GO, Choice, Reply, numbered
from bot.domain import words
from bot.domain.customers import Sight
from bot.domain.selling import codes as coupon_codes
from bot.domain.selling.gate import Barred
from bot.domain.selling.offers import KINDS, Coupon, Offer, Terms


def listed(offers: Sequence[Offer], today: date, places: Sequence[str], *, gives: bool) -> Reply:
    """What is on."""
    if not offers:
        return Reply("现在没有在发的券。总部发「开券 满30减6 7天」就能开。", keeps_menu=True, focus=False)
    lines = [
        f"在发的券{len(offers)}种：",
        *(offered(one, today, place) for one, place in zip(offers, places, strict=True)),
    ]
    if gives:
        lines.append(f"发给她：先查她，再发「发 {offers[0].name}」。")
    return Reply("\n".join(lines), focus=False)


def hers(sight: Sight, held: Sequence[str], again: tuple[Choice, ...], gives: tuple[Choice, ...]) -> Reply:
    """Her coupons, a line each, with their words to be had again, and what may be given to her now."""
    choices = (*again, *gives)
    head = f"{who(sight)}有{len(held)}张没用的券：" if held else f"{who(sight)}现在没有可用的券。"
    rows = [f"{digit} {choice.label}" for digit, choice in numbered(choices)]
    lines = [head, *(f"· {line}" for line in held)]
    if again:
        lines.append("　".join(rows[: len(again)]))
    if gives:
        lines += ["可以发：", *rows[len(again) :]]
    return Reply("\n".join(lines), choices, about=(sight.customer.id,), keeps_menu=not choices)


def which(sight: Sight, choices: tuple[Choice, ...], title: str) -> Reply:
    """Which offer is meant; a digit gives it."""
    asked = (*choices, Choice("算了", LET_GO))
    lines = [f"{title}给 {who(sight)}", *(f"{digit} {choice.label}" for digit, choice in numbered(asked))]
    return Reply("\n".join(lines), asked, about=(sight.customer.id,))


_OUR_TURN = re.compile(r"·\d+$")
"""What tells two offers of one name apart in chat; nothing to a customer."""
_CONSIDERED = {
    "asks": "可以发，还没发。要发就回数字",
    "needs": "还没发，要店长或总部同意才能发。回数字就去请示",
    "refuses": "好，没有发",
    "told": "好，没有另外发券。要现在发就回数字",
    "later": "现在没有发。要现在发，或记下来，回数字",
    "unclear": "没听准是不是现在就发，没有发。要发就回数字",
}


def considered(sight: Sight | None, mood: str, against: str, choices: tuple[Choice, ...]) -> Reply:
    """A coupon was talked of and none was given; `against` is what stands against it, where it was asked after."""
    if sight is None:
        return Reply("没有发券。要发就先查她，再发「发 回归券」。", keeps_menu=True, focus=False)
    about = (sight.customer.id,)
    if against and not choices and mood != "refuses":
        return Reply(f"没有发。{against}", about=about, keeps_menu=True)
    title = _CONSIDERED[mood] if choices else "没有发券"
    rows = [f"{digit} {choice.label}" for digit, choice in numbered(choices)]
    return Reply("\n".join([f"{title}：{who(sight)}", *rows]), choices, about=about, keeps_menu=not choices)


def given(sight: Sight, coupon: Coupon, today: date, said: str, warning: str, token: str) -> Reply:  # noqa: PLR0913, PLR0917 — what was given, to whom, when, with what words, what to mind, and its token
    """It is out: tail and last day, words to be copied to her, and the way back."""
    lines = [
        f"已发 {who(sight)}：{coupon.offer.name}，尾码 {coupon.tail}，到{until(coupon.ends_on, today)}。错了回 撤",
        warning,
        "给她的话（长按复制）：",
        said,
    ]
    return Reply("\n".join(filter(None, lines)), (in_a_picture(token),), about=(sight.customer.id,))


def again(sight: Sight, said: str, token: str) -> Reply:
    """The words and the code once more."""
    return Reply(f"给 {who(sight)}，长按复制：\n{said}", (in_a_picture(token),), about=(sight.customer.id,))


def in_a_picture(token: str) -> Choice:
    """Her code as a QR picture."""
    return Choice("二维码", f"券码 #{token}")


def minding(bar: Barred | None) -> str:
    """What of the offer she must not have, for the guide alone."""
    return f"⚠️ 她不能要的：{words.join(bar.things)}，请提醒她选别的" if bar and bar.things else ""


def to_her(coupon: Coupon, greeting: str, today: date, *, tells: bool) -> str:
    """What she is sent: a greeting, what the coupon gives and when, its code and last day. `tells`: what it gives."""
    terms = coupon.offer.terms
    says_more = tells and terms.words.replace("元", "") != _OUR_TURN.sub("", coupon.offer.name)
    gives = words.join([terms.words if says_more else "", _by_hour(terms)])
    first = f"{dated(coupon.starts_on, today)}起，" if coupon.starts_on > today else ""
    last = dated(coupon.ends_on, today)
    code = f"券码 {coupon_codes.show(coupon.code)}，{first}到{last}，到店报给店员就行。"
    called = _OUR_TURN.sub("", coupon.offer.name)
    name = f"【{called}】{gives}"
    return "\n".join(filter(None, (greeting, name, code)))


def _by_hour(terms: Terms) -> str:
    said = when(terms)
    return f"{said}可用" if said and "点" not in terms.words else ""


def waits(sight: Sight, offer: Offer, why: str, told: Sequence[str], number: int) -> str:
    """It is more than she may give: who was asked."""
    whom = f"已请{words.join(told)}批（#{number}）" if told else f"记为待批 #{number}，请直接找店长"
    return f"{why}。{who(sight)}的「{offer.name}」{whom}，批了我告诉你。"


def kind_of(coupon: Coupon) -> str:
    """What kind of coupon it is, where its name may not be said."""
    return KINDS[coupon.offer.kind]
