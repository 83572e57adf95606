"""Who is due because of a day: birthdays and anniversaries, care by cycle, what is nearly used up, coupons that end."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

from bot.actions.lists.asking import Asking, ask, of_one
from bot.actions.lists.candidates import Due
from bot.actions.lists.place import Place
from bot.db.lists import due, known
from bot.db.offers import coupons
from bot.domain import birthdays, words
from bot.domain.birthdays import Birthday
from bot.domain.calendar import keeping, lunar, months, occurrences
from bot.domain.calendar.occurrences import Celebration, Keeping
from bot.domain.lists.phrases import CHILD
from bot.domain.selling.offers import Coupon
from bot.domain.shop import Product
from bot.domain.stats import RecentLine

ENDING_DAYS = 3
COUPON_DAYS = 3
"""A birthday's coupon is good for a week: given earlier it would not last."""
CONSUMED = ("supermarket", "beauty", "baby")
"""Trades whose goods are used up at home."""
_CARE = "，只问候，别发券"
_NEAR = (-2, 4)  # days from when it should be used up
_LEAST_TIMES, _LEAST_GAP = 3, 5
_LATELY = 400
_OLDEST = 4 * 366 + 1
_SOON = 100.0
Pace = tuple[int, int, int, RecentLine]
"""How many days late, her interval, over how many purchases, and the newest line."""


# --- birthdays and anniversaries -------------------------------------------------------------------------------


def celebrations(place: Place, *, until: int | None = None) -> Asking[list[Due]]:
    """Birthdays and anniversaries, a customer once: what falls to her of several days stands together."""
    found: dict[int, list[Due]] = {}
    every = yield from _celebrations(place, until)
    for one in every:
        found.setdefault(one.customer_id, []).append(one)
    return _first_first(map(_together, found.values()))


def _first_first(dues: Iterable[Due]) -> list[Due]:
    return sorted(dues, key=lambda one: (-one.score, one.customer_id))


def _together(hers: list[Due]) -> Due:
    """Her own day first, then the others."""
    first, *rest = sorted(hers, key=lambda one: (bool(one.what), -one.score))
    if not rest:
        return first
    reason = "；".join([first.reason, *(_shorter(one.reason) for one in rest)])
    evidence = tuple(line for one in (first, *rest) for line in one.evidence)
    return replace(first, reason=reason, evidence=evidence, score=max(one.score for one in hers))


def _shorter(reason: str) -> str:
    """That only greetings are meant, in the brackets that are there."""
    bare = reason.replace(_CARE, "")
    head, closes, rest = bare.partition("）")
    return f"{head}，只问候）{rest}" if closes else f"{bare}（只问候）"


def _celebrations(place: Place, until: int | None) -> Asking[list[Due]]:
    """Birthdays and anniversaries of today and the days ahead that the chain wants; `until`: of all days till then."""
    how, dates, indexes = _window(place, until)
    found = []
    born = yield from of_one(due.born, place.store.id, indexes)
    for customer_id, birthday in born or ():
        day = birthdays.read(birthday)
        found += [_birthday(place, customer_id, day, one, how) for one in _falling(day, dates, how)]
    dated = yield from of_one(due.dated, place.store.id, indexes)
    for customer_id, said in dated or ():
        day = birthdays.read(said["value"])
        found += [_dated(place, customer_id, said, one) for one in _falling(day, dates, how)]
    return found


def _window(place: Place, until: int | None) -> tuple[Keeping, frozenset[date], tuple[bytes, ...]]:
    """How odd days are kept, the days that are told, and what whoever celebrates then is found by."""
    kept = keeping.read(place.chain.settings.keeping)
    ahead = (0, *kept.ahead) if until is None else tuple(range(until + 1))
    dates, keys = _keyed(place.today, ahead, kept.how)
    return kept.how, dates, place.chain.indexes(keys)


@lru_cache(maxsize=16)
def _keyed(today: date, ahead: tuple[int, ...], how: Keeping) -> tuple[frozenset[date], frozenset[str]]:
    dates = frozenset(today + timedelta(days=one) for one in ahead)
    return dates, frozenset(key for on in dates for key in occurrences.keys_on(on, how))


