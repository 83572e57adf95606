"""Every message of the board fits the narrowest way it may go, whatever names people and stores have."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.tables import demands, staff, stores
from bot.jobs.cleanup import cleanup
from bot.jobs.complaints import complaints
from bot.jobs.digest import digest as morning
from bot.jobs.freshness import freshness as silent
from bot.jobs.handover import handover as evening
from bot.jobs.summary import office
from bot.jobs.summary import summary as day
from bot.jobs.week import office_week
from bot.jobs.week import week as monday
from bot.schedule import Job
from tests.board.conftest import Queued, Undone, at, complain, on_the_rota, promise, run, till_told
from tests.board.test_cleaning import SLOT as FIRST
from tests.board.test_cleaning import _left, _twice
from tests.support.cast import CAST

LONG = "长江路与很长很长的某某大街交叉口东南角购物中心负一层👨‍👩‍👧" * 12
ONE_MESSAGE = 2048


def _long_names(conn) -> None:
    seal = keys_of(conn).seal
    for row_id in conn.execute(select(staff.c.id)).scalars().all():
        name = seal("staff.name", row_id, LONG)
        conn.execute(update(staff).where(staff.c.id == row_id).values(name=name))
    for row_id in conn.execute(select(stores.c.id)).scalars().all():
        conn.execute(update(stores).where(stores.c.id == row_id).values(name=f"{LONG}{row_id}"))


def _much(conn) -> None:
    _long_names(conn)
    for turn in range(12):
        complain(conn, "王芳", at("12:00"), number=100 + turn)
        promise(conn, "周敏", "promise", f"13800138000 {LONG}", at("12:00"))
    store = conn.execute(select(stores.c.id).where(stores.c.code == "001")).scalar()
    author = conn.execute(select(staff.c.id).where(staff.c.code == CAST["小王"].code)).scalar()
    for turn in range(40):
        conn.execute(
            demands.insert().values(
                id=new_id(), store_id=store, staff_id=author, wanted=f"{turn}{LONG}", state="open", at=at("10:00"),
            )
        )  # fmt: skip
    on_the_rota(conn, {"小李": (780, 1320)})


def _away(conn) -> None:
    _much(conn)
    _left(conn, "褚安", "褚宁")
    _twice(conn)


JOBS = {
    "digest": (morning, at("08:30"), _much),
    "complaints": (complaints, at("12:00"), _much),
    "complaints a day later": (complaints, at("12:00", 21), _much),
    "handover": (evening, at("18:00"), _much),
    "summary": (day, at("20:30"), _much),
    "office": (office, at("20:30", 21), _much),
    "week": (monday, at("09:00", 23), _much),
    "office_week": (office_week, at("09:00", 23), _much),
    "cleanup": (cleanup, FIRST, _away),
    "freshness": (silent, at("14:00", 22), _much),
}


@pytest.mark.parametrize("name", JOBS)
@pytest.mark.parametrize("late", [False, True])
def test_it_fits_one_message_on_the_border_of_a_sign(shop_of: Undone, name: str, late: bool) -> None:  # noqa: FBT001
    job, slot, given = JOBS[name]
    shop_of.transact(given)
    shop_of.transact(lambda conn: till_told(conn, at("22:10", 19)))

    told = _told(shop_of, job, slot, late=late)

    assert told
    for text in _texts(told):
        assert len(text.encode()) <= ONE_MESSAGE, len(text.encode())
        assert "\u200d…" not in text
        assert "13800138000" not in text


def _told(shop_of: Undone, job: Job, slot: datetime, *, late: bool) -> list[Queued]:
    return run(shop_of, job, slot, now=slot + timedelta(minutes=50) if late else slot)


def _texts(told: list[Queued]) -> Iterator[str]:
    for one in told:
        yield from filter(None, (one.text, one.discreet))


def test_the_first_line_of_a_long_morning_and_its_rows_are_still_there(shop_of: Undone) -> None:
    shop_of.transact(_much)
    (told, *_) = run(shop_of, morning, at("08:30"))

    lines = told.text.splitlines()
    assert len(lines) == 8
    assert [line[0] for line in lines[2:5]] == ["1", "2", "3"]
    assert len(told.commands) == 3
