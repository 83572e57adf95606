"""Lists in a store's group: masked, claimed by whoever is quickest, handed on; the message answered decides."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from bot.chat import Incoming
from bot.db import people
from bot.refresh.run import refresh
from tests.lists.conftest import TEN
from tests.support.cast import CAST, address


def only_wang_is_on(shop) -> None:
    """小李 is off today: her customers are the store's."""

    def rota(conn) -> None:
        store = people.store_by_code(conn, "001")
        wang = people.staff_id_of(conn, CAST["小王"].code)
        people.add_shift(
            conn,
            [
                {
                    "staff_id": wang,
                    "store_id": store.id,
                    "work_on": shop.clock.date(),
                    "starts_minute": 540,
                    "ends_minute": 1200,
                }
            ],
        )

    shop.write(rota)


def test_a_group_sees_surnames_alone_and_who_has_whom(grouped) -> None:
    only_wang_is_on(grouped)

    grouped.run("recall")

    (said,) = grouped.told("001")
    head, *rows, foot = said.splitlines()
    assert head == "〔门店名单11-20〕徐汇店今天要找的6位："
    assert foot == "认领回「2我来」，转交回「1给小李」。资料和话在私聊里看。"
    assert rows == [*(f"{place} 孙* 好久没来 → 待认领" for place in range(1, 6)), "6 王* 好久没来 → 小王"]


def test_who_claims_first_has_her_and_the_group_is_told_when(grouped) -> None:
    only_wang_is_on(grouped)
    grouped.run("recall")

    first = grouped.say("小李", "2我来", group="001")
    second = grouped.say("小王", "2我来打", group="001")

    assert first.reply.text == "已私信你。"
    assert first.reply.private.text.splitlines()[0] == "2 孙*（尾号2001）：归你了"
    assert "〔名单11-20〕你认领的1位：" in first.reply.private.text
    assert second.reply.private.text.splitlines()[0] == "2 孙*（尾号2001）：小李 10:00 已认领"
    assert grouped.told("001")[1:] == ["2 孙* → 小李（10:00）"]
    assert (
        grouped.say("小李", "1约了周日").reply.text.splitlines()[0]
        == "1 孙*（尾号2001）：约好了，后天10:00提醒你（#1）"
    )


def test_words_name_whoever_has_her_now(grouped) -> None:
    only_wang_is_on(grouped)
    grouped.run("recall")

    claimed = grouped.say("小李", "2我来", group="001").reply.private.text
    handed = grouped.say("小李", "1给店长")

    assert "我是徐汇店的小李，" in claimed
    assert handed.error is None
    assert ["我是徐汇店的店长，" in text for text in grouped.told("店长") if "转给你" in text] == [True]


def test_a_claim_is_taken_back_whole(grouped) -> None:
    only_wang_is_on(grouped)
    grouped.run("recall")
    grouped.say("小李", "1我来", group="001")

    undone = grouped.say("小李", "撤")

    assert undone.reply.text.startswith("已撤回：名单 孙*（尾号2000）：1转交")
    assert grouped.say("小王", "1我来", group="001").reply.private.text.splitlines()[0] == "1 孙*（尾号2000）：归你了"


def test_what_is_somebody_elses_is_not_claimed_but_a_manager_moves_it(grouped) -> None:
    only_wang_is_on(grouped)
    grouped.run("recall")

    refused = grouped.say("小李", "6我来", group="001").reply.private.text
    moved = grouped.say("店长", "6给我 小王要去仓库", group="001").reply.private.text

    assert refused.splitlines()[0] == "6 王*（尾号8000）：是小王的，请她或店长转给你"
    assert moved.splitlines()[0] == "6 王*（尾号8000）：归你了"
    assert "⚠️芒果过敏" in moved


@pytest.mark.parametrize(
    ("whom", "why"),
    [
        ("小李", "小李今天不在班上，没转。可以转给：小王"),
        ("外店", "店里没有「外店」，没转。可以转给：小王"),
        ("小赵", "店里没有「小赵」，没转。可以转给：小王"),
    ],
)
def test_nobody_who_is_off_or_works_elsewhere_is_handed_anything(grouped, whom, why) -> None:
    only_wang_is_on(grouped)
    grouped.run("recall")

    refused = grouped.say("店长", f"1给{whom}", group="001").reply.private.text

    assert refused.splitlines()[0] == why
    assert grouped.told("小李") == []


