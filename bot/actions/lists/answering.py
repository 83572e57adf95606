"""What an answer under a list does: the outcome of each row, her rest, what follows; all of it one unit for 撤."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.actions import approving, gate, giving
from bot.actions.following import callbacks, promises
from bot.actions.lists.candidates import unanswered
from bot.actions.lists.place import Place
from bot.actions.notes import STOP, Writer, add_fact
from bot.cards.calling import answers as cards
from bot.db import customers, people
from bot.db import facts as stored
from bot.db.changes import Recorder
from bot.db.core.ids import new_id
from bot.db.lists import contacts, lists
from bot.db.lists.contacts import Contact
from bot.db.lists.lists import Row
from bot.db.offers import offers as batches
from bot.db.offers.approvals import Approval
from bot.db.tables import contacts as contacts_table
from bot.db.tables import list_rows
from bot.domain import due
from bot.domain.customers import Sight
from bot.domain.errors import ConflictError, NotAllowedError
from bot.domain.lists import cooldown
from bot.domain.lists.cooldown import Rest
from bot.domain.lists.values import Answer
from bot.domain.selling.offers import Coupon
from bot.domain.stats import Stats

LOSS = "loss_reason"
_ASK_AGAIN_DAYS = 365


@dataclass(slots=True)
class Result:
    """What became of the rows: a line each by position; whom to ask why; coupons given; the gifts' own writes.

    `wishing` are rows whose customer would come for a coupon.
    """

    lines: dict[int, str] = field(default_factory=dict)
    about: list[int] = field(default_factory=list)
    unsaid: list[tuple[int, str]] = field(default_factory=list)
    coupons: list[tuple[str, Coupon]] = field(default_factory=list)
    gifts: list[Writer] = field(default_factory=list)
    wishing: list[Row] = field(default_factory=list)


class Answering:
    """Writes down the answers to the rows of one list."""

    def __init__(self, work: Writer, place: Place, rows: Mapping[int, Row]) -> None:
        """Take who answers, where, and the rows by position."""
        self._work, self._place, self._rows = work, place, dict(rows)
        self.result = Result()

    def hold(self, positions: Collection[int]) -> None:
        """Let nobody else answer these rows meanwhile; always in one order, so that no two wait for each other."""
        for row in sorted((self._rows[one] for one in positions), key=lambda one: (one.customer_id, one.id)):
            self._rows[row.position] = lists.held(self._work.recorder.conn, row)

    def take(self, said: Answer) -> None:
        """One outcome of some rows."""
        for position in said.rows:
            row = self._rows[position]
            sight = sight_of(self._work, row.customer_id)
            if others := self._others(row):
                self.result.lines[position] = f"{position} {cards.who(sight)}：{others}"
                continue
            self.result.about.append(sight.customer.id)
            done = self._coupon(row, sight) if said.outcome == "coupon" else self._done(row, sight, said)
            self.result.lines[position] = f"{position} {cards.who(sight)}：{done}"

    def _others(self, row: Row) -> str:
        """That a colleague has her, or has called her already; empty where the row is this person's to answer."""
        conn, staff = self._work.recorder.conn, self._work.staff
        if row.outcome == "hand_over" and row.staff_id != staff.id:
            return f"已经转给{people.staff_name(conn, row.staff_id or 0)}了，没记"
        colleagues = row.is_open and row.staff_id not in (None, staff.id) and not staff.leads
        if colleagues and (one := lists.by_id(conn, row.list_id)) and one.staff_id != staff.id:
            return f"是{people.staff_name(conn, row.staff_id or 0)}的，没记"
        if row.is_open or row.answered_by in (None, staff.id):
            return ""
        at = row.answered_at.astimezone(self._place.zone) if row.answered_at else None
        when = f"{at:%m-%d} {at.hour}:{at.minute:02}" if at else ""
        return f"{people.staff_name(conn, row.answered_by)} {when} 已经回过，没再记"

    def _done(self, row: Row, sight: Sight, said: Answer) -> str:
        work, zone = self._work, self._place.zone
        hers = contacts.of(work.recorder.conn, [sight.customer.id]).get(sight.customer.id, [])
        before = [one for one in hers if not self._is_same_call(one)]
        read = due.due if said.outcome in cards.CALLED else due.begins
        when = read(said.when, work.now, zone) if said.when else None
        rest = cooldown.rest(said.outcome, work.now, zone, retries=unanswered(before), when=when)
        self._contact(row, sight, said, rest, hers)
        self._close(row, said)
        callbacks.close(work.recorder, sight.customer.id, work.now)
        reminded = None
        if said.outcome in cards.CALLED and when and rest.remind_at:
            text = f"{callbacks.NAMED}{cards.reminder(said.outcome, when, zone)}"
            reminded = promises.open_one(work, sight, "reminder", text, rest.remind_at)
        if said.outcome == "stop":
            self._stop(sight)
        if said.outcome in ("refused", "moved"):
            self._lost(sight, said.reason)
        if said.outcome == "reached" and said.reason and not row.why.care:
            self.result.wishing.append(row)
        told = replace(said, reason="") if work.staff.veil == "closed" else said
        return cards.done(told, rest, reminded, work.now, zone)

    def _contact(self, row: Row, sight: Sight, said: Answer, rest: Rest, hers: Iterable[Contact]) -> None:
        """One contact a day: a better word about the same call takes the place of the first."""
        work = self._work
        again = rest.remind_at if rest.retry or said.outcome == "later" else None
        if again is None and rest.listed_from is not None:
            again = self._place.start(rest.listed_from)
        same = next((one for one in hers if self._is_same_call(one)), None)
        made = Contact(
            same.id if same else new_id(),
            sight.customer.id,
            self._place.store.id,
            work.staff.id,
            row.id,
            said.outcome,
            work.now,
            again,
        )
        values = contacts.values(work.recorder.conn, made, said.rest)
        if same:
            better = {name: values[name] for name in ("outcome", "at", "again_at", "detail")}
            work.recorder.update(contacts_table, made.id, **better)
        else:
            work.recorder.insert(contacts_table, values)

    def _is_same_call(self, one: Contact) -> bool:
        return one.staff_id == self._work.staff.id and one.at.astimezone(self._place.zone).date() == self._work.today

    def _close(self, row: Row, said: Answer) -> None:
        """The row is done, and so is she wherever else she stands open."""
        work = self._work
        others = [one for one in lists.open_of(work.recorder.conn, [row.customer_id]) if one.id != row.id]
        for one in (row, *others):
            work.recorder.update(
                list_rows,
                one.id,
                state="done",
                outcome=said.outcome,
                answered_at=work.now,
                answered_by=work.staff.id,
            )

    def _stop(self, sight: Sight) -> None:
        """Nobody of the chain calls her any more."""
        known = stored.of_customer(self._work.recorder.conn, sight.customer.id, self._work.now)
        if not any(one.kind == "contact_rule" and STOP in one.value for one in known):
            add_fact(self._work, sight, {"kind": "contact_rule", "value": STOP})

    def _lost(self, sight: Sight, reason: str) -> None:
        """Why she does not come: kept where it was said, else asked once a year."""
        if reason:
            lost(self._work, sight, reason)
        elif not asked_lately(self._work, sight.customer.id):
            self.result.unsaid.append((sight.customer.id, cards.who(sight)))

    def _coupon(self, row: Row, sight: Sight) -> str:
        """The coupon of her row, by the same checks as 发; what stands against it is said and nothing is written."""
        work = self._work
        conn = work.recorder.conn
        known = gate.known_of(conn, sight.customer.id, work.now)
        if row.why.care:
            return "这位只问候，没有发券"
        fitting = giving.fitting(conn, sight, work.staff, work.now, known=known)
        named = batches.by_name(conn, row.why.offer, work.staff.store_id) if row.why.offer else []
        offer = next(iter(named), None) or next(iter(fitting), None)
        if offer is None:
            return "现在没有能发给她的券，没发"
        gift = replace(work, recorder=Recorder(conn, work.recorder.unit_id))
        try:
            made = approving.give_or_ask(gift, sight, offer)
        except (ConflictError, NotAllowedError) as refused:
            if gift.recorder.wrote:
                raise
            return f"没发：{refused.say}"
        self.result.gifts.append(gift)
        if isinstance(made, Approval):
            return f"「{offer.name}」{made.why}，已请示（{made.number}号），批了我告诉你"
        said = Answer((row.position,), "coupon")
        hers = contacts.of(conn, [sight.customer.id]).get(sight.customer.id, [])
        self._contact(row, sight, said, cooldown.rest("coupon", work.now, self._place.zone), hers)
        self._close(row, said)
        self.result.coupons.append((cards.who(sight), made))
        return f"{offer.name}已发，尾码 {made.tail}，到{made.ends_on:%m-%d}"


def sight_of(work: Writer, customer_id: int) -> Sight:
    """Whoever stands in a row, also where whoever it was given to does not look after her; merged: who she is now."""
    conn = work.recorder.conn
    found = customers.by_id(conn, customer_id, seen_by=work.staff)
    if found:
        return found
    whole = customers.for_write(conn, customer_id)
    if whole.merged_into is not None:
        return sight_of(work, whole.merged_into)
    return Sight(whole.behind(work.staff.veil), Stats(whole.id), veil=work.staff.veil)


def lost(work: Writer, sight: Sight, reason: str) -> None:
    """Keep why she does not come."""
    known = stored.of_customer(work.recorder.conn, sight.customer.id, work.now)
    if not any(one.kind == LOSS and one.value == reason for one in known):
        add_fact(work, sight, {"kind": LOSS, "value": reason})


def asked_lately(work: Writer, customer_id: int) -> bool:
    """Whether it is known why she does not come."""
    known = stored.of_customer(work.recorder.conn, customer_id, work.now)
    return any(one.kind == LOSS and _age(one.said_at, work.now) < _ASK_AGAIN_DAYS for one in known)


def _age(at: datetime, now: datetime) -> int:
    return (now - at).days
