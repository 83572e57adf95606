"""Gathering what a card is made of, in as few queries as it takes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.actions import discretion, gate
from bot.actions.gate import Known
from bot.cards.profile import View
from bot.db import catalog
from bot.db.catalog import Item
from bot.db.core.engine import keys_of
from bot.db.offers import coupons, goods, plays
from bot.db.offers import offers as batches
from bot.db.segments import away, rules, standings
from bot.domain import masks, rhythm
from bot.domain.customers import Fact, Sight
from bot.domain.language import conflicts
from bot.domain.segments.labels import Standing
from bot.domain.selling.offers import Offer
from bot.domain.selling.plays import Play, choosing, saying
from bot.domain.selling.plays.words import CALLED, LIKED, NEWS, SHOP, WHO, given, with_coupon
from bot.domain.shop import Staff
from bot.domain.stats import Stats

_NEW = timedelta(days=60)
_TO_MIND = ("allergy", "avoid", "contact_rule")
_HEALTH = ("allergy", "avoid", "family")


def usual_ids(stats: Stats) -> list[int]:
    """The products she takes most among her newest lines, at most three; what she took once only counts alone."""
    return most_bought(line.product_id or 0 for line in stats.recent)


def most_bought(products: Iterable[int]) -> list[int]:
    """The same of the products of her newest lines; 0 is none."""
    counts = Counter(filter(None, products))
    often = [product for product, times in counts.most_common(3) if times > 1]
    return often or [product for product, _ in counts.most_common(1)]


def view(conn: Connection, sight: Sight, staff: Staff, now: datetime) -> View:
    """Everything a card of this customer shows to this person."""
    stats = sight.stats
    today = now.astimezone(staff.zone).date()
    usual, news = _usual(conn, stats, today)
    known = gate.known_of(conn, sight.customer.id, now)
    fine = _fine(usual, news, known)
    shown = tuple(_local(fact, staff) for fact in known.facts)
    if staff.role == "hq":
        shown = tuple(fact for fact in shown if fact.kind not in _HEALTH)
    withheld = staff.veil == "closed" and to_mind(known)
    sight, shown, still_open = discretion.card(conn, staff, sight, shown, tuple(known.open))
    found = View(
        sight=sight,
        facts=shown,
        matters=still_open,
        usual=tuple(item.name for item in usual),
        news=news.name if news else "",
        pace=pace(conn, sight, today),
        token=keys_of(conn).token(sight.customer.id, staff.id),
        staff=staff,
        now=now,
        withheld=withheld,
        coupons=() if staff.veil == "closed" else tuple(coupons.of_customer(conn, sight.customer.id, today)),
        fine=fine,
        hers=() if gate.tells_nothing(staff) else (*fine, *_liked(known)),
        gaps=_gaps(sight, staff, fine, _followed(usual, news)),
    )
    return _played(conn, found, known)


def to_mind(known: Known) -> bool:
    """Whether there is anything of her that whoever serves her must mind."""
    return bool(known.open) or any(fact.kind in _TO_MIND for fact in known.facts)


def _usual(conn: Connection, stats: Stats, today: date) -> tuple[list[Item], Item | None]:
    """Her usual products, and a new variant of one of them."""
    wanted = usual_ids(stats)
    items = catalog.few(conn, wanted) if wanted else []
    by_id = {item.id: item for item in items}
    fresh = (
        item
        for product in wanted
        for item in items
        if item.replaces_id == product and item.new_on and today - _NEW <= item.new_on <= today
    )
    return [by_id[product] for product in wanted if product in by_id], next(fresh, None)


def _fine(usual: Sequence[Item], news: Item | None, known: Known) -> tuple[str, ...]:
    """Those of some products that may be named to her: nothing in them touches what she must not have."""
    items = [*usual, *([news] if news else [])]
    return tuple(item.name for item in items if _spared(known, item.holds))


def _liked(known: Known) -> tuple[str, ...]:
    """What she said she likes, as far as she may have it."""
    likes = (fact for fact in known.facts if fact.kind == "preference" and not fact.of and fact.state == "live")
    return tuple(fact.value for fact in likes if _spared(known, (fact.value,)))


def _spared(known: Known, holds: Sequence[str]) -> bool:
    return not any(conflicts(fact.value, holds) for fact in saying.barring(known.facts) if not fact.of)


def lines_for(conn: Connection, known: Known, lines: Sequence[str], gaps: Mapping[str, str], last: str) -> list[str]:
    """Those of some lines that may be said to her, filled; `last`, which names nothing, where none may."""
    barring = saying.barring(known.facts)
    every = goods.everything(conn) if barring else []
    heard = [line for line in lines if not (known.declines and saying.promises(line))]
    return saying.sayable(heard, gaps, barring, every) or saying.sayable([last], gaps)


def _followed(usual: Sequence[Item], news: Item | None) -> tuple[str, str]:
    """The new variant, and which of her usual products it is one of."""
    return next(((news.name, one.name) for one in usual if news and one.id == news.replaces_id), ("", ""))


def _gaps(sight: Sight, staff: Staff, fine: Sequence[str], news: tuple[str, str]) -> dict[str, str]:
    """What words for her may name: of her usual products and the new one those that are `fine`.

    With the new one goes the product it is a variant of: a line that names both speaks of one thing.

    Where what she must not have is not to be known (a closed channel, head office), no product is named: what was
    left out would tell of it.
    """
    called = masks.polite(sight.customer.name, sight.customer.gender)
    speaks = f"{staff.store_name}的{staff.name}" if staff.store_name else staff.name
    gaps = {CALLED: "您好" if called.endswith("*") else called, SHOP: staff.store_name, WHO: speaks}
    if gate.tells_nothing(staff):
        return gaps
    fresh, older = news if set(news) <= set(fine) else ("", "")
    return gaps | {LIKED: older or next((name for name in fine if name != fresh), ""), NEWS: fresh}


def _played(conn: Connection, found: View, known: Known) -> View:
    """The card with her layer, her play and what of it may be given at once.

    On a closed channel whoever has anything to be minded is given nothing, whatever it is: what is refused there
    would tell of it.
    """
    standing = _standing(conn, found.sight)
    every = plays.of(conn, found.staff.vertical)
    celebrating = gate.celebrates(conn, found.sight, found.today)
    play = _play(every, standing, found.pace.stage, celebrating=celebrating)
    in_season = play.key == "birthday" or play.offer != every["birthday"].offer
    gives = play.offer and in_season and found.staff.store_id and not found.withheld
    offer = _proposed(conn, found, play, known) if gives else None
    return replace(
        found,
        gaps={**found.gaps, **given(offer)},
        layer=standing.labels.layer if standing else "",
        layered_on=standing.as_of if standing else None,
        play=play,
        offer=offer,
    )


def _standing(conn: Connection, sight: Sight) -> Standing | None:
    """What the refresh kept of her; nothing where she has bought or returned everything since, which says more."""
    kept = standings.of(conn, sight.customer.id)
    return kept if kept and (kept.labels.layer == "never") == (not sight.stats.purchase_days) else None


def _play(every: Mapping[str, Play], standing: Standing | None, stage: str, *, celebrating: bool) -> Play:
    return choosing.chosen(
        every,
        layer=standing.labels.layer if standing else choosing.layer_of(stage),
        frequency=standing.labels.frequency if standing else "",
        celebrating=celebrating,
    )


def greeting(conn: Connection, sight: Sight, staff: Staff, known: Known, offer: Offer, now: datetime) -> str:  # noqa: PLR0913, PLR0917 — to whom, from whom, minding what, with what, when
    """What is said to her with a coupon: the words of her play, if it is the play's coupon; else a plain line."""
    today = now.astimezone(staff.zone).date()
    every = plays.of(conn, staff.vertical)
    celebrating = gate.celebrates(conn, sight, today)
    hers = _play(every, _standing(conn, sight), pace(conn, sight, today).stage, celebrating=celebrating)
    usual, news = _usual(conn, sight.stats, today)
    gaps = _gaps(sight, staff, _fine(usual, news, known), _followed(usual, news)) | given(offer)
    plain = with_coupon(offer)
    lines = [*(hers.words if hers.offer == offer.name else ()), *plain]
    return lines_for(conn, known, lines, gaps, plain[-1])[0]


