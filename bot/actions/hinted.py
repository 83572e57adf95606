"""Finding somebody by what is remembered of her: 昨天退了针织衫那个姐姐 姓陈还是程; always a guess."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.db import audit, customers, facts, search, sightings
from bot.domain import hints
from bot.domain.customers import Sight
from bot.domain.hints import Hint, ranking
from bot.domain.hints.ranking import Visit
from bot.domain.shop import Staff

_LOOKED = timedelta(hours=3)
_KNOWN = timedelta(days=7)
_ITEM_DAYS, _ACTION_DAYS, _FEW_DAYS = 90, 14, 5
_MOST_FACTS = 40
_SHOWN = 3
LONGEST_NAME = 10
"""More is a description, not what somebody is called."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, when, and of whom they spoke before."""

    conn: Connection
    staff: Staff
    now: datetime
    focus: int | None

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.astimezone(self.staff.zone).date()


def by_hint(asker: Asker, words: str) -> list[Sight]:
    """Whom a hint fits in the asker's store, the best fit first."""
    search.home(asker.staff)
    hint = hints.read(words, asker.today)
    if hint.just_now and not (hint.items or hint.looks or hint.surnames or hint.actions):
        return _just_seen(asker, hint)
    if hint.tells_little:
        return []
    fits = _fits(asker, hint, words)
    first = sorted(fits, key=lambda one: -fits[one])[: search.MOST]
    found = _read(asker, first)
    for sight in found:
        birthday = customers.whole(asker.conn, sight).customer.birthday
        fits[sight.customer.id] += ranking.age_fit(hint, birthday, asker.today)
    return sorted(ranking.nearest(found), key=lambda sight: -fits[sight.customer.id])


def told_apart(asker: Asker, sights: Sequence[Sight], words: str) -> list[Sight]:
    """People of a name, those whom a hint fits first."""
    fits = _fits(asker, hints.read(words, asker.today), words)
    return sorted(sights, key=lambda sight: -fits.get(sight.customer.id, 0.0))


def borne_out(asker: Asker, words: str) -> dict[int, Visit]:
    """For each customer the order that bears a hint out best, to be shown beside her."""
    best = _visits(asker, hints.read(words, asker.today))
    return {row_id: visit for row_id, (_, visit) in best.items()}


def _just_seen(asker: Asker, hint: Hint) -> list[Sight]:
    """The one spoken of, else those looked at last."""
    ids = [asker.focus] if asker.focus else audit.last_seen(asker.conn, asker.staff.id, asker.now - _LOOKED)
    return [one for one in _read(asker, ids) if not hint.gender or one.customer.gender in (None, hint.gender)][:_SHOWN]


def _read(asker: Asker, ids: Iterable[int]) -> list[Sight]:
    found = (customers.by_id(asker.conn, row_id, seen_by=asker.staff) for row_id in ids)
    return [sight for sight in found if sight]


def _fits(asker: Asker, hint: Hint, text: str) -> dict[int, float]:
    """Who may be meant, with how much of the hint each bears out."""
    visits = _visits(asker, hint)
    looked = audit.last_seen(asker.conn, asker.staff.id, asker.now - _KNOWN)
    told = (*hint.items, *hint.looks)
    words = list(dict.fromkeys(word for word in (text, *told) if 1 < len(word) <= LONGEST_NAME))
    known = search.acquainted(asker.conn, {*visits, *looked}, hint.surnames, words, seen_by=asker.staff)
    just = set(audit.last_seen(asker.conn, asker.staff.id, asker.now - _LOOKED)) if hint.just_now else set()
    fits: dict[int, float] = {}
    for row_id, who in known.items():
        fit = ranking.person_fit(hint, who.keys)
        if fit is not None:
            done = visits[row_id][0] if row_id in visits else 0.0
            fits[row_id] = fit + done + ranking.REMEMBERED * min(1, who.words) + ranking.JUST_SEEN * (row_id in just)
    if told:
        _add_facts(asker, fits, told, looked)
    return ranking.close(fits)


def _visits(asker: Asker, hint: Hint) -> dict[int, tuple[float, Visit]]:
    """The orders that may be meant: of each customer the one that bears the hint out best."""
    best: dict[int, tuple[float, Visit]] = {}
    for visit in _orders(asker, hint):
        fit = ranking.visit_fit(hint, visit, asker.staff.zone)
        if visit.customer_id not in best or fit > best[visit.customer_id][0]:
            best[visit.customer_id] = fit, visit
    return best


def _orders(asker: Asker, hint: Hint) -> list[Visit]:
    """Orders with what was said, and those of a few days whatever was bought: days and goods are mixed up easily."""
    since, until = _window(hint, asker.today)
    if since > until:
        return []
    among = sightings.products_like(asker.conn, ranking.pieces(hint.items)) if hint.items else []
    store_id = search.home(asker.staff)
    found = sightings.visits_for(asker.conn, store_id, since, until, among) if among else []
    if not hint.items or (hint.since and (not among or (until - since).days <= _FEW_DAYS)):
        found += sightings.visits(asker.conn, store_id, since, until)
    return found


def _window(hint: Hint, today: date) -> tuple[date, date]:
    """Between which days to look; where none was said, no further back than it is worth."""
    if hint.since and hint.until:
        slack = timedelta(days=hint.slack_days)
        return hint.since - slack, min(today, hint.until + slack)
    days = _ITEM_DAYS if hint.items else _ACTION_DAYS if hint.actions else -1
    return today - timedelta(days=days), today


def _add_facts(asker: Asker, fits: dict[int, float], words: tuple[str, ...], looked: Sequence[int]) -> None:
    """What was noted of those looked at this week and of the likeliest so far: 带俩柯基来的."""
    likeliest = sorted(fits, key=lambda one: -fits[one])[:_MOST_FACTS]
    for row_id in dict.fromkeys([*likeliest, *looked]):
        if row_id in fits:
            known = facts.of_customer(asker.conn, row_id, asker.now)
            values = tuple(fact.value for fact in known if fact.state == "live")
            fits[row_id] += ranking.REMEMBERED * ranking.item_fit(words, values)
