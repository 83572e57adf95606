"""A month of a store with ten guides: how often who is called and who is told, and whether anybody is forgotten."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import Connection, select

from bot.db.core.engine import open_database
from bot.db.lists import known
from bot.db.tables import contacts, customer_segments, list_rows, lists, outbox, staff
from bot.domain.lists.cooldown import RULES
from bot.domain.lists.holdout import held_out
from bot.domain.quiet import is_quiet
from tests.lists.living import CUSTOMERS, DAYS, FIRST, GUIDES, Month
from tests.support import engines
from tests.support.cast import ZONE


@pytest.fixture(scope="module", params=engines.ENGINES if os.environ.get("ZHANGGUI_TEST_MONTH") else ["sqlite"])
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    url = engines.fresh(request.param, tmp_path_factory.mktemp("month"))
    month = Month(open_database(url, engines.KEYS), Random(5))
    month.live()
    yield month
    month.database.close()
    engines.drop(url)


@pytest.fixture
def conn(lived: Month) -> Iterator[Connection]:
    with lived.database.reading() as reading:
        yield reading


def local(at) -> date:
    return at.astimezone(ZONE).date()


def test_nobody_is_contacted_above_the_cap_nor_twice_in_a_week(conn: Connection) -> None:
    days = defaultdict(list)
    for row in conn.execute(select(contacts).order_by(contacts.c.at)):
        if RULES[row.outcome].contact:
            days[row.customer_id].append(local(row.at))

    assert sum(map(len, days.values())) > 200
    assert max(map(len, days.values())) == 4
    assert {
        one for one, on in days.items() if any((later - earlier).days < 7 for earlier, later in pairwise(on))
    } == set()


def test_a_call_that_is_not_answered_is_tried_twice_again_and_then_rests(conn: Connection) -> None:
    vain, most = defaultdict(list), 0
    for row in conn.execute(select(contacts).order_by(contacts.c.at, contacts.c.id)):
        vain[row.customer_id] = [*vain[row.customer_id], local(row.at)] if row.outcome == "no_answer" else []
        most = max(most, len(vain[row.customer_id]))
        for last, again in zip(vain[row.customer_id][2:], vain[row.customer_id][3:], strict=False):
            assert (again - last).days >= 7

    assert most > 2


def test_whoever_said_stop_moved_or_has_a_wrong_number_is_never_listed_again(conn: Connection) -> None:
    over = {
        row.customer_id: row.at
        for row in conn.execute(select(contacts))
        if row.outcome in ("stop", "moved", "wrong_number")
    }
    rows = conn.execute(select(list_rows).where(list_rows.c.customer_id.in_(list(over))))

    assert len(over) > 20
    assert [row.id for row in rows if row.answered_at is None or row.answered_at > over[row.customer_id]] == []


def test_nobody_has_more_than_two_digests_a_day_nor_any_at_night(lived: Month, conn: Connection) -> None:
    rows = {row.id: row for row in conn.execute(select(outbox))}
    digests = [one for one in lived.told if one[2] and not (rows[one[1]].urgent or rows[one[1]].word)]
    a_day = Counter((staff_id, at.date()) for at, _, staff_id, _ in digests)
    everybody = set(conn.execute(select(staff.c.id)).scalars())

    assert (max(a_day.values()), len({staff_id for staff_id, _ in a_day})) == (2, len(everybody))
    assert [one[:2] for one in lived.told if is_quiet(one[0])] == []
    assert sum("今天先找这" in text for *_, text in digests) > GUIDES * DAYS / 3
    assert {rows[one[1]].key.partition(":")[0] for one in digests} > {"digest", "list", "handover", "makeup"}
    assert any(row.key.startswith("due:") and row.rung == "makeup" for row in rows.values()), "told with the list"


def test_nothing_that_was_to_be_said_is_lost(lived: Month, conn: Connection) -> None:
    rows = conn.execute(select(outbox.c.key, outbox.c.state, outbox.c.created_at)).all()

    assert {row.state for row in rows} <= {"sent", "due", "expired"}
    late = [
        row.key
        for row in rows
        if row.state == "due" and local(row.created_at) < FIRST.date() + timedelta(days=DAYS - 2)
    ]
    assert late == []
    assert sum(row.state == "expired" for row in rows) <= 0.02 * len(rows)


def test_nearly_everybody_who_is_due_was_called_or_it_is_known_why_not(conn: Connection) -> None:
    """Everybody of this store stays away, so everybody is due every day, unless she rests or is out for a reason."""
    salt = known.settings(conn).salt.encode()
    hers = defaultdict(list)
    for row in conn.execute(select(contacts).order_by(contacts.c.at, contacts.c.id)):
        hers[row.customer_id].append(row)
    due = explained = 0
    for customer_id in conn.execute(select(customer_segments.c.customer_id)).scalars():
        for ahead in range(DAYS):
            due += 1
            explained += held_out(customer_id, salt) or _known(hers[customer_id], FIRST.date() + timedelta(days=ahead))

    assert due == DAYS * CUSTOMERS
    assert explained >= 0.9 * due


def _known(calls, today: date) -> bool:
    """Whether she was called on this day, or a call before it says why not; reckoned anew from what was written."""
    before = [row for row in calls if local(row.at) <= today]
    if not before:
        return False
    newest, days = before[-1], [local(row.at) for row in before if RULES[row.outcome].contact]
    out = any(row.outcome in ("stop", "moved", "wrong_number") for row in before)
    rests = newest.again_at is not None and local(newest.again_at) > today
    recent = [on for on in days if (today - on).days < 30]
    return local(newest.at) == today or out or rests or len(recent) >= 4 or bool(days and (today - days[-1]).days < 7)


def test_every_row_of_a_guide_has_its_outcome(conn: Connection) -> None:
    hers = [row for row in conn.execute(select(list_rows)) if row.staff_id is not None]

    assert len(hers) > 300
    assert sum(row.state == "done" for row in hers) >= 0.9 * len(hers)


def test_nobody_stands_open_in_two_lists_of_a_morning(conn: Connection) -> None:
    rows = conn.execute(
        select(list_rows.c.customer_id, lists.c.made_on, list_rows.c.staff_id)
        .join(lists, lists.c.id == list_rows.c.list_id)
        .where(
            lists.c.kind == "today", lists.c.staff_id.is_not(None), list_rows.c.outcome.is_distinct_from("hand_over")
        )
    )
    given = defaultdict(set)
    for row in rows:
        given[row.customer_id, row.made_on].add(row.staff_id)

    assert [one for one, people in given.items() if len(people) > 1] == []


def test_the_hold_out_is_never_listed(conn: Connection) -> None:
    salt = known.settings(conn).salt.encode()
    everybody = conn.execute(select(customer_segments.c.customer_id)).scalars().all()
    out = {row_id for row_id in everybody if held_out(row_id, salt)}
    listed = set(conn.execute(select(list_rows.c.customer_id)).scalars())

    assert 0.04 * CUSTOMERS < len(out) < 0.17 * CUSTOMERS
    assert listed & out == set()
    assert len(listed) > 0.9 * (CUSTOMERS - len(out))
