"""Reading an offer out of a line: 满30减6 7天 茶饮 限100张 每人1张 预算600 工作日15-17点 001店, in any order.

What is understood is taken out of the text piece by piece; what is left must name goods, and is asked about if not.
"""

import re
from dataclasses import replace
from datetime import date
from typing import NoReturn

from bot.domain.errors import UsageError
from bot.domain.selling.drafts.times import Times, times
from bot.domain.selling.drafts.values import Draft
from bot.domain.selling.offers import KINDS, Kind, Terms
from bot.domain.text import normal, number

_YUAN = r"(\d{1,6}(?:\.\d{1,2})?)(?:元|块钱?)?"
_COUNT = r"(\d{1,6}|[一二两三四五六七八九十百]{1,4})"
_PIECE = "[件杯份个盒瓶次包]"
_CUTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:消费)?[满滿]{_YUAN}立?减{_YUAN}",
        rf"()(?:立减|直减|无门槛减?|减|抵|优惠){_YUAN}",
        r"()(\d{1,6}(?:\.\d{1,2})?)(?:元|块)(?:无门槛|代金券?|抵用券?|现金券|的?券)?",
    )
)
_PERCENT = re.compile(r"(\d{1,2}(?:\.\d)?|[一二三四五六七八九]{1,2})折(?:券)?")
_SECOND = re.compile(rf"第?[二2]{_PIECE}半价")
_HALF = re.compile(r"半价|对折|五折")
_COUNTED = re.compile(rf"买{_COUNT}{_PIECE}?[送赠]{_COUNT}{_PIECE}?")
_GIFT = re.compile(rf"(?:免费)?[送赠](?:[一1]{_PIECE})? ?([^ ,。;、\d]{{2,12}})")
_PICKUP = re.compile("(?:到店)?自[提取]券?")
_NEXT = re.compile("下次(?:券|用|来|再来)?")
_BUDGET = re.compile(rf"(?:总)?预算 ?{_YUAN}")
_MOST = re.compile(rf"(?:最多减|最高减|封顶|上限) ?{_YUAN}")
_COST = re.compile(rf"(?:每张)?成本 ?{_YUAN}")
_EACH = re.compile(rf"(?:每|一)[人位个](?:客人|顾客)?(?:限领|限|最多)? ?{_COUNT}张")
_CAP = re.compile(rf"(?:限量|限|一共|总共|共|总|最多|发)? ?{_COUNT}张")
_STORE = re.compile(
    r"(?:只在|仅限|限|在)?(?<!\d)(\d{3}|\d{1,2}号)店|(?:只在|仅限|限|在)([一-龥]{2,8}店)|([一-龥]{2,6}店)(?= |,|$)"
)
_EVERYWHERE = re.compile("全部门?店|所有门?店|各店|全链|全部店通用|全国")
_NAME = re.compile('(?:名叫|名称叫?|名字叫?|叫做?)[:：是为 ]*[「“"]?([^ ,」”"]{2,12})[」”"]?')
_NAMELESS = re.compile("(?:^|[ ,，])(?:名称|名字|叫做?|名叫)[:：]?(?:$|[ ,，])")
_TITLE = re.compile(
    r"(?:^| )(?!消费|满|立减|减|买|[送赠]|第|下次|到店|自[提取]|无门槛|工作|每)([一-龥][一-龥\d]{1,9}券)(?= |,|$)"
)
_FILLER = re.compile(
    "^(?:仅限|只限|只能买|只能用于|限|适用于?|可用于|可买|用于|买|有效|全场|通用|所有商品|全部商品|的|券)+"
)


class _Rest:
    """The text that is not understood yet."""

    def __init__(self, text: str) -> None:
        self.text = text

    def take(self, *patterns: re.Pattern[str]) -> re.Match[str] | None:
        """The first of the patterns that is there, taken out."""
        for pattern in patterns:
            if found := pattern.search(self.text):
                self.text = f"{self.text[: found.start()]} {self.text[found.end() :]}"
                return found
        return None


