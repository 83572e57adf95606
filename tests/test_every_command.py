"""What every command keeps, whoever writes the next one: help, an example that runs, manners, and a way back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

import bot.handlers
from bot.chat import Address, Choice, Incoming, Outcome
from bot.commands import Command, collect
from bot.db import changes, people
from bot.db.core.engine import Database
from bot.db.tables import metadata
from bot.db.talk import rooms
from bot.dispatch import Dispatcher
from bot.domain.shop import ROLES, Role
from tests.support.cast import CAST, address
from tests.support.world import world

COMMANDS = collect(bot.handlers)
SHOWN = [one for one in COMMANDS.all if not one.hidden]
HIDDEN = [one for one in COMMANDS.all if one.hidden]
SPEAKERS: dict[Role, str] = {"guide": "小王", "manager": "店长", "hq": "总部", "admin": "管理员"}
AT_HER_CARD = ("查 13800138000",)
SPOILT = "诉 排队20分钟还做错了，她很气"


@dataclass(frozen=True, slots=True)
class Script:
    """How a command comes about: who speaks, what is said before (`小王> …`: by somebody else), what makes it run."""

    before: tuple[str, ...] = AT_HER_CARD
    does: tuple[str, ...] = ()
    speaker: str = ""
    group: str | None = None


# A command whose example runs at 王芳's card needs nothing here. The others say what comes before it.
TWICE = ("小王> 建 13911112222 王芳", "小王> 1", "小王> 改 13911112222 生日 1993-06-18")  # whom clean-up may join
SCRIPTS = {
    "撤": Script(before=(*AT_HER_CARD, "记 不吃香菜")),
    "敏": Script(does=("敏 花生",)),
    "诉结": Script(before=(*AT_HER_CARD, SPOILT), does=("诉结 101 已打电话道歉，她说行", "1")),
    "并": Script(speaker="店长"),
    "本群": Script(group="001"),
    "播报": Script(before=()),
    "停券": Script(speaker="总部", before=()),
    "核": Script(before=("发 2203 满减",), does=("核 2203",)),
    "打法": Script(speaker="总部", before=(), does=("打法 沉睡 券 别发券",)),
    "规则": Script(speaker="总部", before=()),
    "批": Script(before=("总部> 开券 50元券 7天", "总部> 1", "小王> 发 2203 50元券"), does=("批 1",)),
    "介绍": Script(before=("建 13911112222 张梅", "1", "1", *AT_HER_CARD)),
    "到货": Script(before=(*AT_HER_CARD, "缺 无糖版")),
    "忙完了": Script(before=("忙 1小时",)),
    "派": Script(before=("名单",)),
    "排班": Script(before=()),
    "请假": Script(speaker="店长", before=("小李> 名单",)),
    # what only buttons say
    "名单答": Script(before=("名单",), does=("1打过了",)),
    "缘由": Script(before=("名单",), does=("1不要", "1")),
    "转券": Script(before=("发 2203 回归券", "券"), does=("1",)),
    "清理": Script(before=TWICE),
    "清理批": Script(before=(*TWICE, "店长> 清理"), does=("1",)),
    "读": Script(does=("她不吃香菜",)),
    "同意": Script(does=("敏 花生", "1")),
    "不同意": Script(before=("建 13911112222 刘梅", "1"), does=("敏 花生", "2")),
    "诉转": Script(does=("记 她说上次等太久", "1")),
    "诉办": Script(before=(*AT_HER_CARD, SPOILT), does=("1",)),
}
# Ledgers of what happened and what is to be looked at again: an undo adds to them. Numbers are never given twice.
KEPT = {"inbox", "menus", "outbox", "audit", "units", "changes", "conversations", "stale_segments"}
NEVER_REUSED = {"stores": {"last_complaint", "last_approval", "last_followup"}}

STRANGER = "我还不认识你。请向店长或管理员要一个绑定码，然后发：绑定 绑定码"
ODD = ("", "#", "#0000", "1", "0", "’; --", "\0", "😀" * 30, "八千", "她", "8000 8000", "x" * 480)


@dataclass(slots=True)
class Shop:
    """The small world, and everyone in it talking to the real dispatcher."""

    database: Database
    clock: datetime
    dispatcher: Dispatcher = field(init=False)
    said: int = 0
    choices: tuple[Choice, ...] = ()

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(self.database, COMMANDS)

    def say(self, name: str, text: str, group: str | None = None) -> Outcome:
        """What the bot answers; each message a second after the one before."""
        self.said += 1
        self.clock += timedelta(seconds=1)
        outcome = self.dispatcher.handle(Incoming(str(self.said), address(name, group), text, self.clock))
        self.choices = outcome.reply.choices
        return outcome

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything in the database but the ledgers."""
        with self.database.reading() as conn:
            return {
                table.name: sorted(
                    (tuple(row) for row in conn.execute(select(*_columns(table.name)))),
                    key=lambda row: [str(one) for one in row],
                )
                for table in metadata.sorted_tables
                if table.name not in KEPT
            }

    def written(self, name: str) -> list[str]:
        """The commands under which this person's writes may be taken back."""
        with self.database.reading() as conn:
            staff_id = people.staff_id_of(conn, CAST[name].code)
            return [unit.command for unit in changes.recent(conn, staff_id or 0, self.clock - timedelta(days=1))]


