"""For how long a customer rests after an outcome, and how often she may be contacted at all; all of it is data.

The caps count across staff and stores. An unanswered call is no contact, nor is 「晚点再打」: the call it announces is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from bot.domain.lists.values import Outcome
from bot.domain.words import day

MORNING, AFTERNOON = time(10), time(15)
_CLOSING = time(21)
MOST_RETRIES = 2
_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows an outcome: days of rest, `out`: why she leaves the lists for good, whether it was a contact."""

    days: int = 0
    out: str = ""
    contact: bool = False


RULES: dict[Outcome, Rule] = {
    "reached": Rule(days=7, contact=True),
    "no_answer": Rule(days=7),
    "appointment": Rule(days=7, contact=True),
    "coming": Rule(days=7, contact=True),
    "refused": Rule(days=30, contact=True),
    "stop": Rule(out="她说别再联系，全店停止联系", contact=True),
    "moved": Rule(out="搬走了", contact=True),
    "wrong_number": Rule(out="号码不对，找到新号再联系"),
    "later": Rule(days=1),
    "hand_over": Rule(),
    "coupon": Rule(days=7, contact=True),
}


@dataclass(frozen=True, slots=True)
class Rest:
    """What follows: the first day she may be listed again (None: never, for the reason `out`), when to remind or retry.

    `retry` says that `remind_at` is another try of the same call.
    """

    listed_from: date | None
    remind_at: datetime | None = None
    retry: bool = False
    out: str = ""


def rest(outcome: Outcome, now: datetime, tz: tzinfo, *, retries: int = 0, when: datetime | None = None) -> Rest:
    """What follows an outcome given `now`; `retries` made before it in vain, `when` the moment that was said.

    Unanswered: again the next afternoon, twice at most, then a week's rest. 「约了」 and 「说来」: a reminder an hour
    before, at ten where a day alone was said; rest counts from that day. 「晚点再打」: at the moment said, else the
    next morning.
    """
    rule, today = RULES[outcome], now.astimezone(tz).date()
    if rule.out:
        return Rest(None, out=rule.out)
    if outcome == "no_answer":
        return _unanswered(rule, now, tz, retries, when)
    if outcome == "later":
        at = when or datetime.combine(today + timedelta(rule.days), MORNING, tz)
        return Rest(at.astimezone(tz).date(), at)
    if when and outcome in ("appointment", "coming"):
        on = when.astimezone(tz).date()
        before = when - _AHEAD
        at = before if has_hour(when, tz) else datetime.combine(on, MORNING, tz)
        return Rest(on + timedelta(rule.days), next((one for one in (at, before, when) if one > now), now))
    return Rest(today + timedelta(rule.days))


def has_hour(when: datetime, tz: tzinfo) -> bool:
    """Whether an hour was said: a day alone ends at closing time."""
    return when.astimezone(tz).time() < _CLOSING


def _unanswered(rule: Rule, now: datetime, tz: tzinfo, retries: int, when: datetime | None) -> Rest:
    today = now.astimezone(tz).date()
    if retries >= MOST_RETRIES:
        return Rest(today + timedelta(rule.days))
    at = when or datetime.combine(today + timedelta(1), AFTERNOON, tz)
    return Rest(at.astimezone(tz).date(), at, retry=True)


@dataclass(frozen=True, slots=True)
class Caps:
    """At most `most` contacts in `window_days`, and `apart_days` between two."""

    most: int = 4
    window_days: int = 30
    apart_days: int = 7


@dataclass(frozen=True, slots=True)
class Contact:
    """Something that was done, by anybody, in any store; `on` is the local day."""

    on: date
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether she may be contacted; if not, why in a sentence, and the first day she may (None: never)."""

    allowed: bool
    why: str = ""
    again_on: date | None = None


YES = Verdict(allowed=True)


def may_contact(history: Iterable[Contact], today: date, caps: Caps) -> Verdict:
    """Whether the caps leave room for a contact today; her own wish for a call is no matter of caps."""
    known = [one for one in history if one.on <= today]
    for one in known:
        if one.outcome in _FOR_GOOD:
            return Verdict(allowed=False, why=f"{RULES[one.outcome].out}。")
    days = sorted(one.on for one in known if RULES[one.outcome].contact)
    recent = [on for on in days if (today - on).days < caps.window_days]
    if len(recent) >= caps.most:
        again = max(recent[-caps.most] + timedelta(caps.window_days), days[-1] + timedelta(caps.apart_days))
        why = f"{caps.window_days}天里已联系{len(recent)}次，最多{caps.most}次；{day(again, today)}起可以再联系。"
        return Verdict(allowed=False, why=why, again_on=again)
    if days and (today - days[-1]).days < caps.apart_days:
        again = days[-1] + timedelta(caps.apart_days)
        why = f"{day(days[-1], today)}刚联系过，要隔{caps.apart_days}天；{day(again, today)}起可以再联系。"
        return Verdict(allowed=False, why=why, again_on=again)
    return YES


_FOR_GOOD: frozenset[Outcome] = frozenset({"stop", "moved", "wrong_number"})
