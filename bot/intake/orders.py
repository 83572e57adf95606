"""Order files as orders: what the lines of one number say together; every cell read, nothing stored.

An order is taken whole or not at all: an order seen again replaces its earlier lines, so that a part of one
would later wipe out the rest. Without a time of day an order counts as made at noon, local time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from operator import attrgetter
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from bot.domain import cells
from bot.domain.cells import CellError
from bot.intake.lines import Draft, Gathered, Gatherer, RawHead
from bot.intake.texts import Who, text_of, who

NOON = time(12)
_WORDS = ("customer_name", "refund_of", "pay_method", "sales_channel")
_OTHERS = "同一单的别的行有问题，整单先没有导入：改好那一行，再连同这一单的其他行一起导入"



@dataclass(slots=True)
class ReadOrder:
    """An order as its file tells it; `store` is empty where it names none, `numbers` are its rows, `lines` places in `Gathered.lines`."""

    order_no: str
    at: datetime
    on: date
    time_said: bool
    store: str
    who: Who
    customer_name: str | None
    kind: Literal["sale", "refund"]
    refund_of: str | None
    pay_method: str | None
    sales_channel: str | None
    lines: list[int]
    numbers: list[int]


class Head(NamedTuple):
    """What one line says of its order; the fields as in `ReadOrder`."""

    at: datetime
    on: date
    time_said: bool
    store: str
    who: Who
    customer_name: str | None
    refund_of: str | None
    pay_method: str | None
    sales_channel: str | None


@dataclass(frozen=True, slots=True)
class OrderFile:
    """A whole order file: orders by customer and time, and what was gathered with them."""

    orders: list[ReadOrder]
    gathered: Gathered


def read_orders(rows: Iterable[list[str]], places: Mapping[str, int], width: int, zone: ZoneInfo) -> OrderFile:
    """Read the rows under a header of `width` cells; `places` tells which column is what."""
    gathered = Gatherer(places, width).gather(rows)
    heads = _Heads(gathered, zone)
    orders = []
    for order_no, draft in gathered.drafts.items():
        try:
            orders.append(heads.order(order_no, draft))
        except CellError as error:
            for number in draft.numbers:
                gathered.refused.setdefault(number, str(error))
    gathered.drafts.clear()
    orders.sort(key=lambda order: (order.who, order.at, order.order_no))
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
        at, on, time_said, store, person, name, *words = read[0] if len(read) == 1 else _together(read)
        return ReadOrder(
            order_no, at, on, time_said, store, person, name, self._kind_of(draft), *words, draft.lines, draft.numbers
        )

    def _head(self, head: RawHead) -> Head:
        day, clock, store, number, phone, *words = [head[at] for at in self._at]
        name, refund_of, pay_method, sales_channel = [text_of(word) or None for word in words]
        moment = self._when(day, clock)
        return Head(*moment, self._store(store), self._who(number, phone), name, refund_of, pay_method, sales_channel)

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

    def _moment(self, cell: str, time_cell: str) -> tuple[datetime, date, bool]:
        on, clock = cells.when(text_of(cell), self._style)
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
    return first._replace(
        store=_one((head.store for head in heads), "门店"),
        who=Who(_one((head.who.number for head in heads), "会员号"), _one((head.who.phone for head in heads), "手机号")),
        **{name: "、".join(sorted({getattr(head, name) or "" for head in heads} - {""})) or None for name in _WORDS},
    )


def _one(values: Iterable[str], what: str) -> str:
    """The one value that is said; an order has one store and one customer."""
    said = {value for value in values if value}
    if len(said) > 1:
        raise CellError(f"同一单号写着不同的{what}：请确认单号不重复，再导入")
    return said.pop() if said else ""
