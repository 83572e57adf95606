"""What became of those who were listed for staying away: the last answer of each, and who was reached."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Integer, bindparam, select, type_coerce

from bot.db.core.prepared import Prepared
from bot.db.core.types import Day
from bot.db.lists.trials import WINDOW
from bot.db.tables import list_rows, lists, trials
from bot.domain.lists import cooldown

_ANSWERS = Prepared(
    select(list_rows.c.customer_id, list_rows.c.outcome)
    .join(lists, lists.c.id == list_rows.c.list_id)
    .join(trials, trials.c.customer_id == list_rows.c.customer_id)
    .where(
        trials.c.store_id == bindparam("store"),
        trials.c.entered_on >= bindparam("since", type_=Day()),
        trials.c.entered_on < bindparam("until", type_=Day()),
        trials.c.listed,
        list_rows.c.outcome.is_not(None),
        lists.c.made_on >= trials.c.entered_on,
        type_coerce(lists.c.made_on, Integer) < type_coerce(trials.c.entered_on, Integer) + WINDOW.days,
    )
    .order_by(list_rows.c.id)
)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The last answer of each of them, counted, and how many were reached."""

    by_outcome: Counter[str]
    reached: int


def outcomes(conn: Connection, store_id: int, since: date, until: date) -> Outcomes:
    """Of those who were listed for the first time from one day to before another."""
    told = dict(_ANSWERS.rows(conn, store=store_id, since=since, until=until))
    return Outcomes(Counter(told.values()), sum(map(_is_contact, told.values())))


def _is_contact(outcome: str) -> bool:
    rule = cooldown.RULES.get(outcome)  # type: ignore[call-overload]  # outcomes of later versions are none
    return bool(rule and rule.contact)
