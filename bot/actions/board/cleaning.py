"""The clean-up of a store: proposed, and done once somebody who leads it says yes."""

from datetime import datetime, time, tzinfo

from sqlalchemy import Connection

from bot.actions import archive
from bot.actions.notes import Writer
from bot.cards.board import cleaning as cards
from bot.db import customers
from bot.db.board import proposals, saving
from bot.db.board.proposals import Cleaning, Proposal
from bot.db.tables import proposals as table
from bot.domain import masks
from bot.domain.calendar.months import months_after
from bot.domain.errors import ConflictError

_AWAY_MONTHS = 24


def find(conn: Connection, store_id: int, now: datetime, tz: tzinfo) -> Cleaning:
    """Whom a clean-up of a store would concern today."""
    border = months_after(now.astimezone(tz).date(), -_AWAY_MONTHS)
    return proposals.find(conn, store_id, border, datetime.combine(border, time(), tz))


def told(conn: Connection, store: str, cleaning: Cleaning) -> str:
    """What would be done, for a yes."""
    counts = cards.Counts(len(cleaning.away), len(cleaning.empty), cleaning.kept, len(cleaning.wrong))
    return cards.proposed(store, counts, pairs_named(conn, cleaning))


def pairs_named(conn: Connection, cleaning: Cleaning, most: int = 4) -> list[tuple[str, str]]:
    """What the first pairs are called, masked; of the others only how many there are."""
    some = cleaning.pairs[:most]
    known = saving.named(conn, [row_id for pair in some for row_id in pair])
    named = {row_id: masks.who(name, last4) for row_id, (name, last4, _) in known.items()}
    rest = [("", "")] * (len(cleaning.pairs) - len(some))
    return [(named.get(one, masks.NOBODY), named.get(other, masks.NOBODY)) for one, other in some] + rest


def make(work: Writer, store_id: int, cleaning: Cleaning) -> Proposal:
    """Let a clean-up that was asked for wait; taken back with the unit."""
    conn = work.recorder.conn
    values = proposals.row(conn, store_id, cleaning, work.now)
    work.recorder.insert(table, values)
    found = proposals.by_id(conn, int(str(values["id"])))
    assert found  # noqa: S101 — it was just written
    return found


def decide(work: Writer, proposal: Proposal, *, granted: bool) -> tuple[int, int, int]:
    """Do it, or leave it; gives how many were marked and merged, and pairs that could not be any more."""
    if proposal.state != "waiting":
        raise ConflictError("这次清理已经办过或过期了，发「清理」看现在的。")
    state = "done" if granted else "refused"
    work.recorder.update(table, proposal.id, state=state, decided_by=work.staff.id, decided_at=work.now)
    if not granted:
        return 0, 0, 0
    cleaning = proposal.cleaning
    now_ = find(work.recorder.conn, proposal.store_id, work.now, work.staff.zone)
    still = [row_id for row_id in (*cleaning.away, *cleaning.empty) if row_id in {*now_.away, *now_.empty}]
    if still:
        proposals.mark(work.recorder, proposal.store_id, still, work.today, work.now)
    merged = sum(_merge(work, one, other) for one, other in cleaning.pairs if (one, other) in now_.pairs)
    return len(still), merged, len(cleaning.pairs) - merged


def _merge(work: Writer, one_id: int, other_id: int) -> bool:
    conn = work.recorder.conn
    one, other = (customers.by_id(conn, row_id, seen_by=work.staff) for row_id in (one_id, other_id))
    if one is None or other is None:
        return False
    alike = archive.compare(conn, customers.whole(conn, one), customers.whole(conn, other))
    archive.merge(work, alike.kept.customer, alike.gone.customer)
    return True
