"""Customer files into the database: new customers whole, known ones where a file says something else."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot.db.bulk import branches, edits, members, newcomers
from bot.db.bulk.edits import Edits
from bot.db.bulk.members import Member, NewFact
from bot.db.bulk.orders import Counts
from bot.intake.desk import Desk
from bot.intake.fence import NOT_HERS, strangers
from bot.intake.options import Options
from bot.intake.people import People
from bot.intake.places import NO_STORE, no_store, store_ids
from bot.intake.reading.rows import Table, Wanted
from bot.intake.reading.texts import Who
from bot.intake.storing import Plan, Work, counted, store

Row = Wanted[Who]

_CLAIMED = "这个手机号在文件里还属于另一位会员：请留下对的一行"
_SAME_PERSON = "文件里有另一行是同一位顾客：请合成一行"
_UNKNOWN_PERSON = "没有这位顾客的档案：去掉 --unknown refuse 就会新建"
_LOOKED_AT = 500  # rows a dry run looks at together


@dataclass(frozen=True, slots=True)
class _Context:
    """What every batch needs to know."""

    options: Options
    default_store: int
    edits: Edits


def import_customers(desk: Desk, table: Table[Who], plan: Plan) -> Counts:
    """Add and change customers; rows that cannot be taken are added to the refusals."""
    default = desk.options.store or NO_STORE
    stores = store_ids(desk, {row.more[0].store or default for row in table.wanted})
    with desk.reading() as conn:
        guides = branches.staff_ids(conn)
        context = _Context(desk.options, stores.get(default, 0), edits.all_edits(conn))
    for row in table.wanted:
        _place(row, table, stores, guides, context)
    _refuse_strangers(desk, table)
    _refuse_unsure(desk, table, context)
    wanted = [row for row in table.wanted if row.numbers[0] not in table.refused]
    if not desk.options.dry_run:
        plan = plan.with_refused(len(table.refused))
        return store(desk, plan, wanted, lambda row: len(row.numbers), partial(_prepare, context=context))
    total = Counts()
    with desk.reading() as conn:
        for start in range(0, len(wanted), _LOOKED_AT):
            judged = _judge(conn, wanted[start : start + _LOOKED_AT], context)
            total = total.plus(*[counts for *_, counts in judged])
    return total


def _place(row: Row, table: Table[Who], stores: dict[str, int], guides: dict[str, int], context: _Context) -> None:
    """Put ids where a row names a store and a guide; a guide nobody knows is left open."""
    aside = row.more[0]
    if aside.guide in guides:
        row.values["guide_id"] = guides[aside.guide]
    wants_store = not context.options.only_store  # else whoever is there already stays in the store she is of
    if aside.store in stores:
        row.values |= {"store_id": stores[aside.store]} if wants_store else {}
    elif aside.store or not context.default_store:
        table.refuse(row, no_store(context.options))
    elif context.options.store and wants_store:
        row.values["store_id"] = context.default_store


def _refuse_strangers(desk: Desk, table: Table[Who]) -> None:
    """Refuse rows of people the one store may not see."""
    others = strangers(desk, [row.key for row in table.wanted])
    for row in table.wanted:
        if row.key in others:
            table.refuse(row, NOT_HERS)


def _refuse_unsure(desk: Desk, table: Table[Who], context: _Context) -> None:
    """Refuse rows that would mix two people, or are of one person twice."""
    people = People(desk)
    placed = [row for row in table.wanted if row.numbers[0] not in table.refused]
    people.foresee([row.key for row in placed])
    taken: dict[int, Row] = {}
    claimed: dict[str, int] = {}
    for row in placed:
        person = people.id_of(row.key)
        if isinstance(person, str):
            table.refuse(row, _UNKNOWN_PERSON if context.options.unknown == "refuse" else person)
        elif taken.setdefault(person, row) is not row:
            table.refuse(row, _SAME_PERSON)
        elif row.key.phone and claimed.setdefault(row.key.phone, person) != person:
            table.refuse(row, _CLAIMED)


def _prepare(batch: Sequence[Row], context: _Context) -> Work:
    return partial(_save, batch=batch, context=context)


def _judge(
    conn: Connection, batch: Sequence[Row], context: _Context
) -> list[tuple[Row, Member | None, dict[str, Any], Counts]]:
    """Who is there already, and what of each row is new."""
    known = newcomers.find(
        conn, [row.key.number for row in batch if row.key.number], [row.key.phone for row in batch if row.key.phone]
    )
    ids = [known.by_number.get(row.key.number) or known.by_phone.get(row.key.phone) for row in batch]
    there = members.read(conn, [row_id for row_id in ids if row_id])
    judged = []
    for row, row_id in zip(batch, ids, strict=True):
        member = there[row_id] if row_id else None
        changes = members.free(conn, member, row.values, context.edits) if member else {}
        changed = bool(member and (changes or _new_facts(row, member) or _new_consent(row, member) is not None))
        judged.append((row, member, changes, counted(len(row.numbers), new=member is None, changed=changed)))
    return judged


def _new_facts(row: Row, member: Member | None) -> list[NewFact]:
    """Facts not known yet; those that need her yes are kept at once where she gave it before."""
    known = member.facts if member else frozenset()
    agreed = bool(member and member.consents.get("health"))
    return [
        NewFact(kind, value, pending and not agreed)
        for kind, value, pending in row.more[0].facts
        if (kind, value) not in known
    ]


def _new_consent(row: Row, member: Member | None) -> bool | None:
    said: bool | None = row.more[0].consent
    return None if member and member.consents.get("contact") == said else said


def _save(conn: Connection, batch: Sequence[Row], context: _Context) -> Counts:
    judged, now = _judge(conn, batch, context), context.options.now
    new = [{"store_id": context.default_store, **row.values} for row, member, _, _ in judged if member is None]
    added = iter(newcomers.add(conn, new, now))
    facts, consents = [], []
    for row, member, changes, _ in judged:
        customer_id = member.id if member else next(added)
        if member and changes:
            members.change(conn, member, changes, now)
        facts += [(customer_id, fact) for fact in _new_facts(row, member)]
        consent = _new_consent(row, member)
        if consent is not None:
            consents.append((customer_id, "contact", consent))
    members.add_facts(conn, facts, now)
    members.add_consents(conn, consents, now)
    return Counts().plus(*[counts for *_, counts in judged])
