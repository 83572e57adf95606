"""Writing down what a sentence said of one customer; what is sensitive waits for her yes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.actions.following import callbacks
from bot.cards.notes import Line
from bot.db import customers as people_of
from bot.db import facts as stored
from bot.db.changes import Recorder
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.followups.promises import next_number
from bot.db.segments import stale
from bot.db.tables import consents, customers, facts, followups
from bot.domain import birthdays, due
from bot.domain.customers import Fact, Sight
from bot.domain.language import conflicts
from bot.domain.language import consents as consents_for
from bot.domain.language.values import Statement
from bot.domain.shop import Staff
from bot.domain.words import clock

STOP = "别再联系"
"""The rule of who wants to hear from nobody."""
CONSENT_LIFE = timedelta(hours=24)
_FOLLOWUPS = ("promise", "hold")
_TAKEN = ("preference", "demand")
_DATED = ("birthday", "anniversary")
_SUPERSEDING = (
    frozenset(
        ["全糖", "多糖", "七分糖", "五分糖", "半糖", "三分糖", "少糖", "微糖", "一分糖", "无糖", "不加糖", "不要糖"]
    ),
    frozenset(["正常冰", "多冰", "少冰", "微冰", "去冰", "不加冰", "常温", "温", "热", "热饮", "要热", "温热", "冰"]),
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, in which unit and when; what every action below needs."""

    recorder: Recorder
    staff: Staff
    now: datetime

    @property
    def today(self) -> date:
        """The shop's local day."""
        return self.now.astimezone(self.staff.zone).date()


def note(writer: Writer, sight: Sight, said: Iterable[Statement], *, ask_again: bool = False) -> list[Line]:
    """Write every statement; gives a line for each. `ask_again` asks even where she once said no."""
    conn = writer.recorder.conn
    sight = people_of.whole(conn, sight)
    known = stored.of_customer(conn, sight.customer.id, writer.now)
    agreed = stored.consents_of(conn, sight.customer.id)
    lines: list[Line] = []
    for statement in dict.fromkeys(said):
        if statement.negated:
            lines += _strike(writer, known, statement)
        elif statement.kind in _FOLLOWUPS:
            lines.append(_follow(writer, sight, statement))
        elif statement.kind == "birthday" and not statement.of:
            lines.append(_birthday(writer, sight, statement))
        elif statement.kind == "source":
            lines.append(_source(writer, sight, statement))
        else:
            lines.append(_fact(writer, sight, statement, known, {} if ask_again else agreed))
    return lines


def add_fact(writer: Writer, sight: Sight, content: Mapping[str, Any], *, state: str = "live") -> int:
    """Append one fact; pending ones end by themselves after a day."""
    fact_id = new_id()
    row = stored.row(
        keys_of(writer.recorder.conn),
        fact_id,
        sight.customer.id,
        content,
        state=state,
        source="chat",
        author_id=writer.staff.id,
        said_at=writer.now,
        expires_at=writer.now + CONSENT_LIFE if state == "pending" else None,
    )
    writer.recorder.insert(facts, row)
    if content["kind"] == "contact_rule" and STOP in content["value"]:
        callbacks.close(writer.recorder, sight.customer.id, writer.now)
    return fact_id


def void(writer: Writer, fact: Fact) -> None:
    """Strike a fact out; it stays on record as void."""
    writer.recorder.update(facts, fact.id, state="void", voided_at=writer.now, voided_by=writer.staff.id)


def confirm(writer: Writer, fact: Fact) -> None:
    """A fact that waited for her yes is known from now on."""
    writer.recorder.update(facts, fact.id, state="live", expires_at=None)


def consent(writer: Writer, customer_id: int, kinds: Iterable[str], *, given: bool) -> None:
    """Record what she said to being asked."""
    for kind in sorted(kinds):
        writer.recorder.insert(
            consents,
            {
                "id": new_id(),
                "customer_id": customer_id,
                "kind": kind,
                "given": given,
                "staff_id": writer.staff.id,
                "at": writer.now,
            },
        )


def change_customer(writer: Writer, customer_id: int, **plain: Any) -> None:  # noqa: ANN401 — columns of customers
    """Change plain columns of a customer, sealed as they must be."""
    conn = writer.recorder.conn
    values = people_of.sealed(keys_of(conn), customer_id, {**plain, "changed_at": writer.now})
    writer.recorder.update(customers, customer_id, **values)
    if not stale.FOLLOWED.isdisjoint(plain):
        stale.mark(conn, [customer_id])


def kinds_of(fact: Fact) -> frozenset[str]:
    """The consents a stored fact needs."""
    return frozenset(consents_for(Statement(fact.kind, fact.value, fact.facet, fact.of)))


