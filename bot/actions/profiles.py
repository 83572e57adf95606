"""Gathering what a card is made of, in as few queries as it takes."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.actions import discretion
from bot.cards.profile import View
from bot.db import catalog, facts, matters
from bot.db.core.engine import keys_of
from bot.domain import rhythm
from bot.domain.customers import Fact, Sight
from bot.domain.shop import USUAL_DAYS, Staff
from bot.domain.stats import Stats

_NEW = timedelta(days=60)
_TO_MIND = ("allergy", "avoid", "contact_rule")
_HEALTH = ("allergy", "avoid", "family")


def usual_ids(stats: Stats) -> list[int]:
    """The products she takes most among her newest lines, at most three; what she took once only counts alone."""
    counts = Counter(line.product_id for line in stats.recent if line.product_id)
    often = [product for product, times in counts.most_common(3) if times > 1]
    return often or [product for product, _ in counts.most_common(1)]


def view(conn: Connection, sight: Sight, staff: Staff, now: datetime) -> View:
    """Everything a card of this customer shows to this person."""
    customer, stats = sight.customer, sight.stats
    today = now.astimezone(staff.zone).date()
    wanted = usual_ids(stats)
    items = catalog.few(conn, wanted) if wanted else []
    by_id = {item.id: item.name for item in items}
    news = next(
        (
            item.name
            for product in wanted
            for item in items
            if item.replaces_id == product and item.new_on and today - _NEW <= item.new_on <= today
        ),
        "",
    )
    known = tuple(_local(fact, staff) for fact in facts.of_customer(conn, customer.id, now))
    if staff.role == "hq":
        known = tuple(fact for fact in known if fact.kind not in _HEALTH)
    still_open = tuple(matters.open_of(conn, customer.id))
    to_mind = bool(still_open) or any(fact.kind in _TO_MIND for fact in known)
    sight, known, shown = discretion.card(conn, staff, sight, known, still_open)
    return View(
        sight=sight,
        facts=known,
        matters=shown,
        usual=tuple(by_id[product] for product in wanted if product in by_id),
        news=news,
        pace=pace(stats, staff, today),
        token=keys_of(conn).token(customer.id, staff.id),
        staff=staff,
        now=now,
        withheld=to_mind and staff.veil == "closed",
    )


def _local(fact: Fact, staff: Staff) -> Fact:
    return replace(fact, said_at=fact.said_at.astimezone(staff.zone))


def pace(stats: Stats, staff: Staff, today: date) -> rhythm.Rhythm:
    """Her rhythm as of a day, shrunk towards what is usual in this trade."""
    return rhythm.rhythm(
        stats.purchase_days,
        stats.first_on,
        stats.last_on,
        stats.gap_sum_days,
        stats.gap_square_sum,
        today,
        usual_days=USUAL_DAYS.get(staff.vertical, 30),
    )
