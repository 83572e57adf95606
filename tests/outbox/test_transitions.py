"""The states of a push as docs/architecture.md draws them are those that the code goes through, and no others."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.db.core.engine import open_database
from bot.db.talk import listing, outbox, pushing, settling
from bot.wire import SendError
from tests.outbox.test_states import STORIES
from tests.support import engines
from tests.support.post_office import Office, Platform, bound, unclear

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"
_DRAWING = re.compile(r"A push in the outbox.*?```mermaid\n(.*?)```", re.DOTALL)
_ARROW = re.compile(r"(\[\*\]|\w+) --> (\[\*\]|\w+)")
_WATCH = (
    "CREATE TABLE seen (was TEXT, became TEXT)",
    "CREATE TRIGGER added AFTER INSERT ON outbox BEGIN INSERT INTO seen VALUES ('[*]', NEW.state); END",
    "CREATE TRIGGER moved AFTER UPDATE ON outbox BEGIN INSERT INTO seen VALUES (OLD.state, NEW.state); END",
    "CREATE TRIGGER gone AFTER DELETE ON outbox BEGIN INSERT INTO seen VALUES (OLD.state, '[*]'); END",
)


def drawn() -> set[tuple[str, str]]:
    """The arrows of the page."""
    found = _DRAWING.search(PAGE.read_text("utf-8"))
    assert found
    return set(_ARROW.findall(found[1]))


def taken_back(office: Office) -> None:
    """Its cause is undone."""
    office.push("xiaoli", "转给你", key="unit:7:1", word=True, not_before=office.now + timedelta(hours=1))
    office.database.transact(lambda conn: outbox.withdraw(conn, 7))


def refused_by_the_till(office: Office) -> None:
    """The till's system did not take it for a day."""
    row = office.database.transact(lambda conn: outbox.add(conn, office.now, body="{}", key=f"{outbox.TILL}:1"))
    office.database.transact(lambda conn: outbox.settle_due(conn, row or 0, "dead"))


def too_late_to_repeat(office: Office) -> None:
    """The platform may have forgotten it."""
    office["wecom"].answers.append(unclear(known_again=True))
    office.push("xiaoli", "名单", delivery="dedupe")
    office.work()
    office.work(hours=2, seconds=1)


def made_up_for_too_late(office: Office) -> None:
    """Two go together, and do not get through in time."""
    for platform in office.platforms.values():
        platform.always = SendError("again", "连不上")
    for text in ("一", "二"):
        office.push("xiaoli", text, expires_at=office.now + timedelta(hours=1))
    office.work()
    office.work(hours=2)


def told_late_that_it_went(office: Office) -> None:
    """Its process stood still, and comes back."""
    for key, delivery in (("一", "once"), ("二", "at_least_once")):
        office.push("xiaoli" if key == "一" else "xiaowang", key, urgent=True, delivery=delivery)
    desk = settling.Desk("slow", ("wecom",))

    def begun(conn):
        found = pushing.claim(conn, desk, office.now)
        return [push for push in found if settling.begin(conn, push, desk, office.now)]

    out = office.database.transact(begun)
    office.now += settling.LEASE + timedelta(seconds=1)
    office.database.transact(lambda conn: pushing.rescue(conn, settling.Desk("other", ()), office.now))
    for push in out:
        office.database.transact(lambda conn, push=push: settling.sent(conn, push, desk, office.now))
    assert {line.state for line in office.lines() if line.key in "一二"} == {"sent"}


MORE = (taken_back, refused_by_the_till, too_late_to_repeat, made_up_for_too_late, told_late_that_it_went)


@contextmanager
def watched(folder: Path, now) -> Iterator[tuple[Office, set[tuple[str, str]]]]:
    """An office whose rows are watched; the arrows they took are there once it is closed."""
    url = engines.fresh("sqlite", folder)
    database = open_database(url, engines.KEYS)
    for statement in _WATCH:
        database.transact(lambda conn, statement=statement: conn.exec_driver_sql(statement))
    database.transact(lambda conn: bound(conn, now))
    office, seen = Office(database, now), set()
    office.platforms[outbox.WEBHOOK] = Platform(outbox.WEBHOOK)
    office.restart()
    yield office, seen
    with database.reading() as conn:
        taken = conn.exec_driver_sql("SELECT DISTINCT was, became FROM seen WHERE was <> became")
        seen |= {tuple(row) for row in taken}
    office.close()
    database.close()
    engines.drop(url)


def test_the_drawing_has_every_arrow_that_is_taken_and_no_other(quick_folder, now):
    taken = set()
    for story in (*STORIES, *MORE):
        with watched(quick_folder, now) as (office, seen):
            story(office)
        taken |= seen

    ends = {(state, "[*]") for state in ("sent", "expired", "unknown", "dead")}
    assert taken | ends == drawn()


@pytest.mark.parametrize("state", listing.STATES)
def test_every_state_is_drawn(state):
    assert state in {was for was, _ in drawn()}
