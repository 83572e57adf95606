"""A row is one process's at a time, comes in its order, and what was on its way when a process ended is not doubled."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.chat import Choice
from bot.db import people
from bot.db.tables import menus
from bot.db.tables import outbox as table
from bot.db.talk import outbox, pushing, queueing, settling
from bot.db.talk.queueing import NewPush
from bot.wire import SendError
from tests.support.post_office import Office, push, unclear

LEASE = settling.LEASE + timedelta(seconds=1)
EVERYWHERE = ("wecom_bot", "wecom", "telegram", outbox.WEBHOOK)


def desk(name: str) -> settling.Desk:
    return settling.Desk(name, EVERYWHERE)


def claimed(office: Office, name: str) -> list[settling.Push]:
    return office.database.transact(lambda conn: pushing.claim(conn, desk(name), office.now))


def begun(office: Office, name: str) -> settling.Push:
    """A row that is on its way from a process of this name."""
    (one,) = claimed(office, name)
    assert office.database.transact(lambda conn: settling.begin(conn, one, desk(name), office.now))
    return one


def test_a_key_is_owed_once(office):
    first = office.push("xiaoli", "早报", key="digest:2026-11-20:xiaoli")

    assert first
    assert office.push("xiaoli", "又一份", key="digest:2026-11-20:xiaoli") is None
    office.work()
    assert office.heard() == ["早报"]


def test_a_push_has_one_receiver_and_only_a_person_chooses():
    with pytest.raises(ValueError, match="a person or to a store"):
        NewPush("k", "t")
    with pytest.raises(ValueError, match="only a person chooses"):
        NewPush("k", "t", store_id=1, choices=[Choice("一", "1")])


def test_of_many_at_once_each_key_is_queued_once_and_only_its_list_is_kept(office):
    office.push("xiaoli", "早报", key="known")

    def work(conn) -> tuple[set[str], dict[str, int | None], set[int]]:
        to = people.staff_id_of(conn, "xiaoli")
        one = [Choice("一", "名单 1")]
        new = [NewPush(key, f"{n} {key}", to, choices=one) for n, key in enumerate(("known", "a", "b", "a"))]
        added = queueing.push_all(conn, new, office.now)
        menus_of = {row.key: row.menu_id for row in conn.execute(select(table.c.key, table.c.menu_id))}
        return added, menus_of, set(conn.execute(select(menus.c.id)).scalars())

    added, menus_of, kept = office.database.transact(work)
    assert added == {"a", "b"}
    assert menus_of.keys() == {"known", "a", "b"}
    assert kept == {menus_of["a"], menus_of["b"]}


def test_two_processes_never_hold_the_same_row(office):
    for number in range(30):
        office.push(("xiaoli", "xiaowang", "dianzhang", "waidian", "hq")[number % 5], f"{number}", urgent=True)
    found: list[int] = []
    ready = threading.Barrier(4)

    def work(name: str) -> None:
        ready.wait()
        for _ in range(12):
            for one in claimed(office, name):
                if office.database.transact(lambda conn, one=one: settling.begin(conn, one, desk(name), office.now)):
                    found.append(one.id)
                    office.database.transact(lambda conn, one=one: settling.sent(conn, one, desk(name), office.now))

    threads = [threading.Thread(target=work, args=(f"replica{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while left := claimed(office, "last"):
        for one in left:
            assert office.database.transact(lambda conn, one=one: settling.begin(conn, one, desk("last"), office.now))
            office.database.transact(lambda conn, one=one: settling.sent(conn, one, desk("last"), office.now))
            found.append(one.id)

    assert sorted(found) == sorted(set(found))
    assert set(office.states.values()) == {"sent"}


def test_what_a_person_is_told_comes_in_its_order_and_the_urgent_first(office):
    for number in range(4):
        office.push("xiaoli", f"{number}", urgent=number == 2)
    office["wecom_bot"].answers.extend([None, SendError("wait", "慢一点", retry_after=0.01)])
    office.work()
    office.work(seconds=2)

    assert office.heard()[0] == "2"
    assert "".join(office.heard()[1:]).replace("攒下的 3 条：", "").split() == ["0", "1", "3"]


def test_a_pause_rests_that_person_alone(office):
    office["wecom_bot"].answers.append(SendError("wait", "慢一点", retry_after=40))
    office.push("xiaoli", "一", urgent=True)
    office.push("xiaoli", "二", urgent=True)
    office.push("xiaowang", "三", urgent=True)
    office.work()

    assert office.heard() == ["三"]
    office.sender._until.clear()  # the wait of this machine's clock, which no test waits for
    office.work(seconds=39)
    assert office.heard() == ["三"]
    office.work(seconds=2)
    assert office.heard() == ["三", "一", "二"]


def test_what_was_reserved_only_is_free_again(office, second):
    office.push("xiaoli", "一", urgent=True)
    (one,) = claimed(office, "died")

    assert claimed(office, "other") == []
    office.now += LEASE
    assert not office.database.transact(lambda conn: settling.begin(conn, one, desk("nobody"), office.now))
    office.work()
    assert (office.heard(), office.states["一"]) == (["一"], "sent")


@pytest.mark.parametrize(
    ("delivery", "state", "heard"),
    [("once", "unknown", []), ("at_least_once", "sent", ["（补发）一"]), ("dedupe", "sent", ["一"])],
)
def test_what_was_on_its_way_when_its_process_ended(office, delivery, state, heard):
    office.push("xiaoli", "一", urgent=True, delivery=delivery)
    begun(office, "died")
    office.work()
    assert office.states["一"] == "sending"

    office.work(seconds=LEASE.total_seconds())
    office.work(seconds=5)

    assert (office.states["一"], office.heard()) == (state, heard)


def test_a_process_that_stood_still_sends_nothing_that_was_taken_over(office):
    office.push("xiaoli", "一", urgent=True, delivery="at_least_once")
    old = begun(office, "slow")
    office.now += LEASE
    office.work(seconds=5)
    office.work(seconds=5)

    def late(conn):
        again = settling.begin(conn, old, desk("slow"), office.now)
        settling.failed(conn, old, desk("slow"), settling.Verdict("never", "x"), office.now)
        return again

    assert not office.database.transact(late)
    assert office.states["一"] == "sent"


def test_that_it_was_sent_is_written_down_however_late(office):
    office.push("xiaoli", "一", urgent=True)
    old = begun(office, "slow")
    office.work(seconds=LEASE.total_seconds())
    assert office.states["一"] == "unknown"

    office.database.transact(lambda conn: settling.sent(conn, old, desk("slow"), office.now))

    assert office.states["一"] == "sent"


def test_a_known_again_message_is_not_repeated_when_the_platform_may_have_forgotten_it(office):
    office["wecom"].answers.append(unclear(known_again=True))
    office.push("xiaoli", "一", urgent=True, delivery="dedupe")
    office.work()
    assert office.states["一"] == "due"

    office.work(hours=2, seconds=1)

    assert (office.states["一"], office.heard()) == ("unknown", ["一"])


def test_pauses_grow_and_have_an_end(office):
    office.platforms = {"wecom_bot": office["wecom_bot"]}
    office.restart()
    office["wecom_bot"].always = SendError("again", "连不上")
    office.push("xiaoli", "一", urgent=True)
    pauses = []
    for _ in range(settling.MOST_TRIES):
        office.work()
        (line,) = [line for line in office.lines() if line.key == "一"]
        if line.state == "due":
            pauses.append((line.not_before - office.now).total_seconds())
            office.now = line.not_before

    assert pauses[:5] == [1, 2, 4, 8, 16]
    assert max(pauses) == 600
    assert (line.state, line.tries, line.last_error) == ("dead", settling.MOST_TRIES, "连不上")


def test_a_message_of_which_a_part_is_there_is_not_begun_anew(office):
    office["wecom_bot"].answers.extend([None, SendError("never", "不收")])
    office.push("xiaoli", "上\f下", key="k", urgent=True)
    office.work()

    assert (office.states["k"], office.heard()) == ("unknown", ["上"])


def test_a_database_that_is_locked_lets_nothing_go_twice(office):
    office.push("xiaoli", "一", urgent=True)
    (one,) = claimed(office, "here")
    office.database.transact(
        lambda conn: conn.execute(update(table).where(table.c.id == one.id).values(leased_by="other"))
    )

    assert not office.database.transact(lambda conn: settling.begin(conn, one, desk("here"), office.now))
    with office.database.reading() as conn:
        assert conn.execute(select(table.c.tries)).scalar_one() == 0


def test_bulk_pushes_are_in_one_transaction_with_their_cause(office):
    def fails(conn):
        push(conn, "xiaoli", "一", office.now)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        office.database.transact(fails)
    assert office.states == {}
