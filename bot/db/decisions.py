"""What head office decided of personal data: kept with who and when, the newest decides; none is a no."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.tables import decisions, staff
from bot.domain.shop import Staff, Veil

TELEGRAM = "telegram"  # its servers are abroad: the channel and what is decided of it

_NEWEST = (
    select(decisions.c.allowed, decisions.c.at, decisions.c.staff_id, staff.c.code, staff.c.name)
    .select_from(decisions.join(staff, staff.c.id == decisions.c.staff_id))
    .where(decisions.c.about == bindparam("about"))
    .order_by(decisions.c.id.desc())
    .limit(1)
)
_LAST = Prepared(_NEWEST)


@dataclass(frozen=True, slots=True)
class Decision:
    """A yes or a no, when, and of whom; `code` and `name` are hers, even if she has left since."""

    allowed: bool
    at: datetime
    code: str
    name: str


def decide(conn: Connection, about: str, *, allowed: bool, staff_id: int, now: datetime) -> None:
    """Record a decision; the earlier ones stay on record."""
    conn.execute(insert(decisions).values(id=new_id(), about=about, allowed=allowed, staff_id=staff_id, at=now))


def last(conn: Connection, about: str) -> Decision | None:
    """What holds now; None where nobody decided yet, which means no."""
    rows = _LAST.rows(conn, about=about)
    if not rows:
        return None
    allowed, at, staff_id, code, name = rows[0]
    return Decision(bool(allowed), at, code, keys_of(conn).unseal("staff.name", staff_id, name))


def veil_of(conn: Connection, channel: str) -> Veil:
    """What a channel hides; asks nothing of one that may show all."""
    if channel != TELEGRAM:
        return "none"
    decision = last(conn, TELEGRAM)
    return "names" if decision and decision.allowed else "closed"


def for_channel(conn: Connection, person: Staff, channel: str) -> Staff:
    """This person as she speaks on a channel, behind its veil."""
    veil = veil_of(conn, channel)
    return person if veil == person.veil else replace(person, veil=veil)
