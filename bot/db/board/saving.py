"""Who of a store is about to leave: by layer, read in the order of their worth; left alone is who must be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from bot.db.board.proposals import out_of_lists
from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.lists import contacts
from bot.db.tables import (
    chain,
    complaints,
    consents,
    customer_segments,
    customer_stats,
    customers,
    facts,
    list_rows,
    lists,
)
from bot.domain.lists import cooldown, holdout
from bot.domain.lists.cooldown import Caps
from bot.domain.lists.ranking import WORTH, Candidate

LAYERS = sorted(("leaving", "lost_big", "slowing"), key=lambda layer: -WORTH[layer])
_MOST = 24  # of a layer are looked at: most of them may be called
_RESTS = timedelta(days=7)  # whoever stood in a list is not put into this one again before
_OF_LAYER = Of(
    select(
        customer_segments.c.store_id, customers.c.id, customer_segments.c.layer, customer_stats.c.purchase_days,
        customer_stats.c.gap_sum_days, customer_stats.c.last_on, customer_stats.c.spent_fen, customer_segments.c.f,
        customer_segments.c.m, customers.c.guide_id,
        func.row_number().over(
            partition_by=customer_segments.c.store_id,
            order_by=(customer_segments.c.m.desc(), customer_segments.c.f.desc(), customer_stats.c.spent_fen.desc(),
                      customers.c.id),
        ).label("nth"),
    )
    .select_from(
        customer_segments.join(customer_stats, customer_stats.c.customer_id == customer_segments.c.customer_id).join(
            customers, customers.c.id == customer_segments.c.customer_id
        )
    )
    .where(
        customer_segments.c.layer == bindparam("layer"),
        customers.c.state == "active",
        customers.c.phone.is_not(None),
    ),
    customer_segments.c.store_id,
    first=_MOST,
)  # fmt: skip
_LISTED = Of(
    select(list_rows.c.customer_id, lists.c.made_on).join(lists, lists.c.id == list_rows.c.list_id),
    list_rows.c.customer_id,
)
_COMPLAINTS = Of(
    select(complaints.c.customer_id, complaints.c.number).where(complaints.c.state == "open"), complaints.c.customer_id
)
_CONSENTS = Of(
    select(consents.c.customer_id, consents.c.id, consents.c.given).where(
        consents.c.kind == "contact", consents.c.voided_at.is_(None)
    ),
    consents.c.customer_id,
)
_FACTS = Of(
    select(facts.c.customer_id, facts.c.id, facts.c.content).where(facts.c.state == "live"), facts.c.customer_id
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody who may be called; `complaint`: the number of an open one."""

    candidate: Candidate
    guide_id: int | None
    complaint: int | None = None


def of_layer(
    conn: Connection, store_ids: Iterable[int], layer: str, today: date, tz: tzinfo
) -> dict[int, list[Leaving]]:
    """Who of a layer may be called today in each store, most spent first, without hold-out, capped and listed."""
    salt = _salt(conn)
    rows = [
        row for row in _OF_LAYER.rows(conn, store_ids, layer=layer) if not (salt and holdout.held_out(row[1], salt))
    ]
    ids = [row[1] for row in rows]
    if not ids:
        return {}
    out = _listed(conn, ids, today) | _refused(conn, ids) | _capped(conn, ids, today, tz) | out_of_lists(conn, ids)
    complained = dict(_COMPLAINTS.rows(conn, ids))
    found: dict[int, list[Leaving]] = {}
    for store_id, *row, _ in rows:
        if row[0] not in out and (row[4] is None or row[4] <= today):
            found.setdefault(store_id, []).append(_leaving(row, today, complained.get(row[0])))
    return found


def unlisted(conn: Connection, ids: Sequence[int]) -> set[int]:
    """Those of some customers who are in no list of greetings either: who said no, were cleaned out, are held out."""
    salt = _salt(conn)
    held = {one for one in ids if salt and holdout.held_out(one, salt)}
    return held | _refused(conn, ids) | stopped(conn, ids) | out_of_lists(conn, ids)


def _leaving(row: Sequence[Any], today: date, complaint: int | None) -> Leaving:
    row_id, layer, days, gaps, last_on, spent, f, m, guide_id = row
    typical = max(round(gaps / (days - 1)), 1) if days > 1 else 0
    since = (today - last_on).days if last_on else None
    found = Candidate(row_id, layer, days, typical, since, spent, f, m)
    return Leaving(found, guide_id, complaint)


def _salt(conn: Connection) -> bytes:
    said = conn.execute(select(chain.c.holdout_salt)).scalar() or ""
    return str(said).encode()


def _listed(conn: Connection, ids: Iterable[int], today: date) -> set[int]:
    return {customer_id for customer_id, made_on in _LISTED.rows(conn, ids) if today - made_on < _RESTS}


def _refused(conn: Connection, ids: Iterable[int]) -> set[int]:
    last = {customer_id: given for customer_id, _, given in sorted(_CONSENTS.rows(conn, ids), key=lambda row: row[1])}
    return {customer_id for customer_id, given in last.items() if not given}


def _capped(conn: Connection, ids: Sequence[int], today: date, tz: tzinfo) -> set[int]:
    out = set()
    for customer_id, made in contacts.of(conn, ids).items():
        told = [cooldown.Contact(_local(one.at, tz), one.outcome) for one in made]
        resting = any(one.again_at and _local(one.again_at, tz) > today for one in made)
        if resting or not cooldown.may_contact(told, today, Caps()).allowed:
            out.add(customer_id)
    return out


def _local(at: datetime, tz: tzinfo) -> date:
    return at.astimezone(tz).date()


def stopped(conn: Connection, ids: Iterable[int]) -> set[int]:
    """Those of a few who do not want to hear from anybody."""
    return {row_id for row_id, said in wishes(conn, ids).items() if any("别再联系" in one for one in said)}


def wishes(conn: Connection, ids: Iterable[int]) -> dict[int, list[str]]:
    """What a few have said of how they want to be reached."""
    keys, found = keys_of(conn), dict[int, list[str]]()
    for customer_id, fact_id, content in _FACTS.rows(conn, ids):
        said = keys.unseal_json("facts.content", fact_id, content)
        if said["kind"] == "contact_rule":
            found.setdefault(customer_id, []).append(said["value"])
    return found


_NAMED = Of(select(customers.c.id, customers.c.name, customers.c.alias, customers.c.phone), customers.c.id)


def named(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[str, str, int | None]]:
    """What a few are called, the last four digits of their numbers, and the number of an open complaint."""
    unseal = keys_of(conn).unseal
    complained = dict(_COMPLAINTS.rows(conn, ids))
    return {
        row_id: (
            unseal("customers.name", row_id, name) or unseal("customers.alias", row_id, alias),
            unseal("customers.phone", row_id, phone)[-4:],
            complained.get(row_id),
        )
        for row_id, name, alias, phone in _NAMED.rows(conn, ids)
    }