def read(text: str, today: date) -> Draft:
    """The offer a text asks for; raises UsageError where it says no kind, or a number that cannot be."""
    rest = _Rest(normal(text))
    name = rest.take(_NAME)
    if _NAMELESS.search(rest.text):
        raise UsageError("名字叫什么？写在「叫」后面，2到12个字，比如：叫圣诞券。")
    title = rest.take(_TITLE)
    when, rest.text = times(rest.text, today)
    budget, most, cost, each = (rest.take(one) for one in (_BUDGET, _MOST, _COST, _EACH))
    everywhere, store = rest.take(_EVERYWHERE), rest.take(_STORE)
    kind, terms, gift = _gives(rest) or (title and _gives(_Rest(title[1]))) or _refuse()
    cap = rest.take(_CAP)
    draft = Draft(
        name=(name or title or [""] * 2)[1] or _named(kind, terms, gift),
        kind=kind,
        terms=replace(terms, weekdays=when.weekdays, from_minute=when.from_minute, to_minute=when.to_minute),
        goods=tuple(filter(None, (_FILLER.sub("", word) for word in re.split("[ ,。;、]+", rest.text)))),
        gift=gift,
        valid_days=when.valid_days,
        cap=_count(cap),
        cap_each=_count(each),
        budget_fen=_fen(budget),
        cost_fen=_fen(cost),
        most_fen=_fen(most),
        store=next(filter(None, store.groups()), "").removesuffix("号") if store else "",
        of_all_stores=everywhere is not None,
        starts_on=when.starts_on,
        ends_on=when.ends_on,
    )
    _refuse_nonsense(draft, when, today)
    return draft


def _gives(rest: _Rest) -> tuple[Kind, Terms, str] | None:
    """What it gives; pick-up and next-visit coupons give money off or a share as well."""
    pickup, later = rest.take(_PICKUP), rest.take(_NEXT)
    kind: Kind | None = "pickup" if pickup else "next_visit" if later else None
    if found := rest.take(_COUNTED):
        return kind or "counted", Terms(buy=number(found[1]) or 0, get=number(found[2]) or 0), ""
    if rest.take(_SECOND):
        return kind or "second_half", Terms(), ""
    how, terms, gift = _takes_off(rest)
    said = kind or how
    return (said, terms, gift) if said else None


def _refuse() -> NoReturn:
    raise UsageError(f"没看出给什么：{'、'.join(KINDS.values())}里选一种写，比如满30减6、第二件半价、送芋泥波波。")


def _takes_off(rest: _Rest) -> tuple[Kind | None, Terms, str]:
    if found := rest.take(_CUTS[0]):
        return "cut", Terms(least_fen=_money(found[1]), off_fen=_money(found[2])), ""
    if found := rest.take(_PERCENT, _HALF):
        return "percent", Terms(percent=_percent(found[1] if found.groups() else "5")), ""
    if found := rest.take(_GIFT):
        return "gift", Terms(), found[1]
    if found := rest.take(*_CUTS[1:]):
        return "cut", Terms(off_fen=_money(found[2])), ""
    return None, Terms(), ""


def _percent(said: str) -> int:
    """9.5折, 95折, 九五折 and 9折 as what is paid of a hundred."""
    plain = said if said[0].isdecimal() else str(number(said) or 0)
    return round(float(plain) * 10) if "." in plain or len(plain) == 1 else int(plain)


def said_percent(percent: int) -> str:
    """95折, 8折: what is paid of a hundred, as shops say it."""
    return f"{percent // 10}折" if percent % 10 == 0 else f"{percent}折"


def _named(kind: Kind, terms: Terms, gift: str) -> str:
    if kind == "counted":
        return f"买{terms.buy}送{terms.get}"
    if kind == "gift":
        return f"送{gift}券"
    if kind == "percent":
        return f"{said_percent(terms.percent)}券"
    if kind == "second_half":
        return KINDS[kind]
    if kind == "cut":
        return (
            f"满{terms.least_fen / 100:g}减{terms.off_fen / 100:g}"
            if terms.least_fen
            else f"{terms.off_fen / 100:g}元券"
        )
    return f"{KINDS[kind].removesuffix('券')}券"


def _refuse_nonsense(draft: Draft, when: Times, today: date) -> None:
    terms = draft.terms
    if terms.least_fen and terms.off_fen >= terms.least_fen:
        raise UsageError(f"满{terms.least_fen / 100:g}减{terms.off_fen / 100:g}，减的不能比满的多。")
    if not 1 <= terms.percent <= 100:
        raise UsageError("折扣要在1折到10折之间，比如95折、8.5折。")
    if draft.kind == "counted" and not (terms.buy and terms.get):
        raise UsageError("买几送几？比如买10送3。")
    if when.to_minute <= when.from_minute:
        raise UsageError("时间段反了，比如15-17点。")
    if draft.ends_on and draft.ends_on < max(draft.starts_on or today, today):
        raise UsageError("截止日期已经过了：要在今天以后，比如：到12月31日。")
    counts = (draft.valid_days, draft.cap, draft.cap_each)
    if any(count is not None and not 1 <= count <= 1_000_000 for count in counts):
        raise UsageError("天数和张数要从1起。")


def _money(said: str) -> int:
    return round(float(said or 0) * 100)


def _fen(found: re.Match[str] | None) -> int | None:
    return _money(found[1]) if found else None


def _count(found: re.Match[str] | None) -> int | None:
    return number(found[1]) if found else None
