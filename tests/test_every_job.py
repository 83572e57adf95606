"""What every job keeps, whoever writes the next one: its messages are written down, and a slot says them once.

tests/jobs/golden/NAME.txt is what a job queues in its scenario; `--rewrite` writes it: then read it as the person would
whose phone it is.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

import bot.handlers
import bot.jobs
from bot.chat import Incoming
from bot.commands import collect as collect_commands
from bot.db import customers, people
from bot.db.core.engine import Database, open_database
from bot.db.core.ids import new_id
from bot.db.shop import all_stores
from bot.db.tables import job_runs, metadata, outbox, staff, stores
from bot.db.talk import conversations
from bot.dispatch import Dispatcher
from bot.refresh.run import refresh
from bot.schedule import Job, collect, newest_slot, next_slot
from bot.serve.due import Due, Ran, run_slot
from tests.support import due, engines
from tests.support.cast import CAST, ZONE, address
from tests.support.layered import layered_world

JOBS = collect(bot.jobs)
GOLDEN = Path(__file__).parent / "jobs" / "golden"
EVENING = datetime(2026, 11, 19, 22, 10, tzinfo=ZONE)  # a Thursday; layers are computed in the night after it
DAYS_ON = 40
HOURS = {"小王": (540, 1020), "小李": (720, 1290), "店长": (510, 1080), "外店": (540, 1290)}  # minutes of the day
ONE_MESSAGE = 2048  # bytes of text a group takes in one piece
DISCREET = "\x1f"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A day on which a job has something to say.

    `at` is local, `2026-11-20 08:30`: its last slot up to then is run. `before` is said in the evening before the
    morning of the 20th (`小王> 诉 …`), each line a minute later; `given` writes what nobody can say.
    """

    at: str
    before: tuple[str, ...] = ()
    given: Callable[[Connection, datetime], None] | None = None


def _old_files(conn: Connection, now: datetime) -> None:
    """In store 001: one whom nobody saw for years, one who stands there twice, and one of whom nothing is known."""
    store = people.store_by_code(conn, "001")
    assert store
    long_ago = now - timedelta(days=900)
    twice = {"name": "何秀兰", "birthday": "1962-05-01"}
    for number, known in enumerate(({"name": "沈玉"}, twice, {**twice, "phone": ""}, {"name": "", "phone": ""})):
        hers = {"phone": f"+8613900001{number:03}", **known}
        row = {name: value for name, value in hers.items() if value}
        customers.add(conn, new_id(), long_ago, store_id=store.id, guide_id=None, source="路过", **row)


# A job without a line here fails. The evening and the shop are those below.
AT_HER_CARD = "小王> 查 13800138000"
SPOILT = "小王> 诉 排队20分钟还做错了，她很气"
SCENARIOS = {
    "birthdays": Scenario("2026-11-20 10:00", given=due.birthdays_near),
    "care": Scenario("2026-11-20 10:00", given=due.a_jeweller),
    "cleanup": Scenario("2026-12-01 09:30", given=_old_files),
    "complaints": Scenario("2026-11-20 11:00", (AT_HER_CARD, SPOILT)),
    "digest": Scenario("2026-11-20 08:30"),
    "due": Scenario("2026-11-20 09:30", (AT_HER_CARD, "小王> 记 答应她明天送试吃装")),
    "due-evening": Scenario("2026-11-20 20:00", (AT_HER_CARD, "小王> 记 答应她明天送试吃装")),
    "due-hour": Scenario("2026-11-20 15:00", (AT_HER_CARD, "小王> 提醒 明天15点 给她打电话")),
    "expiring": Scenario("2026-11-20 10:00", given=due.coupons_ending),
    "freshness": Scenario("2026-11-21 09:30"),
    "handover": Scenario("2026-11-20 18:00", (AT_HER_CARD, SPOILT)),
    "office": Scenario("2026-11-20 20:30"),
    "office_week": Scenario("2026-11-23 09:00"),
    "recall": Scenario("2026-11-20 10:00", given=due.grouped),
    "summary": Scenario("2026-11-20 20:30"),
    "week": Scenario("2026-11-23 09:00", (AT_HER_CARD, SPOILT, "小王> 缺 葡萄冻冻")),
}


