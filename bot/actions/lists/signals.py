"""What else speaks for her leaving, read when somebody asks why: rivals she named, coupons she left, low marks."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import takewhile
from typing import Any

from bot.actions.lists.place import Place
from bot.db.lists import known
from bot.db.lists.lists import Why
from bot.domain import masks, words
from bot.domain.customers import Fact

_LATELY = timedelta(days=180)
_ABSENT = ("recall", "save", "leaving")
_LOW = 6
_BYTES = 60


def evidence(place: Place, customer_id: int, why: Why) -> tuple[str, ...]:
    """Why she stands in a list, with what she said and did lately; the rule stays the last word."""
    if why.kind not in _ABSENT or not why.evidence:
        return why.evidence
    facts = known.of(place.conn, [customer_id], place.now)[customer_id].facts
    coupons = [one for some in known.had(place.conn, [customer_id]).get(customer_id, {}).values() for one in some]
    lately = (fact for fact in facts if fact.state == "live" and place.now - fact.said_at < _LATELY and not fact.of)
    said = [f"{fact.said_at.astimezone(place.zone):%m-%d}{told}" for fact in lately if (told := _told(fact))]
    return (*why.evidence[:-1], *said, *_unused(coupons, place.today), why.evidence[-1])


def _told(fact: Fact) -> str:
    value = words.clip(masks.scrub(fact.value), _BYTES)
    if fact.kind == "competitor":
        return f"提过别家：{value}"
    if fact.kind == "complaint":
        return f"说过{fact.facet or '意见'}：{value}"
    return f"打了{value}分" if fact.kind == "nps" and value.isdecimal() and int(value) <= _LOW else ""


def _unused(coupons: Sequence[tuple[Any, ...]], today: date) -> Iterator[str]:
    """Of her coupons that ended, how many of the newest she let go in a row; one alone says nothing."""
    over = sorted(
        ((ends_on, state) for _, state, ends_on in coupons if state == "used" or ends_on < today), reverse=True
    )
    left = [ends_on for ends_on, state in takewhile(lambda one: one[1] == "live", over)]
    if len(left) > 1:
        yield f"近{len(left)}张券没用，最后一张到{left[0]:%m-%d}"