def _falling(day: Birthday | None, dates: Collection[date], how: Keeping) -> list[Celebration]:
    if day is None:
        return []
    found = occurrences.celebrations(day, min(dates), max(dates), how)
    return [one for one in found if one.on in dates]


def _birthday(place: Place, customer_id: int, day: Birthday | None, one: Celebration, how: Keeping) -> Due:
    child = day is not None and occurrences.is_child(day, one.on, how) is True
    said = f"{words.day(one.on, place.today)}生日{_bracketed(_kept(day, one))}{_early(place, one.on)}"
    reason = f"{said}，未满14岁只问候，别发券" if child else said
    evidence = (f"档案里的生日：{day.say() if day else ''}，今年是{one.on:%m-%d}",)
    ahead = (one.on - place.today).days
    return Due(
        customer_id,
        "birthday",
        _soon(place, one.on),
        reason,
        evidence,
        care=child or ahead > COUPON_DAYS,
        said=(CHILD[bool(ahead)].format(day=words.day(one.on, place.today)),) if child else (),
        day=words.day(one.on, place.today) if ahead else "",
    )


def _dated(place: Place, customer_id: int, said: Mapping[str, Any], one: Celebration) -> Due:
    """A relative's birthday, or an anniversary: greetings alone."""
    whose = words.whose(said.get("of"))
    day = birthdays.read(said["value"])
    years = f"{one.years}{'岁' if said['kind'] == 'birthday' else '周年'}" if one.years else ""
    what = "生日" if said["kind"] == "birthday" else "纪念日"
    when = words.day(one.on, place.today)
    return Due(
        customer_id,
        "birthday" if said["kind"] == "birthday" else "anniversary",
        _soon(place, one.on),
        f"{when}{whose}{what}{_bracketed(years, _kept(day, one))}{_early(place, one.on)}{_CARE}",
        (f"记过{whose}{what}：{day.say() if day else ''}，今年是{one.on:%m-%d}",),
        care=True,
        what=whose or "家人",
        day=when if one.on > place.today else "",
    )


def _early(place: Place, on: date) -> str:
    """More than a day before it is to be made ready, not wished yet."""
    return "，先备着，当天再问候" if (on - place.today).days > 1 else ""


def _kept(day: Birthday | None, one: Celebration) -> str:
    """How a day is kept that is not the one of its name."""
    if day is None or (not day.lunar and (one.on.month, one.on.day) == (day.month, day.day)):
        return ""
    if day.lunar:
        return f"{day.say()}={one.on:%m-%d}"
    return f"{day.month}/{day.day}生，按{one.on.month}/{one.on.day}"


def _bracketed(*notes: str) -> str:
    said = "，".join(filter(None, notes))
    return f"（{said}）" if said else ""


def _soon(place: Place, on: date) -> float:
    return _SOON - (on - place.today).days


def is_today(due: Due) -> bool:
    """Whether something is celebrated today."""
    return due.score >= _SOON


# --- care by cycle ---------------------------------------------------------------------------------------------


def cares(place: Place) -> Asking[list[Due]]:
    """Who is due for a step of care: counted from a child's birth, or from what she bought last."""
    found = []
    if starts := _starts(place.vertical, "bought", place.today):
        bought = yield from of_one(due.bought_on, place.store.id, tuple(starts))
        found += [
            _care(customer_id, starts[last_on], f"上次{last_on:%m-%d}买的，{starts[last_on].called}")
            for customer_id, last_on in bought or ()
        ]
    if births := _starts(place.vertical, "birth", place.today):
        indexes = place.chain.indexes(_keys_of(births))
        dated = yield from of_one(due.dated, place.store.id, indexes)
        for customer_id, said in dated or ():
            day = birthdays.read(said["value"])
            born = occurrences.first_day(day) if day and said["kind"] == "birthday" and said.get("of") else None
            if born and (step := births.get(born)):
                found.append(_care(customer_id, step, f"孩子{born.isoformat()}生，今天{step.called}"))
    return _first_first(found)


def _care(customer_id: int, step: months.Care, why: str) -> Due:
    reason = f"{step.called}{_CARE}"
    return Due(customer_id, "care", 1, reason, (why,), care=True, said=(step.words,))