def _columns(table: str) -> list[Any]:
    return [one for one in metadata.tables[table].columns if one.name not in NEVER_REUSED.get(table, ())]


@pytest.fixture
def shop(database: Database, now: datetime) -> Shop:
    world(database, now)
    database.transact(lambda conn: _invite(conn, now))
    return Shop(database, now)


def _invite(conn: Any, now: datetime) -> None:
    """The code of the example of 绑定 is one that was given out; store 001 has a group."""
    staff_id = people.staff_id_of(conn, CAST["外店"].code)
    people.invite(conn, staff_id or 0, "ABCD2345", now)
    store = people.store_by_code(conn, "001")
    manager = people.staff_id_of(conn, CAST["店长"].code)
    assert store
    rooms.settle(conn, Address("telegram", "", "-1001", private=False), store.id, manager or 0, now)


def _speaker(command: Command[Any]) -> str:
    """Whoever says this command's example: the first role that may."""
    return SCRIPTS.get(command.names[0], Script()).speaker or SPEAKERS[command.roles[0]]


def _typed(command: Command[Any], text: str) -> str:
    return command.example or f"{command.names[0]} {text}"


def _run(shop: Shop, command: Command[Any]) -> Iterator[Outcome]:
    """Do the command as its script says."""
    does = SCRIPTS.get(command.names[0], Script()).does
    for text in does or (command.example,):
        yield shop.say(_speaker(command), text)
    if not does:
        yield from _confirmed(shop, command)


def _confirmed(shop: Shop, command: Command[Any]) -> Iterator[Outcome]:
    """Answer the command's own question with 1: the first choice is then the same command."""
    for _ in range(3):
        if not shop.choices or shop.choices[0].command.split()[0] != command.names[0]:
            return
        yield shop.say(_speaker(command), "1")


def _prepare(shop: Shop, command: Command[Any]) -> None:
    script = SCRIPTS.get(command.names[0], Script())
    if _speaker(command) != SPEAKERS["admin"]:
        before = [text.rpartition("> ") for text in script.before]
        answers = [shop.say(who or _speaker(command), text) for who, _, text in before]

        assert {one.error for one in answers} <= {None}


def test_help_is_one_chinese_line() -> None:
    odd = [
        one.names[0] for one in COMMANDS.all if not re.fullmatch(r"[^\n]*[一-鿿][^\n]*", one.help) or len(one.help) > 60
    ]

    assert odd == []


def test_example_names_its_command() -> None:
    found = {one.names[0]: COMMANDS.match(one.example.removeprefix("/"), slash=True) for one in SHOWN}

    assert {name: pair[0].names[0] for name, pair in found.items() if pair} == {name: name for name in found}


@pytest.mark.parametrize("command", SHOWN, ids=lambda one: one.names[-1])
def test_example_runs_for_who_may_use_it(shop: Shop, command: Command[Any]) -> None:
    _prepare(shop, command)

    group = SCRIPTS.get(command.names[0], Script()).group
    answers = [shop.say(_speaker(command), command.example, group), *_confirmed(shop, command)]

    assert [one.error for one in answers] == [None] * len(answers)
    assert all(one.reply.text for one in answers)


def test_stranger_learns_only_how_to_be_let_in(shop: Shop) -> None:
    before = shop.rows()

    answers = {one.names[0]: shop.say("路人", _typed(one, "8000")) for one in COMMANDS.all if one.names[0] != "绑定"}

    learnt = {name: (one.error, one.reply.text, one.reply.choices) for name, one in answers.items()}
    assert learnt == dict.fromkeys(answers, ("not_allowed", STRANGER, ()))
    assert shop.say("路人", "绑定").reply.text == STRANGER
    assert shop.rows() == before


