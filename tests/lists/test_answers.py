"""What is typed under a list, through the dispatcher: digits and words, quoted or not, at once or days later."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.db import people
from bot.db.tables import followups, stores
from bot.refresh.run import refresh
from tests.lists.conftest import TEN
from tests.support.cast import CAST, ZONE

CALLED = "已联系，7天内不再进名单"
VAIN = "没接，明天15:00再试（最多再试2次）"
SUNDAY = "约好了，后天10:00提醒你（#1）"


@pytest.fixture
def told(shop):
    """小李 was told her five this morning."""
    assert shop.run("recall").queued == 3
    return shop


def lines(shop, text: str, **more) -> dict[str, str]:
    """What is said of each row, by its number; the last line under ''."""
    reply = shop.say("小李", text, **more).reply
    said = (reply.private or reply).text.splitlines()
    found = {line.split(" ")[0]: line.partition("：")[2] for line in said if line[0].isdecimal() and " 孙*" in line}
    return found | {"": said[-1]}


def test_four_outcomes_in_one_message(told) -> None:
    assert lines(told, "1没接 2约了周日 3说别再打了 4搬走了") == {
        "1": VAIN,
        "2": SUNDAY,
        "3": "⛔ 全店停止联系，不再进任何名单",
        "4": "原因=搬走，移出名单",
        "": "还剩1位没回。错了回 撤",
    }
    with told.database.reading() as conn:
        (due_at,) = conn.execute(select(followups.c.due_at).where(followups.c.kind == "reminder")).scalars()
    assert due_at.astimezone(ZONE) == datetime(2026, 11, 22, 10, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "rows", "what"),
    [
        ("2 4 5 打过了", "245", CALLED),
        ("2、4没接", "24", VAIN),
        ("都打过了", "12345", CALLED),
        ("１没接　２没接", "12", VAIN),
        ("1.没接2.没接", "12", VAIN),
        ("1，没接；2，没接", "12", VAIN),
        ("1没姐", "1", VAIN),
        ("一没接", "1", VAIN),
        ("第一个没接，第二个没接", "12", VAIN),
        ("1-3没接", "123", VAIN),
        ("前两个打过了", "12", CALLED),
        ("除了3都打过了", "1245", CALLED),
        ("都没接 4除外", "1235", VAIN),
        ("@掌柜 1没接", "1", VAIN),
        ("1沒接", "1", VAIN),
    ],
)
def test_however_it_is_typed(told, text, rows, what) -> None:
    said = lines(told, text)

    assert {row: words for row, words in said.items() if row} == dict.fromkeys(rows, what)
    assert said[""].startswith(f"还剩{5 - len(rows)}位没回" if len(rows) < 5 else "这张名单都回了")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9打过了", ["没有第9位。"]),
        ("1 2", ["没看懂。例：1没接 2约了周日 3别再打了；转给同事：2给小李"]),
        ("2她家狗", ["2：没看懂「她家狗」，没记。请再说一次，例：2没接"]),
        ("2没接 2约了周日", ["2：两样对不上「没接 / 约了周日」，没记。请再说一次，例：2没接"]),
        ("3给外店", ["店里没有「外店」，没转。可以转给：小王、店长"]),
    ],
)
def test_what_is_not_clear_is_asked_and_nothing_is_written(told, text, said) -> None:
    reply = told.say("小李", text).reply

    assert reply.text.splitlines() == said
    assert lines(told, "都打过了").keys() == {*"12345", ""}


def test_what_is_clear_is_written_and_the_rest_is_asked(told) -> None:
    said = told.say("小李", "1没接 2 9打过了").reply.text

    assert said.splitlines() == [
        f"1 孙*（尾号2000）：{VAIN}",
        f"2 孙*（尾号2001）：{CALLED}",
        "没有第9位。",
        "还剩3位没回。错了回 撤",
    ]


def test_a_row_is_handed_to_a_colleague_who_is_told_with_words_and_warnings(told) -> None:
    assert lines(told, "3给小王")["3"] == "→ 小王"

    head, row, words, how = told.told("小王")[-1].splitlines()
    assert (head, row) == ("〔名单11-20·2〕小李转给你1位：", "1 孙*（尾号2002）平时7天来一次，已27天没来 · 可发回归券")
    assert (words.startswith("　“孙女士，"), how.startswith("回结果：")) == (True, True)
    assert lines(told, "3打过了")["3"] == "已经转给小王了，没记"


def test_yesterdays_list_is_answered_until_a_new_one_comes(told) -> None:
    told.clock += timedelta(days=1)
    assert lines(told, "1打过了")["1"] == CALLED

    told.write(lambda conn: conn.execute(update(stores).values(data_at=told.clock)))
    told.run("recall")

    today = told.told("小李")[-1]
    assert today.startswith("〔名单11-21〕")
    assert "（尾号2000）" not in today
    assert lines(told, "1没接")["1"].startswith("没接")
    with_yesterday = told.say("小李", "2打过了", quoted=told.told("小李")[0]).reply.text
    assert with_yesterday.splitlines()[0] == f"2 孙*（尾号2001）：{CALLED}"


def test_in_the_group_the_groups_list_is_meant_and_the_answer_is_private(grouped) -> None:
    grouped.run("recall")

    outcome = grouped.say("小李", "2没接", group="001")

    assert outcome.reply.text == "已私信你。"
    assert outcome.reply.private.text.splitlines()[0] == f"2 孙*（尾号2001）：{VAIN}"
    assert "（尾号2001）✓没接" in grouped.say("小李", "名单").reply.text


def test_under_the_mornings_digest_a_row_is_moved_from_the_group(grouped, tmp_path) -> None:
    refresh(grouped.database, tmp_path, TEN - timedelta(hours=8))

    def rota(conn) -> None:
        store = people.store_by_code(conn, "001")
        row = {"store_id": store.id, "work_on": TEN.date(), "starts_minute": 540, "ends_minute": 1200}
        crew = (people.staff_id_of(conn, CAST[name].code) for name in ("小王", "小李"))
        people.add_shift(conn, [{**row, "staff_id": staff_id} for staff_id in crew])

    grouped.write(rota)
    assert grouped.run("digest", TEN.replace(hour=8, minute=30)).failed == 0
    (digest,) = grouped.told("店长")
    assert digest.splitlines()[2].endswith("→ 小李")

    moved = grouped.say("店长", "@掌柜 1给小王 小李今天请假", group="001", quoted=digest)
    why = grouped.say("店长", "为什么 2", quoted=digest)

    assert moved.reply.private.text.splitlines()[0] == "1 孙*（尾号2000）：→ 小王"
    assert "平时7天来一次，已" in why.reply.text
    assert "按经验规则排：先看价值，再看比平时晚了多少" in why.reply.text


def test_what_a_colleague_answered_is_not_answered_again(told) -> None:
    told.say("小李", "1没接")

    again = told.say("店长", "1打过了", quoted=told.told("小李")[0]).error
    lead = told.say("店长", "名单")

    assert again == "not_found"
    assert "（尾号2000）" not in lead.reply.text


@pytest.mark.parametrize("said", ["1没接 3别再打了", "1空号 3别再打了", "1 关机 3 别打了", "1没接"])
def test_outcomes_of_rows_are_never_a_note_on_whoever_was_looked_at_since(told, said) -> None:
    told.say("小李", "名单")
    told.say("小李", "查 2203")

    answer = lines(told, said)

    assert answer.keys() - {""} == {char for char in said if char.isdecimal()}
    assert "陈" not in answer[""]


def test_where_no_list_is_open_outcomes_of_rows_are_still_no_note(shop) -> None:
    shop.say("小李", "查 2203")

    refused = shop.say("小李", "1没接 2约了周日")

    assert (refused.error, refused.reply.text) == ("not_found", "现在没有要回的名单，发「名单」看现在的。")


def test_a_list_that_is_done_is_corrected_and_nobody_elses_is_touched(told) -> None:
    told.say("小李", "都打了")
    told.say("小李", "查 2203")

    again = lines(told, "2没接")
    nothing = told.say("小李", "都打了").reply.text

    assert again == {"2": VAIN, "": "这张名单都回了。错了回 撤"}
    assert nothing.startswith("这张名单上没有要你回的了。")


@pytest.mark.parametrize("said", ["打过了", "打过了 说周末来"])
def test_an_outcome_of_nobody_asks_which_row_by_its_number(told, said) -> None:
    told.say("小李", "1没接")

    asked = told.say("小李", said).reply

    assert asked.text.splitlines()[0] == f"「{said}」说的是哪位？"
    assert [one.label for one in asked.choices][:2] == ["孙*（尾号2000）✓", "孙*（尾号2001）"]
    assert told.say("小李", "2").reply.text.splitlines()[0].startswith("2 孙*（尾号2001）：")


def test_why_of_a_row_that_is_not_there_says_so_and_tells_nothing_twice(told) -> None:
    assert told.say("小李", "为什么 99").reply.text.startswith("没有第99位，这张名单有5位。")
    why = told.say("小李", "为什么 1").reply.text

    assert why.count("天没来") == 1


@pytest.mark.parametrize("said", ["1 拿走了", "1 延到明天"])
def test_what_is_done_with_goods_that_are_kept_is_no_outcome_of_a_call(told, said) -> None:
    assert lines(told, said) == {"": f"1：没看懂「{said[2:]}」，没记。请再说一次，例：1没接"}
