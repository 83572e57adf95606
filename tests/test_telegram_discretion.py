"""On Telegram, whose servers are abroad, no answer holds a full name or number, nor a note unless that was decided."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

import bot.handlers
from bot.cards.plays import NO_COUPON
from bot.chat import Incoming, Outcome
from bot.commands import Command, collect
from bot.db import decisions
from bot.db.core.engine import Database
from bot.db.talk import outbox, pushing, settling
from bot.dispatch import Dispatcher
from bot.domain.shop import Staff
from tests.support.abroad import Abroad, decide, found, without
from tests.support.cast import TELEGRAM, address, bind_telegram, staff
from tests.support.dialogue import began, played
from tests.support.world import PRODUCTS, world
from tests.test_every_command import COMMANDS, Shop, _prepare, _run

FOLDER = Path(__file__).parent / "dialogues"
HERE = settling.Desk("here", ("telegram", "wecom"))
DIALOGUES = sorted(FOLDER.glob("*.txt"))
ABROAD = sorted((FOLDER / "telegram").glob("*.txt"))
OURS = [
    NO_COUPON,
    *(product.name for product in PRODUCTS),
    *(text for one in COMMANDS.all for text in (one.example, one.help)),
]
MORE_THAN_FOUR = re.compile(r"\d{5}|\d\*")
CARD = "王*（尾号8000）· 沉睡 · 你的客户\n常买：芋泥波波\n平时17天来一次，已62天没来"


@pytest.mark.parametrize("path", ABROAD, ids=lambda path: path.stem)
def test_dialogue_on_telegram(database: Database, request: pytest.FixtureRequest, path: Path) -> None:
    written = path.read_text(encoding="utf-8")
    world(database, began(written))
    database.transact(lambda conn: bind_telegram(conn, began(written)))

    def console(line: str, at: datetime) -> None:
        decide(database, at, allowed={"zhanggui telegram allow --by hq": True}.get(line, False))

    answered = played(written, Dispatcher(database, collect(bot.handlers)), path.stem, console)

    if not request.config.getoption("--rewrite"):
        assert answered.splitlines() == written.splitlines()
    elif database.is_sqlite:  # one of the two writes
        path.write_text(answered, encoding="utf-8")


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
def test_undecided_no_answer_tells_who_she_is_or_what_was_noted(database: Database, path: Path) -> None:
    abroad = _play(database, path)

    answers = without(abroad.answers, OURS)
    assert found(abroad.identities | abroad.notes, answers) == {}
    assert [text for text in answers if MORE_THAN_FOUR.search(text)] == []


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
def test_allowed_names_and_numbers_are_masked_all_the_same(database: Database, path: Path) -> None:
    abroad = _play(database, path, allowed=True)

    answers = without(abroad.answers, OURS)
    assert found(abroad.identities, answers) == {}
    assert [text for text in answers if re.search(r"\d{5}", text)] == []


def _play(database: Database, path: Path, *, allowed: bool = False) -> Abroad:
    written = path.read_text(encoding="utf-8")
    now = began(written)
    world(database, now)
    abroad = Abroad(database, Dispatcher(database, collect(bot.handlers)), now)
    if allowed:
        decide(database, now, allowed=True)
    played(written, abroad, path.stem)
    assert len(abroad.answers) > 1
    return abroad


@pytest.mark.parametrize("command", COMMANDS.all, ids=lambda one: one.names[-1])
def test_undecided_no_command_tells_what_was_noted(database: Database, now: datetime, command: Command[object]) -> None:
    world(database, now)
    shop = Shop(database, now)
    shop.dispatcher = abroad = Abroad(database, shop.dispatcher, now)

    _prepare(shop, command)
    list(_run(shop, command))
    for speaker in ("小王", "店长"):
        for text in ("我的", "查 13800138000", "全 8000", "诉结", "撤"):
            shop.say(speaker, text)

    answers = without(abroad.answers, OURS)
    assert found(abroad.identities | abroad.notes, answers) == {}
    assert [text for text in answers if MORE_THAN_FOUR.search(text)] == []


READS_ALL = {
    "bot/actions/approving.py": "asks for a coupon by her name on file; abroad by the offer alone",
    "bot/actions/archive.py": "compares two customers, says what is alike and never what it is",
    "bot/actions/board/cleaning.py": "proposes and merges pairs, named by surname and last four digits",
    "bot/actions/board/evening.py": "gathers a hand-over; its cards have discreet words without what was noted",
    "bot/actions/discretion.py": "knows the names it masks",
    "bot/actions/finding.py": "finds by a full name, shows nothing of it",
    "bot/actions/gate.py": "weighs what she must not have; where it may not be said a refusal gives no reason",
    "bot/actions/giving.py": "leaves out what does not suit her, and says nothing of why",
    "bot/actions/hinted.py": "finds by what was noted and by age, shows nothing of it",
    "bot/actions/lists/answering.py": "asks whether a reason or a stop is known already; reasons said are not repeated",
    "bot/actions/lists/handing.py": "closes the rows where she stands; the colleague's list has discreet words",
    "bot/actions/notes.py": "writes beside what is known; its lines pass discretion",
    "bot/actions/profiles.py": "makes the card; what it is made of passes discretion",
    "bot/handlers/answers.py": "asks about what waits for her yes; its words pass discretion",
    "bot/handlers/archive.py": "writes a number and a merger",
    "bot/handlers/complaints.py": "opens, closes and hands on complaints; their words pass discretion",
    "bot/handlers/customers.py": "tells who looked; their reasons pass discretion",
    "bot/handlers/notes.py": "asks before an allergy is struck out; its words pass discretion",
    "bot/handlers/selling/coupons.py": "files to whom a coupon went, to be read elsewhere",
    "bot/handlers/writing.py": "files what was written, to be read elsewhere",
}


def test_whoever_reads_what_may_not_be_answered_is_known_here() -> None:
    """A newcomer says here how it keeps what it reads from being answered on Telegram."""
    reads = r"\.(?:of_customer|open_of|open_complaints?|looks_at)\(|\b(?:customers|read|people_of)\.whole\("

    assert _files_with(reads, "actions", "handlers") == READS_ALL.keys()


def test_the_search_itself_finds_what_is_there(database: Database) -> None:
    abroad = _play(database, FOLDER / "consent.txt", allowed=True)

    assert found(abroad.notes, without(abroad.answers, OURS)).keys() == {"芒果", "虾", "螃蟹", "靠窗位"}


@pytest.fixture
def say(database: Database, now: datetime) -> Callable[..., Outcome]:
    """Somebody writes, here or on Telegram, a second after the one before."""
    world(database, now)
    database.transact(lambda conn: bind_telegram(conn, now))
    dispatcher = Dispatcher(database, COMMANDS)
    said = 0

    def one(name: str, text: str, where: str | None = TELEGRAM) -> Outcome:
        nonlocal said
        said += 1
        return dispatcher.handle(Incoming(f"abroad-{said}", address(name, where), text, now + timedelta(seconds=said)))

    return one


def test_what_is_written_on_telegram_is_whole_elsewhere(say) -> None:
    said = ["查 8000", "她对花生过敏 三分糖去冰", "1", "临 金毛阿姨 燕麦奶不加糖"]
    echoes = [say("小王", text).reply.text for text in said]

    closed_echo = (
        "王*（尾号8000）：记好了3条 ✓ 内容请到企业微信看；撤 可收回\n"
        "里面有敏感信息，她同意记吗？（24小时不答就删）\n1 同意　2 只记其余"
    )
    assert echoes[1:] == [
        closed_echo,
        "好，2条已记到 王*（尾号8000）。错了回 撤",
        "记住了 某客（临时），记好了2条。下次说这几个字就能查到；她留号后发「并 尾号」。错了回 撤",
    ]
    assert say("小王", "查 8000", None).reply.text.splitlines()[0] == (
        "⚠️ 芒果过敏（2025-07 小王记）；花生过敏（2026-11 小王记）"
    )
    assert [line for line in say("小王", "我的", None).reply.text.splitlines() if line[0] in "12"] == [
        "1 今天15:00 临时 金毛阿姨 燕麦奶不加糖（临时）",
        "2 今天15:00 王*（尾号8000）过敏 花生、口味 去冰",
    ]


def test_her_name_still_finds_and_compares_behind_the_veil(say) -> None:
    say("小李", "建 愿意 13911118000 李梅", None)

    assert say("小王", "查 8000 王芳").reply.text.partition("\n")[2].startswith(CARD)
    assert say("店长", "并 2203 7715").reply.text.splitlines()[1] == "同性别；名字、手机、生日不同。"


def test_a_new_number_leaves_the_old_one_whole_in_the_archive(say) -> None:
    say("小王", "改 8000 手机 13911114444")

    assert say("小王", "查 13911114444", None).reply.about == say("小王", "查 13800138000", None).reply.about


def test_a_warning_is_told_of_and_nothing_else_makes_it_ring(say) -> None:
    with_allergy = say("小王", "查 8000").reply.text.splitlines()
    without = say("小王", "查 2203").reply.text.splitlines()

    assert [with_allergy[0], with_allergy[4]] == ["⚠️ 有提醒，请到企业微信看", "今天可说：先看提醒，再开口"]
    assert [line for line in without if "提醒" in line] == []


def test_the_newest_decision_holds_from_the_next_answer_on(say, database, now) -> None:
    firsts = []
    for allowed in (None, True, False, True):
        if allowed is not None:
            decide(database, now, allowed=allowed)
        firsts.append(say("小王", "查 8000").reply.text.partition("\n")[0])

    open_, closed = "⚠️ 芒果过敏（2025-07 小王记）", "⚠️ 有提醒，请到企业微信看"
    assert firsts == [closed, open_, closed, open_]


def test_other_channels_are_as_they_were(database, now, people: Callable[[str], Staff]) -> None:
    person = people("小王")

    with database.reading() as conn:
        seen = [decisions.for_channel(conn, person, one) for one in ("console", "wecom", "wecom_bot")]

    assert all(one is person for one in seen)


def test_a_notice_is_told_as_the_channel_may_show_it(database, now) -> None:
    world(database, now)
    staff_id = staff(database, "小王").id

    database.transact(lambda conn: bind_telegram(conn, now))

    def told(number: int, channel: str) -> list[str]:
        def work(conn: Connection) -> list[str]:
            veil = decisions.veil_of(conn, channel)
            outbox.tell(conn, staff_id, f"{number}:a", "陈*的「芒果」已删", now, "陈*的一条已删")
            outbox.tell(conn, staff_id, f"{number}:b", "导完了：3行", now)
            (push,) = pushing.claim(conn, HERE, now)
            settling.release(conn, push, HERE)
            taken = outbox.take(conn, staff_id, veil)
            assert taken[0] == push.told(veil)
            return taken

        return database.transact(work)

    assert told(1, "wecom") == ["攒下的 2 条：\n\n陈*的「芒果」已删\n\n导完了：3行"]
    assert told(2, TELEGRAM) == ["攒下的 2 条：\n\n陈*的一条已删\n\n导完了：3行"]
    decide(database, now, allowed=True)
    assert told(3, TELEGRAM) == ["攒下的 2 条：\n\n陈*的「芒果」已删\n\n导完了：3行"]


TELLS_LATER = {
    "bot/actions/approving.py": "who asks for which coupon for whom, and discreetly without whom",
    "bot/actions/archive.py": "that a customer is seen elsewhere too, without naming her",
    "bot/actions/board/clock.py": "a complaint whose time comes, and discreetly its number alone",
    "bot/actions/complaints.py": "a complaint, and discreetly its number alone",
    "bot/actions/events.py": "what platforms say, of no customer",
    "bot/actions/following/pushing.py": "what is due, and discreetly its number, for whom and when",
    "bot/actions/lists/handing.py": "whom a colleague handed over, discreetly without what was noted; groups: names",
    "bot/actions/lists/morning.py": "whom to call and why, and discreetly without what was noted; groups: surnames",
    "bot/dispatch.py": "what was deleted for want of a yes, and discreetly that something was",
    "bot/handlers/groups.py": "what staff wrote for their own group, searched for names and numbers",
    "bot/jobs/cleanup.py": "how many are long away or twice on file, pairs by surname and last four digits",
    "bot/jobs/digest.py": "the day, and discreetly without what was noted",
    "bot/jobs/freshness.py": "tills that are silent, of no customer",
    "bot/jobs/handover.py": "what is open, and discreetly its number, for whom and when",
    "bot/jobs/summary.py": "counts, of no customer",
    "bot/jobs/week.py": "counts, of no customer",
    "bot/serve/errands.py": "how many rows were taken in",
    "bot/serve/ticking.py": "that the clock jumped, of no customer",
}


def test_whoever_owes_a_message_is_known_here() -> None:
    """A newcomer says here what it tells of a customer, and gives it discreet words where it tells what was noted."""
    assert _files_with(r"\boutbox\.(?:tell|announce)\(|\bNewPush\(", ".") == TELLS_LATER.keys()


def _files_with(pattern: str, *folders: str) -> set[str]:
    house = Path(bot.handlers.__file__).parent.parent
    return {
        f"bot/{path.relative_to(house).as_posix()}"
        for folder in folders
        for path in (house / folder).rglob("*.py")
        if re.search(pattern, path.read_text(encoding="utf-8"))
    }