def _proposed(conn: Connection, found: View, play: Play, known: Known) -> Offer | None:
    """The offer of a play, if she may be given it now: what `giving.fitting` says of it, without looking at others."""
    if known.declines or known.complains:
        return None
    standing = batches.standing(conn, found.staff.store_id)
    offer = next((one for one in standing if one.name == play.offer and batches.is_on(one, found.today)), None)
    if offer is None or not batches.is_left(offer):
        return None
    if coupons.free_place(conn, offer, found.sight.customer.id, found.today) is None:
        return None
    bar = gate.barred_by(conn, known, offer)
    return None if bar and bar.whole else offer


def _local(fact: Fact, staff: Staff) -> Fact:
    return replace(fact, said_at=fact.said_at.astimezone(staff.zone))


def pace(conn: Connection, sight: Sight, today: date) -> rhythm.Rhythm:
    """Her rhythm as of a day, by the rules and the silent days of her own store: as 为什么 measures it."""
    stats, store_id = sight.stats, sight.customer.store_id
    of_store = rules.in_force(conn).of(store_id)
    return rhythm.rhythm(
        stats.purchase_days,
        stats.first_on,
        stats.last_on,
        stats.gap_sum_days,
        stats.gap_square_sum,
        today,
        usual_days=of_store.usual_days,
        silent_days=away.silent_since(conn, store_id, stats.last_on, today),
        new_days=of_store.new_days,
        asleep_days=of_store.asleep_days,
    )
