"""Making, correcting and merging customers; a number the chain knows is never made twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from bot.actions.notes import Writer, change_customer
from bot.db import customers as read
from bot.db import stats
from bot.db.bulk.orders import in_turn
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.offers import merging
from bot.db.segments import stale
from bot.db.tables import (
    complaints,
    consents,
    contacts,
    customer_phones,
    customer_stores,
    customers,
    demands,
    facts,
    followups,
    list_rows,
    orders,
    trials,
)
from bot.db.talk import outbox
from bot.domain.customers import Customer, Sight
from bot.domain.errors import ConflictError


def make(writer: Writer, plain: Mapping[str, Any]) -> int:
    """A new customer of this store and this guide; gives her id."""
    conn, staff = writer.recorder.conn, writer.staff
    row_id = new_id()
    values = {
        "store_id": staff.store_id,
        "guide_id": staff.id if staff.role == "guide" else None,
        "state": "active",
        "created_at": writer.now,
        "changed_at": writer.now,
        **plain,
    }
    empty: dict[str, Any] = {column.name: None for column in customers.c}
    row = {**empty, "id": row_id, **read.sealed(keys_of(conn), row_id, values)}
    writer.recorder.insert(customers, row)
    stale.mark(conn, [row_id])
    _show_in_store(writer, row_id, plain.get("phone") or "")
    return row_id


def welcome(writer: Writer, customer_id: int, e164: str) -> None:
    """Somebody the chain knows becomes a customer of this store too; her guide is told."""
    conn, staff = writer.recorder.conn, writer.staff
    if any(store_id == staff.store_id for store_id, _ in read.store_rows(conn, customer_id)):
        raise ConflictError("这位客户归店里别的导购，请店长分给你。")
    _show_in_store(writer, customer_id, e164)
    guide_id = read.for_write(conn, customer_id).guide_id
    if guide_id and guide_id != staff.id:
        text = f"（你的一位客户在{staff.store_name}也建了档，由{staff.name}接待。）"
        outbox.tell(conn, guide_id, f"unit:{writer.recorder.unit_id}:{guide_id}", text, writer.now)


def _show_in_store(writer: Writer, customer_id: int, e164: str) -> None:
    staff = writer.staff
    indexes = read.store_indexes(keys_of(writer.recorder.conn), staff.store_id or 0, e164, first7=staff.first7)
    writer.recorder.insert(
        customer_stores,
        {"store_id": staff.store_id, "customer_id": customer_id, "since_at": writer.now, **indexes},
    )


def change_phone(writer: Writer, customer: Customer, e164: str) -> None:
    """Give her a new number; the old one is kept as history, and every store finds her by the new digits."""
    known = read.chain_knows(writer.recorder.conn, e164)
    if known and known != customer.id:
        raise ConflictError("这个号码现在改不了，请核对后再发；核对无误就请总部处理。")
    if customer.phone:
        _remember_number(writer, customer.id, customer.phone)
    change_customer(writer, customer.id, phone=e164, **({"state": "active"} if customer.state == "temporary" else {}))
    _index_again(writer, customer.id, e164)


def _index_again(writer: Writer, customer_id: int, e164: str) -> None:
    conn = writer.recorder.conn
    for store_id, since in read.store_rows(conn, customer_id):
        indexes = read.store_indexes(keys_of(conn), store_id, e164, first7=writer.staff.first7)
        writer.recorder.delete(customer_stores, {"store_id": store_id, "customer_id": customer_id})
        writer.recorder.insert(
            customer_stores, {"store_id": store_id, "customer_id": customer_id, "since_at": since, **indexes}
        )


@dataclass(frozen=True, slots=True)
class Merger:
    """What a merge would do: who stays, who goes, what is alike and what is not."""

    kept: Sight
    gone: Sight
    same: tuple[str, ...]
    different: tuple[str, ...]


def compare(conn: Connection, one: Sight, other: Sight) -> Merger:
    """Which of two stays (the one with a number, then the one with more orders), and how alike they are."""
    kept, gone = sorted(
        (one, other),
        key=lambda s: (s.customer.state == "temporary", not s.customer.phone, -s.stats.orders, s.customer.id),
    )
    same: list[str] = []
    different: list[str] = []
    kept_whole, gone_whole = read.whole(conn, kept).customer, read.whole(conn, gone).customer
    for label, field in (("名字", "name"), ("手机", "phone"), ("生日", "birthday"), ("性别", "gender")):
        a, b = getattr(kept_whole, field), getattr(gone_whole, field)
        if a and b:
            (same if a == b else different).append(label)
    return Merger(kept, gone, tuple(same), tuple(different))


_HERS = (orders, facts, consents, complaints, followups, customer_phones, demands, list_rows, contacts, trials)


def merge(writer: Writer, kept: Customer, gone: Customer) -> None:
    """Everything of `gone` becomes `kept`'s: orders, facts, matters, stores, points, coupons, calls, rows of lists."""
    recorder, conn = writer.recorder, writer.recorder.conn
    in_turn(conn)
    fill = {
        name: getattr(gone, name)
        for name in ("customer_no", "phone", "name", "alias", "gender", "birthday", "email", "address", "job",
                     "source", "guide_id", "referrer_id", "level")
        if getattr(gone, name) and not getattr(kept, name)
    }  # fmt: skip
    if gone.points:
        fill["points"] = (kept.points or 0) + gone.points
    freed = {name: None for name in ("customer_no", "phone", "name", "birthday") if name in fill}
    change_customer(writer, gone.id, state="merged", merged_into=kept.id, **freed)
    if fill.get("phone") or kept.phone:
        fill.setdefault("state", "active")
    change_customer(writer, kept.id, **fill)
    for table in _HERS:
        recorder.move(table, "customer_id", gone.id, kept.id)
    recorder.move(customers, "referrer_id", gone.id, kept.id)
    merging.merge(recorder, gone.id, kept.id, writer.today, writer.now)
    if gone.phone and kept.phone and gone.phone != kept.phone:
        _remember_number(writer, kept.id, gone.phone)
    here = {store_id for store_id, _ in read.store_rows(conn, kept.id)}
    phone = kept.phone or gone.phone
    for store_id, since in read.store_rows(conn, gone.id):
        if store_id not in here:
            indexes = read.store_indexes(keys_of(conn), store_id, phone, first7=writer.staff.first7)
            recorder.insert(
                customer_stores, {"store_id": store_id, "customer_id": kept.id, "since_at": since, **indexes}
            )
    if "phone" in fill:
        _index_again(writer, kept.id, phone)
    stats.rebuild(conn, {kept.id, gone.id})


def _remember_number(writer: Writer, customer_id: int, e164: str) -> None:
    keys = keys_of(writer.recorder.conn)
    row_id = new_id()
    writer.recorder.insert(
        customer_phones,
        {
            "id": row_id,
            "customer_id": customer_id,
            "phone": keys.seal("customer_phones.phone", row_id, e164),
            "phone_index": read.phone_index(keys, e164),
            "until_at": writer.now,
        },
    )
