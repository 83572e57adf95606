"""Every state a push can come to, as the phones and an operator's list show it: `states.txt`, written by --rewrite."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from bot.chat import Choice
from bot.db import people, shop
from bot.db.tables import rooms
from bot.db.talk import outbox
from bot.wire import SendError
from tests.support.cast import ZONE
from tests.support.post_office import Office, Platform, unclear

GOLDEN = Path(__file__).with_name("states.txt")
LIST = (Choice("王*", "名单答 #a 1", takes_text=True), Choice("陈*", "名单答 #a 2", takes_text=True))


def due(office: Office) -> None:
    """It waits for its time, with its list."""
    office.push("xiaoli", "10:00 名单", choices=LIST, not_before=office.now + timedelta(hours=1))
    office.work()


def due_after_a_pause(office: Office) -> None:
    """The platform asked for a pause."""
    office["wecom_bot"].answers.append(SendError("wait", "企业微信要求慢一点（45009）", retry_after=60))
    office.push("xiaoli", "名单", delivery="once")
    office.work()


def due_for_the_next_digest(office: Office) -> None:
    """The night is quiet."""
    office.now = office.now.replace(hour=22)
    office.push("xiaoli", "明天的生日")
    office.work()


def sent_by_the_smart_bot(office: Office) -> None:
    """The first way is open."""
    office.push("xiaoli", "名单", choices=LIST)
    office.work()


def sent_by_the_app(office: Office) -> None:
    """The smart bot may not write to her."""
    office["wecom_bot"].always = SendError("gone", "这个会话发不进去")
    office.push("xiaoli", "名单")
    office.work()


def sent_by_telegram(office: Office) -> None:
    """Nothing else takes it."""
    for name in ("wecom_bot", "wecom"):
        office[name].always = SendError("gone", "这个会话发不进去")
    office.push("xiaoli", "名单")
    office.work()


def sent_surely_by_the_app(office: Office) -> None:
    """What the platform is to know again goes by the app, the same to the byte."""
    office["wecom"].answers.append(unclear(known_again=True))
    office.push("xiaoli", "名单", delivery="dedupe")
    office.work()
    office.work(seconds=2)


def sent_again_and_marked(office: Office) -> None:
    """It was unclear."""
    office["wecom_bot"].answers.append(unclear())
    office.push("xiaoli", "名单", delivery="at_least_once")
    office.work()
    office.work(seconds=2)


def sent_into_the_group(office: Office) -> None:
    """By the webhook, else by the smart bot."""
    office.push("001", "今日名单：王*")
    office.work()


def sent_to_the_manager_for_the_group(office: Office) -> None:
    """The group has no way in, or none that is open."""
    office["wecom_bot"].always = SendError("gone", "这个会话发不进去")
    office.push("001", "今日名单：王*")
    office.work()


def sent_by_the_webhook(office: Office) -> None:
    """The first way into a group."""
    store = office.database.transact(lambda conn: people.store_by_code(conn, "001"))
    office.database.transact(lambda conn: shop.set_webhook(conn, store.id, "https://example.com/send?key=k"))
    office.push("001", "今日名单：王*")
    office.work()


def sent_with_her_answer(office: Office) -> None:
    """She could not be written to, and asked for something."""
    for platform in office.platforms.values():
        platform.always = SendError("gone", "停用了机器人")
    office.push("xiaoli", "名单", choices=LIST)
    office.work()
    who = office.database.transact(lambda conn: people.staff_id_of(conn, "xiaoli"))
    office.database.transact(lambda conn: outbox.take(conn, who, "none", office.now + timedelta(minutes=1)))


def unknown(office: Office) -> None:
    """It may have arrived, and is not said twice."""
    office["wecom_bot"].answers.append(unclear())
    office.push("xiaoli", "名单")
    office.work()
    office.work(minutes=2)


def expired(office: Office) -> None:
    """It would have come too late."""
    office["wecom_bot"].always = SendError("again", "连不上企业微信")
    office.push("xiaoli", "10:00 名单", expires_at=office.now + timedelta(hours=2))
    office.work()
    office["wecom_bot"].always = None
    office.work(hours=2)
    office.work(minutes=2)


def dead(office: Office) -> None:
    """No platform takes it."""
    for platform in office.platforms.values():
        platform.answers.append(SendError("never", "内容不被接受"))
    office.push("xiaoli", "名单")
    office.work()
    office.work(minutes=2)


def dead_for_want_of_a_way(office: Office) -> None:
    """The group is gone, and nothing else is left."""
    office.database.transact(lambda conn: conn.execute(delete(rooms).where(rooms.c.channel == "telegram")))
    office["wecom_bot"].answers.append(SendError("gone", "群解散了"))
    office["wecom"].answers.append(SendError("gone", "已离职"))
    office.push("001", "今日名单：王*")
    office.work()
    office.work(minutes=2)


STORIES = (
    due,
    due_after_a_pause,
    due_for_the_next_digest,
    sent_by_the_smart_bot,
    sent_by_the_app,
    sent_by_telegram,
    sent_surely_by_the_app,
    sent_again_and_marked,
    sent_into_the_group,
    sent_to_the_manager_for_the_group,
    sent_by_the_webhook,
    sent_with_her_answer,
    unknown,
    expired,
    dead,
    dead_for_want_of_a_way,
)


def written(story, office: Office) -> str:
    """What came of it: the phones, then the list."""
    story(office)
    lines = [f"== {story.__name__}: {story.__doc__}"]
    for name, platform in office.platforms.items():
        lines += [f"{name} → {chat}: {text}" for chat, text in platform.told]
    for line in office.lines():
        told = line.as_json(ZONE)
        key = line.key.partition(":")[0] if line.key.startswith(("lost:", "missed:")) else line.key
        names = ("to", "state", "rung", "delivery", "tries", "not_before", "expires_at", "last_error")
        lines.append(f"{key} | " + " ".join(f"{name}={told[name]}" for name in names if told[name]))
        lines += [f"  {choice['label']} ← {choice['command']}" for choice in told["choices"]]
    return "\n".join(lines)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_what_came_of_it_reads_as_it_should(office, request, story):
    office.platforms[outbox.WEBHOOK] = Platform(outbox.WEBHOOK)
    office.restart()
    found = written(story, office)
    kept = dict(_kept())

    if request.config.getoption("--rewrite"):
        kept[story.__name__] = found
        GOLDEN.write_text("\n\n".join(kept[one.__name__] for one in STORIES if one.__name__ in kept) + "\n", "utf-8")
    assert found == kept[story.__name__]


def _kept():
    whole = GOLDEN.read_text("utf-8") if GOLDEN.exists() else ""
    for part in whole.strip().split("\n\n== "):
        text = part if part.startswith("== ") else f"== {part}"
        yield text[3:].partition(":")[0], text
