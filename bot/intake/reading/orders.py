"""Order files as orders: what the lines of one number say together; every cell read, nothing stored.

An order is taken whole or not at all: an order seen again replaces its earlier lines, so that a part of one
would later wipe out the rest. Without a time of day an order counts as made at noon, local time.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from operator import attrgetter
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from bot.domain import cells
from bot.domain.cells import CellError
from bot.intake.reading.lines import Draft, Gathered, Gatherer, RawHead
from bot.intake.reading.texts import Who, text_of, who

NOON = time(12)
_TO_THE_MINUTE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")  # with seconds it is read at once
_OTHERS = "同一单的别的行有问题，整单先没有导入：改好那一行，再连同这一单的其他行一起导入"


class Head(NamedTuple):
    """What the lines of an order say of the whole; `store` is empty where they name none."""

    at: datetime
    on: date
    time_said: bool
    store: str
    who: Who
    customer_name: str
    refund_of: str
    pay_method: str
    sales_channel: str
    coupon: str


@dataclass(slots=True)
class ReadOrder:
    """An order as its file tells it; `lines` are places in `Gathered.lines`, `numbers` its rows in the file."""

    order_no: str
    head: Head
    kind: Literal["sale", "refund"]
    lines: list[int]
    numbers: list[int]


@dataclass(frozen=True, slots=True)
class OrderFile:
    """A whole order file: orders by customer and time, and what was gathered with them."""

    orders: list[ReadOrder]
    gathered: Gathered


def read_orders(
    rows: Iterable[list[str]], places: Mapping[str, int], width: int, zone: ZoneInfo, *, garbled: bool = False
) -> OrderFile:
    """Read the rows under a header of `width` cells; `places` tells which column is what.

    `garbled` where some rows may have lost letters: they are looked for, and refused.
    """
    gathered = Gatherer(places, width, garbled=garbled).gather(rows)
    heads = _Heads(gathered, zone)
    orders = []
    for order_no, draft in gathered.drafts.items():
        try:
            orders.append(heads.order(order_no, draft))
        except CellError as error:
            for number in draft.numbers:
                gathered.refused.setdefault(number, str(error))
    gathered.drafts.clear()
    heads.forget()
    orders.sort(key=lambda order: (order.head.who, order.head.at, order.order_no))
    return OrderFile(orders, gathered)


class _Heads:
    """Reads heads; equal cells are read once."""

    def __init__(self, gathered: Gathered, zone: ZoneInfo) -> None:
        self._gathered = gathered
        self._at = gathered.head_at
        day = self._at[0]
        moments = dict.fromkeys(head[day] for draft in gathered.drafts.values() for head in draft.heads)
        self._style = cells.date_style(moments)
        self._zone = zone
        self._when = cache(self._moment)
        self._who = cache(who)
        self._store = cache(lambda cell: cells.store_code(cell) if text_of(cell) else "")

    def order(self, order_no: str, draft: Draft) -> ReadOrder:
        """What the lines of one number say together; the earliest line tells the time."""
        if draft.bad:
            raise CellError(_OTHERS)
        read = [self._head(head) for head in draft.heads]
        head = read[0] if len(read) == 1 else _together(read)
        return ReadOrder(order_no, head, self._kind_of(draft), draft.lines, draft.numbers)

    def _head(self, head: RawHead) -> Head:
        day, clock, store, number, phone, *words = [head[at] for at in self._at]
        at, on, time_said = self._when(day, clock)
        person = self._who(number, phone)
        return Head(at, on, time_said, self._store(store), person, *[text_of(word) if word else "" for word in words])

    def _kind_of(self, draft: Draft) -> Literal["sale", "refund"]:
        """A refund where every word says so; without words, or with both, where more went back than was bought."""
        found = self._gathered
        if not found.may_refund:
            return "sale"
        kinds = {found.kinds[place] for place in draft.lines} - {""}
        if len(kinds) == 1:
            return "refund" if "refund" in kinds else "sale"
        lines = [found.lines[place] for place in draft.lines]
        amounts = [line.amount_fen for line in lines if line.amount_fen is not None]
        worth = sum(amounts) if amounts else sum(line.quantity_milli or 0 for line in lines)
        return "refund" if worth < 0 else "sale"

    def forget(self) -> None:
        """Let go of what is known by heart: the caches hold this object, which holds them."""
        for known in (self._when, self._who, self._store):
            known.cache_clear()

    def _moment(self, cell: str, time_cell: str) -> tuple[datetime, date, bool]:
        text = text_of(cell)
        on, clock = cells.when(f"{text}:00" if _TO_THE_MINUTE.fullmatch(text) else text, self._style)
        if clock is None and (said := text_of(time_cell)):
            clock = cells.when(f"{on} {said.split()[-1]}")[1]
        if clock is None:
            return datetime.combine(on, NOON, self._zone).astimezone(UTC), on, False
        at = datetime.combine(on, clock, clock.tzinfo or self._zone)
        return at.astimezone(UTC), at.astimezone(self._zone).date(), True


def _together(heads: list[Head]) -> Head:
    """What differing heads say as one; the earliest tells the time."""
    first, last = [pick(heads, key=attrgetter("at", "time_said")) for pick in (min, max)]
    if (last.on - first.on).days > 1:
        raise CellError("同一单号出现在不同的日子：请确认单号不重复，再导入")
    *_, names, refunded, paid, channels, coupons = zip(*heads, strict=True)
    return first._replace(
        store=_one((head.store for head in heads), "门店"),
        who=Who(
            _one((head.who.number for head in heads), "会员号"), _one((head.who.phone for head in heads), "手机号")
        ),
        customer_name=_joined(names),
        refund_of=_joined(refunded),
        pay_method=_joined(paid),
        sales_channel=_joined(channels),
        coupon=_joined(coupons),
    )


def _joined(words: Iterable[str]) -> str:
    return "、".join(sorted({word for word in words if word}))


def _one(values: Iterable[str], what: str) -> str:
    """The one value that is said; an order has one store and one customer."""
    said = {value for value in values if value}
    if len(said) > 1:
        raise CellError(f"同一单号写着不同的{what}：请确认单号不重复，再导入")
    return said.pop() if said else ""
