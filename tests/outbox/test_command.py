"""`zhanggui outbox list`: what is to be said, and what became of it, as an outside check reads it."""

from pathlib import Path

import pytest

from bot.app import open_shop
from bot.chat import Choice
from bot.settings import Settings
from bot.wire import SendError
from tests.support.command_line import Here
from tests.support.post_office import Office, bound, push

CONTRACT = ["id", "key", "to", "state", "text", "choices", "not_before", "tries", "last_error"]


@pytest.fixture
def here(monkeypatch, capsys, tmp_path: Path, now) -> Here:
    run = Here(monkeypatch, capsys, tmp_path)
    assert run("init").code == 0
    monkeypatch.chdir(tmp_path)
    database = open_shop(Settings())
    database.transact(lambda conn: bound(conn, now))
    office = Office(database, now)
    office.push("xiaoli", "名单", choices=(Choice("王*", "名单答 #a 1"),))
    office.work()
    office["wecom_bot"].answers.append(SendError("again", "连不上企业微信"))
    office.push("001", "今日名单", key="list:2026-11-20:001")
    office.work()
    database.transact(lambda conn: push(conn, "xiaowang", "陈*生日\n第二行", now.replace(hour=22), key="k"))
    office.close()
    database.close()
    return run


def test_it_is_one_object_a_line_with_the_contracts_keys_first(here):
    found = here("outbox", "list", "--json").objects

    assert [list(one) for one in found] == [
        [*CONTRACT, "rung", "delivery", "expires_at", "sent_at", "urgent", "word"]
    ] * 3
    first, second, third = ({name: one[name] for name in (*CONTRACT[1:], "rung")} for one in found)
    assert first == {
        "key": "名单",
        "to": "staff:xiaoli",
        "state": "sent",
        "text": "名单\n1 王*",
        "choices": [{"label": "王*", "command": "名单答 #a 1"}],
        "not_before": None,
        "tries": 1,
        "last_error": None,
        "rung": "wecom_bot",
    }
    assert (second["to"], second["state"], second["last_error"]) == ("store:001", "due", "连不上企业微信")
    assert (third["not_before"], third["rung"]) == ("2026-11-21T08:00:00+08:00", "makeup")


def test_a_state_can_be_asked_for_and_people_read_lines(here):
    assert [one["key"] for one in here("outbox", "list", "--state", "sent", "--json").objects] == ["名单"]
    assert here("outbox", "list", "--state", "due").out.splitlines()[2:] == [
        "due　staff:xiaowang　k　11-21 08:00　makeup",
        "    陈*生日",
        "    第二行",
    ]
    assert here("outbox", "list", "--state", "lost").code == 2