def _fact(writer: Writer, sight: Sight, said: Statement, known: list[Fact], agreed: Mapping[str, bool]) -> Line:
    value = resolved_day(said.value, writer.today) if said.kind in _DATED else said.value
    here = Line(said.kind, value, said.facet, said.of)
    same = next((f for f in known if (f.kind, f.value, f.of) == (said.kind, value, said.of)), None)
    if same and same.state == "live":
        return Line(said.kind, value, said.facet, said.of, "known")
    if same:  # waiting for a yes since earlier: asked again, in this unit
        writer.recorder.delete(facts, {"id": same.id})
    needed = consents_for(said)
    if any(agreed.get(kind) is False for kind in needed):
        return Line(said.kind, value, said.facet, said.of, "refused")
    state = "live" if all(agreed.get(kind) for kind in needed) else "pending"
    for old in known:
        if _supersedes(said, value, old):
            void(writer, old)
            here = Line(said.kind, value, said.facet, said.of, note=f"（原来 {old.value}）")
    if said.kind in _TAKEN and not said.of:
        barred = [f.value for f in known if f.kind == "allergy" and not f.of and conflicts(f.value, (value,))]
        if barred:
            here = replace(here, note=f"{here.note}（⚠️ 她{barred[0]}过敏，请再问一句）")
    content = {"kind": said.kind, "value": value, "facet": said.facet, "of": said.of}
    add_fact(writer, sight, content, state=state)
    return Line(here.kind, value, here.facet, here.of, state, here.note)


def _supersedes(said: Statement, value: str, old: Fact) -> bool:
    if (said.kind, said.of) != (old.kind, old.of) or said.facet != old.facet:
        return False
    if said.kind == "size" and said.facet:
        return True
    return said.kind == "preference" and any(value in group and old.value in group for group in _SUPERSEDING)


def _strike(writer: Writer, known: list[Fact], said: Statement) -> list[Line]:
    """Void every fact that a removal means; nothing known, nothing said but that."""
    alike = [f for f in known if f.kind == said.kind and (said.value in f.value or f.value in said.value)]
    found = [f for f in alike if f.of == said.of] or alike
    for fact in found:
        void(writer, fact)
    return [Line(f.kind, f.value, f.facet, f.of, "removed") for f in found]


def _follow(writer: Writer, sight: Sight, said: Statement) -> Line:
    """A promise or a hold under the next number of the store, with the day it is due where one was said."""
    row_id, store_id = new_id(), writer.staff.store_id or sight.customer.store_id
    number = next_number(writer.recorder.conn, store_id)
    when = due.due(said.due or said.until or "", writer.now, writer.staff.zone)
    writer.recorder.insert(
        followups,
        {
            "id": row_id,
            "number": number,
            "store_id": store_id,
            "customer_id": sight.customer.id,
            "kind": said.kind,
            "content": keys_of(writer.recorder.conn).seal_json("followups.content", row_id, {"text": said.value}),
            "state": "open",
            "owner_id": writer.staff.id,
            "opened_at": writer.now,
            "due_at": when,
        },
    )
    note = f"（#{number}，{clock(when, writer.now, writer.staff.zone)}前）" if when else f"（#{number}）"
    return Line(said.kind, said.value, note=note)


def _birthday(writer: Writer, sight: Sight, said: Statement) -> Line:
    value = resolved_day(said.value, writer.today)
    read = birthdays.read(value)
    kept = read.text() if read else value
    if kept == sight.customer.birthday:
        return Line("birthday", value, state="known")
    before = birthdays.read(sight.customer.birthday) if sight.customer.birthday else None
    old = f"（原来 {before.say()}）" if before else ""
    change_customer(writer, sight.customer.id, birthday=kept)
    return Line("birthday", value, note=old)


def _source(writer: Writer, sight: Sight, said: Statement) -> Line:
    if said.value == sight.customer.source:
        return Line("source", said.value, state="known")
    change_customer(writer, sight.customer.id, source=said.value)
    return Line("source", said.value)


def resolved_day(value: str, today: date) -> str:
    """weekday:6, nextweek:3, nextmonth:15 and rel:+1 as the MM-DD they mean, seen from today; others as they are."""
    kind, _, number = value.partition(":")
    if not number.lstrip("+-").isdecimal():
        return value
    count = int(number)
    monday = today - timedelta(days=today.weekday())
    if kind == "rel":
        on = today + timedelta(days=count)
    elif kind == "weekday":
        on = monday + timedelta(days=count - 1)
        on = on if on >= today else on + timedelta(days=7)
    elif kind == "nextweek":
        on = monday + timedelta(days=6 + count)
    elif kind == "nextmonth":
        on = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        return f"{on:%m}-{count:02}"
    else:
        return value
    return f"{on:%m-%d}"
