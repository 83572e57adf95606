"""What the service does at times of the day, as its operator finds out that it did not."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.db import jobs as claims
from bot.doctor.looks.clockwork import look_at_jobs
from bot.jobs.digest import digest
from tests.support.cast import ZONE, add_cast

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MORNING = {"hour": 8, "minute": 30}


@pytest.fixture
def chain(shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    return shop


def claimed(shop, slot) -> None:
    shop.transact(lambda conn: claims.claim(conn, digest.name, slot, ["001"], slot, late=False))


def test_a_new_shop_has_missed_nothing(clinic, chain):
    found = clinic.findings()["jobs"]

    assert (found.state, found.cause) == ("ok", "该跑的都跑了")


def test_a_slot_nobody_ran_is_told_with_the_command_that_makes_up_for_it(clinic, chain, now, tmp_path):
    claimed(chain, now.replace(**MORNING) - DAY)
    (tmp_path / "clock").write_text(str(_ahead(now)))

    found = clinic.findings(clock=str(tmp_path / "clock"))["jobs"]

    assert (found.state, found.cause) == ("warn", "过了时候没有跑：digest 11-20 08:30。")
    assert found.mends[-1] == "还要的话补跑：zhanggui job run digest --at 2026-11-20T08:30"


def _ahead(now) -> float:
    return (now - datetime.now(UTC)).total_seconds()


def test_a_slot_is_missed_once_its_deadline_has_passed_and_for_two_days(chain, now):
    slot = now.replace(**MORNING)
    claimed(chain, slot - DAY)

    def missed(at):
        with chain.reading() as conn:
            return dict(look_at_jobs(conn, at, ZONE).missed)

    assert missed(slot + digest.deadline - timedelta(seconds=1)) == {}
    assert missed(slot + digest.deadline) == {"digest": slot}
    claimed(chain, slot)
    assert missed(slot + digest.deadline) == {}
    assert missed(slot + 30 * DAY)["digest"] == slot + 29 * DAY


def test_a_clock_that_jumped_is_told_for_two_days(clinic, chain, now, tmp_path):
    chain.transact(lambda conn: claims.note_jump(conn, now - HOUR, 26 * HOUR))
    (tmp_path / "clock").write_text(str(_ahead(now)))

    found = clinic.findings(clock=str(tmp_path / "clock"))["jobs"]

    assert found.state == "warn"
    assert found.cause == "服务器的时钟在 11-20 14:00 一下子往前跳了 26 小时，中间该发的都没有发。"
    (tmp_path / "clock").write_text(str(_ahead(now + 3 * DAY)))
    assert clinic.findings(clock=str(tmp_path / "clock"))["jobs"].state == "ok"
