"""How an offer and a coupon read on one line: what it gives, when it holds, what is left."""

from datetime import date

from bot.domain import words
from bot.domain.selling.offers import Coupon, Offer, Terms

_WEEKDAYS = "一二三四五六日"
_NAMED = {(): "", (1, 2, 3, 4, 5): "工作日", (6, 7): "周末"}
_HALVES = ((6, "凌晨"), (12, "上午"), (18, "下午"), (25, "晚上"))
_MIDNIGHT = 24 * 60


def when(terms: Terms) -> str:
    """When it holds: 工作日下午3点到5点; empty where it is every day and hour."""
    days = _NAMED.get(terms.weekdays) if terms.weekdays in _NAMED else None
    if days is None:
        days = words.join(f"周{_WEEKDAYS[day - 1]}" for day in terms.weekdays)
    if (terms.from_minute, terms.to_minute) == (0, _MIDNIGHT):
        return days
    begins, ends = _clock(terms.from_minute), _clock(terms.to_minute)
    return f"{days}{begins}到{ends[2:] if begins[:2] == ends[:2] else ends}"


def _clock(minute: int) -> str:
    """下午3点, 上午11点半, 晚上8:20; the end of the day is 晚上12点."""
    hour, rest = divmod(minute, 60)
    half = next(name for end, name in _HALVES if hour < end)
    on_dial = hour - 12 if hour > 12 else hour
    return f"{half}{on_dial}点{'半' if rest else ''}" if rest in (0, 30) else f"{half}{on_dial}:{rest:02}"


def left(offer: Offer) -> str:
    """How many more may go out, by cap and by budget; empty where neither bounds it."""
    counts = [offer.cap - offer.issued] if offer.cap is not None else []
    if offer.budget_fen is not None and offer.cost_fen:
        counts.append((offer.budget_fen - offer.committed_fen) // offer.cost_fen)
    return f"剩{max(min(counts), 0)}张" if counts else ""


def offered(offer: Offer, today: date, place: str) -> str:
    """One offer on one line: number, name, what it gives, when, where, what is left."""
    starts = f"{until(offer.starts_on, today)}开始" if offer.starts_on and offer.starts_on > today else ""
    ends = f"发到{until(offer.ends_on, today)}" if offer.ends_on else ""
    what = offer.terms.words if offer.terms.words != offer.name else ""
    holds = "" if "点" in offer.terms.words else when(offer.terms)
    parts = [what, holds, f"领后{offer.valid_days}天有效", starts, ends, place, left(offer)]
    return f"{offer.number}号 {offer.name}：{'，'.join(filter(None, parts))}"


def held(coupon: Coupon, today: date) -> str:
    """One coupon on one line: name, tail, from when, until when, uses left."""
    starts = f"{until(coupon.starts_on, today)}起用，" if coupon.starts_on > today else ""
    uses = f"，还剩{coupon.uses_left}次" if coupon.uses > 1 else ""
    return f"{coupon.offer.name} {coupon.tail} {starts}到{until(coupon.ends_on, today)}{uses}"


def until(on: date, today: date) -> str:
    """今天, 明天, else 11月30日: a day of a coupon is a date, not a weekday, and reads as what its customer is sent."""
    if 0 <= (on - today).days <= 1:
        return words.day(on, today)
    return dated(on, today)


def dated(on: date, today: date) -> str:
    """11月30日, with its year where that is another: as it can be read on any day."""
    return f"{f'{on.year}年' if on.year != today.year else ''}{on.month}月{on.day}日"