# --- the shop that all of them have


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layered world on that evening, with a rota for weeks, refreshed in the night: made once."""
    folder = tmp_path_factory.mktemp("jobs")
    url = engines.fresh("sqlite", folder)
    database = open_database(url, engines.KEYS)
    layered_world(database, EVENING)
    refresh(database, folder, EVENING + timedelta(hours=4))
    database.transact(_rota)
    database.close()
    return Path(url.removeprefix("sqlite:///"))


def _rota(conn: Connection) -> None:
    for name, (starts, ends) in HOURS.items():
        store = people.store_by_code(conn, str(CAST[name].store))
        assert store
        hers = {"staff_id": people.staff_id_of(conn, CAST[name].code), "store_id": store.id}
        rows = [
            {**hers, "work_on": (EVENING + timedelta(days=day)).date(), "starts_minute": starts, "ends_minute": ends}
            for day in range(DAYS_ON)
        ]
        people.add_shift(conn, rows)
    conn.execute(update(stores).values(data_at=EVENING))


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database there for one copy after the other: to make one each time would take longer than all the rest."""
    url = engines.fresh("postgresql", tmp_path_factory.mktemp("none"))
    yield url
    engines.drop(url)


@pytest.fixture
def shop(engine: str, made: Path, quick_folder: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A copy of it."""
    copy = quick_folder / "shop.db"
    shutil.copyfile(made, copy)
    database = open_database(f"sqlite:///{copy}", engines.KEYS)
    if engine == "postgresql":
        other = open_database(request.getfixturevalue("on_postgresql"), engines.KEYS)
        _take_over(database, other)
        database.close()
        database = other
    yield database
    database.close()


def _take_over(these: Database, there: Database) -> None:
    """All rows of one database, and no others, in another."""
    with these.reading() as reading, there.engine.begin() as conn:
        conn.execute(text("SET LOCAL session_replication_role = replica"))  # rows come in any order
        for table in metadata.sorted_tables:
            conn.execute(delete(table))  # of so few rows quicker than TRUNCATE
        for table in metadata.sorted_tables:
            if rows := [dict(row) for row in reading.execute(select(table)).mappings()]:
                conn.execute(insert(table), rows)


# --- what a job says in its scenario


@dataclass(frozen=True, slots=True)
class Message:
    """A row of the outbox as the golden files write it."""

    to: str
    how: str
    text: str
    discreet: str
    choices: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        yield f"→ {self.to} · {self.how}"
        yield from self.text.split("\n")
        yield from self.choices
        if self.discreet:
            yield "…其他平台"
            yield from self.discreet.split("\n")
        yield ""


def queued(database: Database) -> list[Message]:
    """Every message in the outbox, by whom it goes to."""
    with database.reading() as conn:
        to = {row.id: f"staff:{row.code}" for row in conn.execute(select(staff.c.id, staff.c.code))}
        to |= {row.id: f"store:{row.code}" for row in conn.execute(select(stores.c.id, stores.c.code))}
        rows = conn.execute(select(outbox).order_by(outbox.c.id)).all()
        found = [_message(conn, row, to[row.staff_id or row.store_id]) for row in rows]
    return sorted(found, key=lambda one: one.to)


def _message(conn: Connection, row, to: str) -> Message:
    keys = conn.get_execution_options()["zhanggui_keys"]
    said, _, discreet = keys.unseal("outbox.body", row.id, row.body).partition(DISCREET)
    menu = conversations.menu(conn, row.staff_id, row.menu_id).choices if row.menu_id else ()
    how = " ".join([row.delivery, *(["urgent"] if row.urgent else []), *(["word"] if row.word else [])])
    if row.not_before:
        how += f" 不早于 {row.not_before.astimezone(ZONE):%m-%d %H:%M}"
    choices = tuple(f"[{digit} {one.label} = {one.command}]" for digit, one in enumerate(menu, 1))
    veiled = [re.sub(r"#[0-9A-Za-z_-]{6,}", "#…", one) for one in (said, discreet, *choices)]
    return Message(to, how, veiled[0], veiled[1], tuple(veiled[2:]))


def slot_of(one: Job, at: str) -> tuple[datetime, datetime]:
    """The slot of a scenario, and the moment it is run at."""
    now = datetime.strptime(at, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
    slot = newest_slot(one, now, timedelta(days=400), ZONE)
    assert slot
    return slot, now


def prepare(database: Database, scenario: Scenario) -> None:
    """Say and write what comes before, and let the outbox be as it would be in the morning: everything told."""
    dispatcher, clock = Dispatcher(database, collect_commands(bot.handlers)), EVENING
    for number, line in enumerate(scenario.before):
        name, _, words = line.partition("> ")
        clock += timedelta(minutes=1)
        outcome = dispatcher.handle(Incoming(f"before:{number}", address(name), words, clock))
        assert outcome.error is None, outcome.reply.text
    database.transact(lambda conn: scenario.given(conn, EVENING) if scenario.given else None)
    database.transact(lambda conn: conn.execute(delete(outbox)))


def run(database: Database, one: Job, slot: datetime, now: datetime) -> Ran:
    with database.reading() as conn:
        some = all_stores(conn)
    return run_slot(database, Due(one, slot), some, now)


def test_every_job_has_a_scenario() -> None:
    assert SCENARIOS.keys() == JOBS.keys(), "say in SCENARIOS on what day a job has something to say"


def test_every_job_is_described() -> None:
    odd = [one.name for one in JOBS.values() if not re.search("[一-鿿]", one.title) or not one.when or not one.deadline]

    assert odd == []
    assert [name for name in JOBS if not re.fullmatch("[a-z]+([_-][a-z]+)*", name)] == []


@pytest.mark.parametrize("name", sorted(JOBS))
def test_job_says_what_its_file_says_and_a_second_run_says_nothing(
    shop: Database, request: pytest.FixtureRequest, name: str
) -> None:
    one, scenario = JOBS[name], SCENARIOS[name]
    prepare(shop, scenario)
    slot, now = slot_of(one, scenario.at)

    first = run(shop, one, slot, now)
    said = queued(shop)

    _compare(name, said, slot, write=shop.is_sqlite and request.config.getoption("--rewrite"))
    assert said, "a job that says nothing is tested by nothing"
    assert (first.queued, first.failed) == (len(said), 0)
    _keeps_to_itself(said)

    assert run(shop, one, slot, now) == Ran(skipped=first.claimed)
    shop.transact(lambda conn: conn.execute(delete(job_runs)))
    assert run(shop, one, slot, now) == Ran(claimed=first.claimed)  # not even where nobody remembers
    assert queued(shop) == said
    following = next_slot(one, slot, ZONE)
    assert following
    assert run(shop, one, following, following).claimed == first.claimed


def _compare(name: str, said: list[Message], slot: datetime, *, write: bool) -> None:
    lines = [f"# {slot:%Y-%m-%d %H:%M}", "", *(line for one in said for line in one.lines())]
    path = GOLDEN / f"{name}.txt"
    if write:
        path.write_text("\n".join(lines), encoding="utf-8")
    assert path.exists(), "write it with --rewrite, then read it"
    assert lines[:-1] == path.read_text(encoding="utf-8").splitlines()


def _keeps_to_itself(said: list[Message]) -> None:
    """No full phone anywhere; in a group no full name, no allergy, and no more than fits one message."""
    phones = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
    assert [one.to for one in said if phones.search(one.text + one.discreet)] == []
    to_groups = [one for one in said if one.to.startswith("store:")]
    whole = re.compile("王芳|陈洁|周敏|李强|过敏|芒果|[赵钱孙吴郑冯褚卫蒋][安宁平和乐美佳欣晴朗明秀文静思远]")
    assert [one.to for one in to_groups if whole.search(one.text)] == []
    assert [one.to for one in to_groups if len(one.text.encode()) > ONE_MESSAGE] == []


def test_no_file_is_left_of_a_job_that_went() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} <= JOBS.keys()
