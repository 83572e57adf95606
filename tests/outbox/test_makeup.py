"""A make-up digest is one message, and every number in it means what it says."""

import pytest

import bot.handlers
from bot.chat import LET_GO, Address, Choice, Incoming
from bot.commands import collect
from bot.db.talk.makeup import Part, Whole, together
from bot.dispatch import Dispatcher
from bot.understand import understand

A, B = "a" * 32, "b" * 32
LIST = Part(
    "〔名单11-20〕小李，今天先找这2位：\n1 王*（尾号8000）\n2 陈*\n回结果：1没接 2约了周日",
    "〔名单11-20〕小李，今天先找这2位：\n1 王*（尾号8000）\n2 陈*",
    (
        Choice("王*（尾号8000）", f"名单答 #{A} 1", takes_text=True),
        Choice("陈*", f"名单答 #{A} 2", takes_text=True),
    ),
    "1" * 32,
)
SAVE = Part(
    "早，徐汇店。\n〔门店要救11-20〕今天要救的1位：\n1 孙*",
    "",
    (Choice("孙*", f"名单答 #{B} 1", takes_text=True),),
    "2" * 32,
)
DUE = Part(
    "今天要办的 2 件：\n1 答应 #1 送试吃 → 王*（尾号8000）\n2 留货 #2 → 陈*\n办完回「1 办了」，来不及回「1 延到明天」",
    "今天要办的 2 件：\n1 答应 #1 → 王*\n2 留货 #2\n办完回「1 办了」，来不及回「1 延到明天」",
    (Choice("答应 #1", "答应 1", takes_text=True), Choice("留货 #2", "留货 2", takes_text=True)),
    "3" * 32,
)
CLEANUP = Part(
    "🧹 每月清理，等你一句话：\n1 同意清理　2 看是谁　0 算了",
    "",
    (Choice("同意清理", "清理批 #c 同意"), Choice("看是谁", "清理批 #c 看"), Choice("算了", LET_GO)),
    "4" * 32,
)
HOUR = Part(
    "⏰ 提醒 #1 给她打电话\n1 办了　2 取消",
    "",
    (Choice("办了", "提醒 1 办了"), Choice("取消", "提醒 1 取消")),
    "5" * 32,
)
NEWS = Part("晚班交接：客诉 #101", "晚班交接：1件", (), "6" * 32)


def test_the_list_of_people_keeps_its_numbers_and_what_is_due_is_numbered_on():
    assert together([DUE, LIST, NEWS]) == Whole(
        "攒下的 3 条：\n\n晚班交接：客诉 #101\n\n"
        "〔名单11-20〕小李，今天先找这2位：\n1 王*（尾号8000）\n2 陈*\n回结果：1没接 2约了周日\n\n"
        "今天要办的 2 件：\n3 答应 #1 送试吃 → 王*（尾号8000）\n4 留货 #2 → 陈*\n"
        "办完回「3 办了」，来不及回「3 延到明天」",
        "攒下的 3 条：\n\n晚班交接：1件\n\n"
        "〔名单11-20〕小李，今天先找这2位：\n1 王*（尾号8000）\n2 陈*\n\n"
        "今天要办的 2 件：\n3 答应 #1 → 王*\n4 留货 #2\n办完回「3 办了」，来不及回「3 延到明天」",
        (*LIST.choices, *DUE.choices),
    )


def test_a_second_list_and_a_second_question_stay_a_digit_away():
    whole = together([SAVE, LIST, CLEANUP, HOUR])

    assert whole.text.split("\n\n")[1:] == [
        "早，徐汇店。\n〔门店要救11-20〕今天要救的1位：\n1 孙*",
        "🧹 每月清理，等你一句话：\n2 同意清理　3 看是谁　0 算了",
        "4 看〔名单11-20〕\n5 看「⏰ 提醒 #1 给她打电话」",
    ]
    assert [choice.command for choice in whole.choices] == [
        f"名单答 #{B} 1",
        "清理批 #c 同意",
        "清理批 #c 看",
        f"攒下 #{LIST.token}",
        f"攒下 #{HOUR.token}",
    ]


def test_without_anything_to_choose_it_is_the_words_alone():
    assert together([NEWS, Part("补货到了", "", (), "7" * 32)]) == Whole(
        "攒下的 2 条：\n\n晚班交接：客诉 #101\n\n补货到了", "攒下的 2 条：\n\n晚班交接：1件\n\n补货到了", ()
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1没接 2约了周日", ("名单答", f"#{A} 1没接 2约了周日")),
        ("2", ("名单答", f"#{A} 2")),
        ("3 办了", ("答应", "1 办了")),
        ("4", ("留", "2")),
        ("5", ("攒下", f"#{SAVE.token}")),
    ],
)
def test_each_number_means_what_stands_beside_it(said, meant):
    menu = together([DUE, LIST, SAVE]).choices
    found = understand(said, collect(bot.handlers), menu, menu_is_old=False)

    assert (found.command.names[0], found.text) == meant


def test_what_stayed_a_digit_away_is_shown_with_its_own_numbers(office, night):
    mine = (Choice("我的", "我的"), Choice("帮助", "帮助"))
    office.now = night
    office.push("xiaoli", "早上好", choices=mine[:1])
    office.push("xiaoli", "问一句", choices=mine)
    office.now = night.replace(hour=8) if night.hour < 8 else night
    office.work(hours=10)
    assert office.heard() == ["攒下的 2 条：\n\n早上好\n1 我的\n\n2 看「问一句」"]

    dispatcher = Dispatcher(office.database, collect(bot.handlers))

    def says(text):
        where = Address("wecom_bot", "xiaoli@wecom", "xiaoli@wecom")
        return dispatcher.handle(Incoming(text, where, text, office.now)).reply.text

    assert says("2") == "问一句\n1 我的　2 帮助"
    assert says("1").endswith("最近没有写过什么。")
    assert says("攒下 #" + "0" * 32) == "这一条太久了，已经清掉了。"