@lru_cache(maxsize=16)
def _starts(vertical: str, after: str, today: date) -> Mapping[date, months.Care]:
    """The days from which a step of care falls on today."""
    steps = [one for one in months.cares(vertical) if one.after == after]
    back = (today - timedelta(days=days) for days in range(_OLDEST))
    return {start: step for start in back for step in steps if any(step.on(start, today, today))} if steps else {}


def _keys_of(births: Iterable[date]) -> Iterator[str]:
    for born in births:
        moon = lunar.lunar(born)
        yield f"{born:%m-%d}"
        yield f"L:{moon.month:02}-{moon.day:02}"


# --- nearly used up --------------------------------------------------------------------------------------------


def used_up(place: Place) -> Asking[list[Due]]:
    """Who should have used up what she buys of a category, by her own interval in it."""
    if place.vertical not in CONSUMED:
        return []
    first, last = place.today - timedelta(days=_LATELY), place.today - timedelta(days=_LEAST_GAP)
    found = yield from of_one(due.bought_between, place.store.id, first, last, _LEAST_TIMES)
    wanted = {line.product_id for _, recent in found or () for line in recent if line.product_id}
    goods = yield from ask(known.goods, wanted)
    paces = ((customer_id, _latest(place.today, recent, goods)) for customer_id, recent in found or ())
    return _first_first(_used_up(place.today, customer_id, pace, goods) for customer_id, pace in paces if pace)


def _latest(today: date, recent: Iterable[RecentLine], goods: Mapping[int, Product]) -> Pace | None:
    """What she is latest with, of all categories she buys."""
    by_category: dict[str, list[RecentLine]] = {}
    for line in recent:
        product = goods.get(line.product_id or 0)
        if product:
            by_category.setdefault(product.category or product.name, []).append(line)
    paces = [pace for lines in by_category.values() if (pace := _pace(today, lines))]
    return max(paces, key=lambda pace: pace[0]) if paces else None


def _used_up(today: date, customer_id: int, pace: Pace, goods: Mapping[int, Product]) -> Due:
    late, gap, times, line = pace
    what = goods[line.product_id or 0].name
    reason = f"{what}快用完：平时{gap}天买一次，已{(today - line.on).days}天"
    evidence = (f"最近{times}次买这一类，平均隔{gap}天，上次{line.on:%m-%d}，该用到{line.on + timedelta(gap):%m-%d}",)
    return Due(customer_id, "replenish", 10.0 + late, reason, evidence, what=what)


def _pace(today: date, lines: list[RecentLine]) -> Pace | None:
    """How many days late, her interval, over how many purchases, and the newest line; None where it is not due.

    More pieces than usual last longer.
    """
    days = sorted({line.on for line in lines})
    if len(days) < _LEAST_TIMES:
        return None
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    gap = round(sum(gaps) / len(gaps))
    newest = [line for line in lines if line.on == days[-1]]
    usual = sum(line.quantity_milli for line in lines) / len(days)
    lasting = gap * max(1.0, sum(line.quantity_milli for line in newest) / usual) if usual > 0 else gap
    late = (today - days[-1]).days - round(lasting)
    return (late, gap, len(days), newest[0]) if gap >= _LEAST_GAP and _NEAR[0] <= late <= _NEAR[1] else None


# --- coupons that end ------------------------------------------------------------------------------------------


def expiring(place: Place) -> Asking[list[Due]]:
    """Who holds a coupon of this store that ends within three days."""
    last = place.today + timedelta(days=ENDING_DAYS)
    found = yield from of_one(coupons.ending, place.store.id, place.today, last)
    return [_expiring(place, one) for one in found or ()]


def _expiring(place: Place, one: Coupon) -> Due:
    day = words.day(one.ends_on, place.today)
    left = f"，还剩{one.uses_left}次" if one.uses > 1 else ""
    reason = f"{one.offer.name}{day}到期{left}"
    issued = f"{one.issued_at.astimezone(place.zone):%m-%d}发的{one.offer.name}（尾码 {one.tail}）"
    evidence = (f"{issued}，到{one.ends_on:%m-%d}，还没用",)
    score = 10.0 - (one.ends_on - place.today).days
    return Due(one.customer_id, "expiring", score, reason, evidence, care=True, what=one.offer.name, day=day)
