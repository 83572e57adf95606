"""The coupons of two customers who are one: every used one stays hers, and no live one is too many.

Whosever it was, a coupon that nobody has begun gives way to one that was used or begun: together they have no more of
an offer than one customer may. Cards of pieces (买送次数) were paid for, and give way to nothing.
Nothing is forgotten: a coupon that would be one too many becomes void, and taking the merge back brings it to life.
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection, select

from bot.db.changes import Recorder
from bot.db.offers import tills
from bot.db.tables import approvals, coupons, offers


def merge(recorder: Recorder, gone_id: int, kept_id: int, today: date, now: datetime) -> None:
    """Give `kept` the coupons of `gone` and what is asked for her; each offer keeps its places, one live at a time."""
    conn = recorder.conn
    hers = _places(conn, kept_id)
    for offer_id, found in _places(conn, gone_id).items():
        there = hers.get(offer_id, [])
        _place(recorder, {one.nth for one in there}, found)
        counted, is_live = 0, False
        theirs = {one.id for one in found}
        for one in sorted([*there, *found], key=lambda one: (one.may_go(today), one.id in theirs, one.id)):
            if one.may_go(today) and (is_live or counted >= one.cap_each):
                recorder.claim(coupons, one.id, "live", state="void")
                tills.tell(conn, one.id, "void", now)
                continue
            counted += one.state != "void"
            is_live |= one.state == "live" and one.ends_on >= today
    recorder.move(coupons, "customer_id", gone_id, kept_id)
    recorder.move(approvals, "customer_id", gone_id, kept_id)


class _Held:
    """A coupon as far as its place counts."""

    __slots__ = ("_is_begun", "cap_each", "ends_on", "id", "nth", "state")

    def __init__(self, row: tuple[int, int, str, int, int, date, int, str]) -> None:
        self.id, self.nth, self.state, uses, left, self.ends_on, self.cap_each, kind = row
        self._is_begun = uses != left or kind == "counted"

    def may_go(self, today: date) -> bool:
        """Whether it is good and nothing of it was used or paid for."""
        return self.state == "live" and not self._is_begun and self.ends_on >= today


def _places(conn: Connection, customer_id: int) -> dict[int, list[_Held]]:
    """Her coupons by offer, oldest first."""
    rows = conn.execute(
        select(
            coupons.c.offer_id,
            coupons.c.id,
            coupons.c.nth,
            coupons.c.state,
            coupons.c.uses,
            coupons.c.uses_left,
            coupons.c.ends_on,
            offers.c.cap_each,
            offers.c.kind,
        )
        .join(offers, offers.c.id == coupons.c.offer_id)
        .where(coupons.c.customer_id == customer_id)
        .order_by(coupons.c.id)
    )
    found: dict[int, list[_Held]] = {}
    for offer_id, *row in rows:
        found.setdefault(offer_id, []).append(_Held(tuple(row)))
    return found


def _place(recorder: Recorder, taken: Collection[int], found: list[_Held]) -> None:
    """Let no place of an offer be hers twice: whoever stands on a taken one gets the lowest that is free."""
    held = {*taken, *(one.nth for one in found)}
    for one in found:
        if one.nth in taken:
            free = next(place for place in range(1, len(held) + 2) if place not in held)
            held.add(free)
            recorder.update(coupons, one.id, nth=free)
