"""The card's choice is what may really be given; her layer is worded so that she may see it, and its age is said."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from bot.actions import giving, profiles
from bot.actions.notes import Writer
from bot.cards import profile as cards
from bot.cards.profile import View
from bot.db import customers
from bot.db.bulk.orders import Order, store_orders
from bot.db.changes import Recorder
from bot.db.core.engine import Database
from bot.db.core.ids import new_id
from bot.db.offers import offers, plays
from bot.db.segments import bought, rules, silence, standings
from bot.db.tables import chain
from bot.domain.segments.labels import LAYERS
from bot.domain.segments.measures import measure
from bot.domain.shop import Staff
from bot.domain.stats import Line
from bot.refresh.run import refresh
from tests.offers.issuing import a_customer
from tests.support.cast import ZONE, staff
from tests.support.world import world

PHONES = ("+8613800138000", "+8613800002203", "+8613800007715")
UNKIND = ("大客", "要走", "沉睡", "潜力", "高价值", "流失")


def _view(conn: Connection, phone: str, who: Staff, now: datetime) -> View:
    found = customers.by_phone(conn, phone, seen_by=who)
    assert found
    return profiles.view(conn, found, who, now)


@pytest.mark.parametrize("phone", PHONES)
def test_a_card_proposes_an_offer_exactly_where_it_may_be_given(database: Database, now: datetime, phone: str) -> None:
    world(database, now)
    who = staff(database, "小王")

    def tried(conn: Connection) -> tuple[list[str], list[str]]:
        recorder = Recorder(conn, new_id())
        first = offers.standing(conn, who.store_id)
        giving.give(Writer(recorder, who, now), _view(conn, phone, who, now).sight, first[2])
        proposed = []
        for offer in first:
            hers = _view(conn, phone, who, now).play
            assert hers
            plays.keep(recorder, replace(hers, offer=offer.name, kind=offer.kind), who.id, now)
            found = _view(conn, phone, who, now).offer
            proposed += [found.name] if found else []
        fitting = giving.fitting(conn, _view(conn, phone, who, now).sight, who, now)
        return proposed, [offer.name for offer in sorted(fitting, key=lambda one: one.number)]

    proposed, fitting = database.transact(tried)

    assert proposed == fitting
    assert len(fitting) == len(offers_of(database)) - 2  # one she has, one is for a birthday


def offers_of(database: Database) -> list[str]:
    with database.reading() as conn:
        return [offer.name for offer in offers.standing(conn, None)]


def test_after_a_refresh_her_layer_is_there_and_she_may_read_the_card(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    world(database, now)
    refresh(database, tmp_path, now)
    who = staff(database, "小王")

    views = database.transact(lambda conn: [_view(conn, phone, who, now) for phone in PHONES])

    assert {view.layer for view in views} <= set(LAYERS)
    texts = [cards.card(view).text for view in views]
    assert [text for text in texts if any(word in text for word in UNKIND)] == []
    assert [LAYERS[view.layer] in cards.details(view, "", [], 0).text for view in views] == [True] * len(views)
    assert [text for text in texts if "分层到" in text] == []


def test_every_layer_has_words_she_may_read(database: Database, now: datetime) -> None:
    world(database, now)
    who = staff(database, "小王")
    view = database.transact(lambda conn: _view(conn, PHONES[0], who, now))

    texts = [cards.card(replace(view, layer=layer)).text for layer in LAYERS]

    assert [text for text in texts if any(word in text for word in UNKIND)] == []


@pytest.mark.parametrize(("days", "said"), [(0, False), (1, False), (2, True)])
def test_a_stale_refresh_is_said(database: Database, now: datetime, tmp_path: Path, *, days: int, said: bool) -> None:
    world(database, now)
    refresh(database, tmp_path, now)
    who = staff(database, "小王")

    later = now + timedelta(days=days)
    text = database.transact(lambda conn: cards.card(_view(conn, PHONES[0], who, later)).text)

    assert (f"，分层到 {now:%m-%d}" in text) is said


def _orders(conn: Connection, who: Staff, customer_id: int, days: list[date], *, back: bool = False) -> None:
    """A sale on each of these days, or (`back`) what refunds it."""
    store_orders(
        conn,
        [
            Order(
                f"{'R' * back}{customer_id}-{day}", who.store_id or 0, customer_id,
                datetime.combine(day, time(15 + back), ZONE), day, "refund" if back else "sale",
                [Line(None, 1000, -1800 if back else 1800)], f"{customer_id}-{day}" if back else None,
            )
            for day in days
        ],
    )  # fmt: skip


def test_who_gave_back_all_she_bought_has_bought_nothing_though_the_refresh_has_not_seen_it(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    world(database, now)
    who = staff(database, "小王")
    phone, on = "+8613800005555", [now.date() - timedelta(days=2)]
    her = a_customer(database, now, who, phone=phone)
    database.transact(lambda conn: _orders(conn, who, her, on))
    refresh(database, tmp_path, now)
    before = database.transact(lambda conn: _view(conn, phone, who, now))
    database.transact(lambda conn: _orders(conn, who, her, on, back=True))

    after = database.transact(lambda conn: _view(conn, phone, who, now))

    said = [(view.layer, view.play.key, "新客" in cards.card(view).text) for view in (before, after) if view.play]
    assert said == [("new", "layer.new", True), ("", "layer.never", False)]
    assert "还没买过" in cards.card(after).text
    assert after.offer is None or after.offer.name != "下次券"


@pytest.mark.parametrize("vertical", ["tea", "fashion", "jewellery"])
def test_the_stage_of_a_card_is_the_one_that_is_measured_and_kept(
    database: Database, now: datetime, tmp_path: Path, vertical: str
) -> None:
    world(database, now)
    database.transact(lambda conn: conn.execute(update(chain).values(vertical=vertical)))
    who, today = staff(database, "小王"), now.date()
    days = [today - timedelta(days=turn) for turn in range(1, 120) if not 30 < turn < 60]  # a month of works
    busy = a_customer(database, now, who, phone="+8613800005550")
    database.transact(lambda conn: _orders(conn, who, busy, days))
    phones = []
    for away in (20, 29, 61, 75, 95, 100):
        for gap, visits in ((3, 4), (20, 3), (0, 1)):
            phones.append(f"+86138000055{len(phones) + 51}")
            her = a_customer(database, now, who, phone=phones[-1])
            came = [today - timedelta(days=away + gap * turn) for turn in range(visits)]
            database.transact(partial(_orders, who=who, customer_id=her, days=came))
    refresh(database, tmp_path, now)

    def stages(conn: Connection) -> list[tuple[str, str, str]]:
        found = []
        for phone in phones:
            view = _view(conn, phone, who, now)
            customer = view.sight.customer
            of_store = rules.in_force(conn).of(customer.store_id)
            silent = silence.silent_days(conn, customer.store_id, today)
            measured = measure(bought.of(conn, customer.id, today), of_store, today, silent)
            kept = standings.of(conn, customer.id)
            assert kept
            found.append((view.pace.stage, measured.rhythm(of_store).stage, kept.labels.stage))
        return found

    found = database.transact(stages)

    assert [(card, measured) for card, measured, kept in found] == [(kept, kept) for _, _, kept in found]
    assert len({card for card, *_ in found}) > 1