def test_two_who_claim_at_once_do_not_both_have_her(grouped) -> None:
    only_wang_is_on(grouped)
    grouped.run("recall")
    gate = Barrier(2)

    def claim(nth: int) -> tuple[str, str]:
        name = ("小王", "小李")[nth]
        message = Incoming(f"at once {nth}", address(name, "001"), "2我来", grouped.clock)
        gate.wait(timeout=30)
        said = grouped.dispatcher.handle(message).reply.private.text.splitlines()
        return name, next(line for line in said if line.startswith("2 孙"))

    with ThreadPoolExecutor(2) as pool:
        said = dict(pool.map(claim, range(2)))

    (winner,) = (name for name, text in said.items() if text == "2 孙*（尾号2001）：归你了")
    (loser,) = said.keys() - {winner}
    assert said[loser] == f"2 孙*（尾号2001）：{winner} 10:00 已认领"
    assert grouped.told("001")[1:] == [f"2 孙* → {winner}（10:00）"]


def test_the_quoted_message_decides_which_list_a_number_means(grouped) -> None:
    only_wang_is_on(grouped)
    grouped.run("recall")
    (mine,), (everybody,) = grouped.told("小王"), grouped.told("001")
    assert mine.splitlines()[1].startswith("1 王*（尾号8000）")

    grouped.say("小王", "查 2203")  # its digits mean something else
    of_group = grouped.say("小王", "1我来", quoted=everybody)
    of_mine = grouped.say("小王", "1没接", quoted=mine)
    why = grouped.say("小王", "为什么 2", quoted=everybody)

    assert of_group.reply.text.splitlines()[0] == "1 孙*（尾号2000）：归你了"
    assert of_mine.reply.text.splitlines()[0] == "1 王*（尾号8000）：没接，明天15:00再试（最多再试2次）"
    assert why.reply.text.splitlines()[0] == "2 孙*（尾号2001）："
    assert "按经验规则排：先看价值，再看比平时晚了多少" in why.reply.text


def test_several_open_lists_are_asked_about_never_guessed(grouped) -> None:
    only_wang_is_on(grouped)
    grouped.run("recall")
    grouped.say("小王", "1我来", group="001")
    grouped.say("小王", "查 2203")

    asked = grouped.say("小王", "1打过了")

    assert asked.reply.text.splitlines()[0] == "说的是哪张名单？（引用那条消息回就不用选）"
    assert [one.label for one in asked.reply.choices] == ["〔名单11-20·2〕", "〔名单11-20〕"]
    assert grouped.say("小王", "2").reply.text.splitlines()[0] == "1 王*（尾号8000）：已联系，7天内不再进名单"


def test_another_store_answers_nothing_here(grouped) -> None:
    only_wang_is_on(grouped)
    grouped.run("recall")
    (everybody,) = grouped.told("001")

    answer = grouped.say("外店", "2我来", quoted=everybody)

    assert (answer.error, answer.reply.text) == (
        "not_found",
        "引用的那张名单不是你的，或者太久了。发「名单」看你现在的。",
    )


def test_all_of_them_are_her_own_and_nobodys_in_a_group(grouped) -> None:
    only_wang_is_on(grouped)
    grouped.run("recall")

    every = grouped.say("小李", "都打了", group="001").reply.private.text.splitlines()
    named = grouped.say("小李", "6没接", group="001").reply.private.text.splitlines()

    assert [line[0] for line in every if " 孙*" in line or " 王*" in line] == list("12345")
    assert named[0] == "6 王*（尾号8000）：是小王的，没记"


def test_what_a_leader_alone_was_shown_is_no_list_of_the_group(grouped, tmp_path) -> None:
    refresh(grouped.database, tmp_path, TEN - timedelta(hours=8))
    assert grouped.run("digest", TEN.replace(hour=8, minute=30)).failed == 0
    shown = grouped.say("店长", "今天").reply.text
    assert "〔门店要救11-20〕" in shown

    grouped.say("小王", "都打了", group="001")
    grouped.say("小王", "1没接", quoted=shown)

    assert "✓" not in grouped.say("店长", "今天").reply.text
    assert grouped.say("店长", "1没接", quoted=shown).reply.text.startswith("1 ")


def test_what_was_given_away_comes_back_by_its_number(grouped) -> None:
    grouped.run("recall")
    grouped.say("小李", "名单")
    grouped.say("小李", "3 给 小王")

    back = grouped.say("小李", "3给我").reply.text.splitlines()
    other = grouped.say("小李", "2给店长").reply.text.splitlines()
    again = grouped.say("店长", "给小王 1").reply.text.splitlines()

    assert back[0] == "3 孙*（尾号2002）：归你了"
    assert other[0] == "2 孙*（尾号2001）：→ 店长"
    assert again[0] == "1 孙*（尾号2001）：→ 小王"
    assert any("小李收回去自己联系了" in one for one in grouped.told("小王"))
    assert grouped.say("小李", "2给我").reply.text.splitlines()[0] == "2 孙*（尾号2001）：10:00 已转给店长"


def test_an_old_one_is_no_young_one(grouped) -> None:
    grouped.run("recall")

    refused = grouped.say("小李", "派 2 老王").reply.text

    assert refused.startswith("店里没有「老王」，没转。")
