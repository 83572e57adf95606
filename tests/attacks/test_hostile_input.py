"""What is typed to break a statement, a letter or a line of the log: it is searched, kept or refused, and no more.

Elsewhere: nonsense behind every command in tests/test_every_command, any text into the plain readers in tests/domain
(test_text, test_phones, test_names), a post of orders with halves of letters in tests/web/test_orders, secrets in logs
in tests/channels/test_telegram_opening and tests/test_leaks.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import StringIO

import pytest
from sqlalchemy import func, select

import bot.handlers
from bot.chat import Incoming, Reply
from bot.commands import Commands, Context, as_typed, collect, command
from bot.db import tables
from bot.db.core.engine import Database
from bot.dispatch import Dispatcher
from bot.serve.journal import Journal
from tests.attacks.conftest import Shop
from tests.support.cast import add_cast, address

META = (
    "' OR '1'='1",
    "'; DROP TABLE customers; --",
    '" OR ""="',
    "%",
    "_",
    "王%",
    "\\",
    "\\' OR 1=1 --",
    "$$; select pg_sleep(9); $$",
    ":id",
    "%(id)s",
    "?",
    "{0}",
    "1) OR (1=1",
    "*",
    "王\0芳",
    "\0",
    "\ud800",
    "王\udfff芳",
    "\udcff8000",
)
SAID = (
    "查 {}",
    "{}",
    "建 愿意 13911113391 {}",
    "查 13800138000",
    "记 {}",
    "改 来源 {}",
    "客诉 {}",
    "电话 {}",
    "全 #{}",
)
FORGED = "\n2026-11-20 15:00:00,000 INFO bot.dispatch: 店长 已批准\r\x1b[2J\x1b[31m\x9b1m\u2028\u202e假"


def held(shop: Shop) -> dict[str, int]:
    """How many rows the tables of customers and staff have."""
    with shop.database.reading() as conn:
        return {
            table.name: conn.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (tables.staff, tables.stores, tables.products, tables.orders)
        }


def test_signs_that_mean_something_to_a_database_are_only_words(shop: Shop) -> None:
    before = held(shop)

    answers = {(words, said): shop.say("小王", said.replace("{}", words)) for words in META for said in SAID}

    assert {key: one.reply.text for key, one in answers.items() if one.error == "bug"} == {}
    assert held(shop) == before
    assert "王*（尾号8000）" in shop.say("小王", "查 13800138000").reply.text


def test_no_wildcard_finds_anybody(shop: Shop) -> None:
    found = {words: shop.say("外店", f"查 {words}").reply for words in META}

    assert {words: one.about for words, one in found.items() if one.about} == {}
    assert [words for words, one in found.items() if "尾号" in one.text] == []


def test_a_phone_in_full_width_or_with_signs_of_no_width_is_that_phone(shop: Shop) -> None:
    plain = shop.say("小王", "查 13800138000").reply.text
    typed = (
        "１３８００１３８０００",
        "＋８６　１３８－００１３－８０００",
        "１３８\u200b００１３\u2060８０００",
        "\u202e13800138000\u202c",
    )

    assert {one: shop.say("小王", one).reply.text for one in typed} == dict.fromkeys(typed, plain)
    assert {one: shop.say("小王", f"查 {one}").reply.text for one in typed} == dict.fromkeys(typed, plain)


def test_a_phone_in_full_width_is_not_taken_for_a_second_customer(shop: Shop) -> None:
    wide = shop.say("小王", "建 愿意 １３８００１３８０００ 王芳").reply

    assert wide.text == shop.say("小王", "建 愿意 13800138000 王芳").reply.text
    assert not wide.text.startswith("建好")


@contextmanager
def journal() -> Iterator[StringIO]:
    """What the service's log would hold, all of it."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Journal())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


def test_a_message_writes_no_line_of_the_log(shop: Shop) -> None:
    with journal() as written:
        for said in SAID:
            shop.say("小王", said.replace("{}", FORGED))
        shop.say("路人", f"绑定 {FORGED}")

    assert [line for line in written.getvalue().splitlines() if "已批准" in line] == []


def test_a_bug_that_repeats_what_was_typed_writes_none_of_it_in_the_log(database: Database, now: datetime) -> None:
    @command("坏", takes=as_typed, example="/坏")
    def broken(ctx: Context, text: str) -> Reply:
        """坏的"""
        del ctx
        try:
            return Reply(dict[str, str]()[text])
        except KeyError as error:
            raise ValueError(text) from error

    database.transact(lambda conn: add_cast(conn, now))
    dispatcher = Dispatcher(database, Commands([*collect(bot.handlers).all, broken]))

    with journal() as written:
        outcome = dispatcher.handle(Incoming("bug", address("小王"), "/坏 13800138000 " + FORGED, now))

    log = written.getvalue()
    assert outcome.error == "bug"
    assert [word for word in ("13800138000", "已批准", "\x1b", "\u202e") if word in log] == []
    assert re.search(r"^    builtins\.KeyError\n.*^    builtins\.ValueError$", log, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("where", ["%s", "name"])
def test_a_record_is_one_line_and_steers_no_terminal(where: str) -> None:
    record = logging.LogRecord("bot.x", logging.INFO, "x.py", 1, "a file: %s", (FORGED,), None)
    if where == "name":
        record.threadName = record.name = FORGED

    lines = Journal().format(record).split("\n")

    assert [line for line in lines[1:] if not line.startswith("    ")] == []
    assert [char for line in lines for char in line if not char.isprintable()] == []


def test_a_database_error_is_told_by_its_code_and_not_by_the_row_it_names(shop: Shop) -> None:
    with journal() as written:
        try:
            with shop.database.reading() as conn:
                conn.exec_driver_sql("SELECT no_such_thing_13800138000 FROM customers")
        except Exception:
            logging.getLogger("bot.test").exception("it failed")

    log = written.getvalue()
    assert log.splitlines()[0].endswith("ERROR bot.test: it failed")
    assert re.search(r"\((SQLITE_ERROR|42703)\)$", log)
    assert "no_such_thing_13800138000" not in log.splitlines()[-1]