def test_other_roles_are_told_whom_to_ask(shop: Shop) -> None:
    before = shop.rows()

    refused = [
        (role, command, shop.say(SPEAKERS[role], _typed(command, "8000")))
        for command in COMMANDS.all
        for role in ROLES.keys() - set(command.roles)
    ]

    assert [one.error for *_, one in refused] == ["not_allowed"] * len(refused)
    assert [one.reply.about for *_, one in refused] == [()] * len(refused)
    assert [
        (role, one.reply.text) for role, command, one in refused if not _sends_on(one.reply.text, role, command)
    ] == []
    assert shop.rows() == before


def _sends_on(text: str, role: str, command: Command[Any]) -> bool:
    """It names somebody who may, and says nothing that is not so: only an admin sees no customers."""
    asked = text.partition("请找")[2]
    return any(ROLES[one] in asked for one in command.roles) and ("看不了客户资料" not in text or role == "admin")


@pytest.mark.parametrize("at_card", [False, True], ids=["cold", "at her card"])
def test_nothing_or_nonsense_behind_a_command_is_no_bug(shop: Shop, at_card: bool) -> None:  # noqa: FBT001
    wrong = []
    for command in COMMANDS.all:
        speaker = _speaker(command)
        for odd in ODD:
            if at_card and speaker != "管理员":
                shop.say(speaker, "查 13800138000")
            outcome = shop.say(speaker, f"/{command.names[0]} {odd}")
            if outcome.error == "bug" or not (outcome.reply.text or command.names[0] == "读"):
                wrong.append((command.names[0], odd, outcome.reply.text))

    assert wrong == []


def test_alone_it_says_how_it_is_used(shop: Shop) -> None:
    answers = {one.names[0]: shop.say(_speaker(one), f"/{one.names[0]}") for one in SHOWN}

    unhelpful = {
        name: one.reply.text
        for name, one in answers.items()
        if one.error == "usage" and not re.search("例：|请先|发「", one.reply.text)
    }
    assert unhelpful == {}
    assert {name: one.error for name, one in answers.items() if one.error not in (None, "usage")} == {}


def test_help_lists_what_a_person_may_type_and_nothing_hidden(shop: Shop) -> None:
    listed = {}
    for role, speaker in SPEAKERS.items():
        lines = shop.say(speaker, "帮助").reply.text.splitlines()
        listed[role] = sorted(line.partition(" — ")[0] for line in lines if " — " in line)

    assert listed == {role: sorted(one.names[0] for one in SHOWN if role in one.roles) for role in SPEAKERS}


def test_help_of_one_command_tells_it_whole(shop: Shop) -> None:
    told = {one.names[0]: shop.say(_speaker(one), f"帮助 {one.names[0]}").reply.text.splitlines()[:2] for one in SHOWN}

    assert told == {one.names[0]: [f"{one.names[0]}：{one.help}", f"例：{one.example}"] for one in SHOWN}


def test_hidden_commands_have_no_help(shop: Shop) -> None:
    answers = {one.names[0]: shop.say("店长", f"帮助 {one.names[0]}").error for one in HIDDEN}

    assert answers == dict.fromkeys(answers, "usage")


@pytest.mark.parametrize(
    "command", [one for one in COMMANDS.all if one.writes and one.names[0] != "撤"], ids=lambda one: one.names[-1]
)
def test_write_is_taken_back_exactly(shop: Shop, command: Command[Any]) -> None:
    assert not command.hidden or command.names[0] in SCRIPTS, "say in SCRIPTS how this button comes about"
    _prepare(shop, command)
    speaker = _speaker(command)
    before, units = shop.rows(), shop.written(speaker)

    answers = list(_run(shop, command))
    after, written = shop.rows(), shop.written(speaker)
    undone = shop.say(speaker, "撤")

    assert [one.error for one in answers] == [None] * len(answers)
    assert after != before
    assert len(written) == len(units) + 1
    assert undone.error is None
    assert undone.reply.text.startswith("已撤回：")
    assert shop.rows() == before


def test_write_that_changes_nothing_leaves_nothing_to_take_back(shop: Shop) -> None:
    shop.say("小王", "查 13800138000")
    before = shop.rows()

    answers = [shop.say("小王", text).error for text in ("敏 芒果", "记 三分糖")]

    assert answers == [None, None]
    assert shop.rows() == before
    assert shop.written("小王") == []


def test_scripts_are_of_commands_that_are_there() -> None:
    assert SCRIPTS.keys() <= {one.names[0] for one in COMMANDS.all}
