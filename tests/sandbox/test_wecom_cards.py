"""Template cards at the local WeCom: every part that is asked for, every length that is kept, with its code."""

import pytest

from bot.sandbox.wecom.cards import check
from bot.sandbox.wecom.refusals import RefusedError
from tests.support.wecom_corp import button_card

ACTION = {"type": 1, "url": "https://x.cn"}
TEXT = {"card_type": "text_notice", "main_title": {"title": "早"}, "card_action": ACTION}
NEWS = {**TEXT, "card_type": "news_notice", "card_image": {"url": "https://x.cn/a.png"}}
OPTIONS = [{"id": "a", "text": "甲"}, {"id": "b", "text": "乙"}]
SUBMIT = {"text": "提交", "key": "submit"}
VOTE = {
    "card_type": "vote_interaction",
    "main_title": {"title": "晨检"},
    "task_id": "t",
    "checkbox": {"question_key": "q", "option_list": OPTIONS},
    "submit_button": SUBMIT,
}
SELECT = {"question_key": "q", "title": "班次", "option_list": OPTIONS}
SELECTS = {**VOTE, "card_type": "multiple_interaction", "select_list": [SELECT]}
MENU = {"desc": "更多", "action_list": [{"text": "停", "key": "stop"}]}
BUTTON = {"text": "好", "key": "k"}


def options(count):
    return [{"id": str(number), "text": "项"} for number in range(count)]


def rows(count):
    return [{"keyname": "门店", "value": "徐汇"}] * count


@pytest.mark.parametrize(
    "card",
    [
        TEXT,
        {**TEXT, "main_title": {}, "sub_title_text": "只有副标题"},
        {
            **TEXT,
            "horizontal_content_list": rows(6),
            "jump_list": [{"type": 1, "title": "看", "url": "https://x.cn"}] * 3,
        },
        {**TEXT, "action_menu": MENU, "task_id": "t-1@x_2"},
        NEWS,
        {**NEWS, "vertical_content_list": [{"title": "卖点"}] * 4},
        button_card(),
        button_card(button_list=[{"text": "好", "key": str(number)} for number in range(6)]),
        button_card(button_list=[{"type": 1, "text": "看", "url": "https://x.cn"}]),
        button_card(button_selection={"question_key": "q", "option_list": options(10)}),
        VOTE,
        {**VOTE, "checkbox": {"question_key": "q", "mode": 1, "option_list": options(20)}},
        SELECTS,
        {**SELECTS, "select_list": [{**SELECT, "question_key": key} for key in "abc"]},
    ],
)
def test_a_whole_card_passes(card):
    assert check(card) == card


@pytest.mark.parametrize(
    ("code", "card"),
    [
        (40058, []),
        (42031, {}),
        (42031, {**TEXT, "card_type": "poster"}),
        (42033, {**TEXT, "main_title": {"desc": "无题"}}),
        (42045, {**TEXT, "card_action": {}}),
        (42045, {**TEXT, "card_action": {"type": 0}}),
        (42028, {**TEXT, "card_action": {"type": 1, "url": "x.cn"}}),
        (42030, {**TEXT, "card_action": {"type": 2}}),
        (42035, {**TEXT, "horizontal_content_list": rows(7)}),
        (42027, {**TEXT, "horizontal_content_list": [{"value": "徐汇"}]}),
        (42028, {**TEXT, "horizontal_content_list": [{"type": 1, "keyname": "看"}]}),
        (42029, {**TEXT, "horizontal_content_list": [{"type": 2, "keyname": "看"}]}),
        (42050, {**TEXT, "horizontal_content_list": [{"type": 3, "keyname": "看"}]}),
        (42042, {**TEXT, "jump_list": [{"title": "看"}] * 4}),
        (42033, {**TEXT, "jump_list": [{"type": 0}]}),
        (42014, {**TEXT, "action_menu": MENU}),
        (42039, {**TEXT, "action_menu": {"action_list": [{"text": "停"}]}, "task_id": "t"}),
        (42044, {**TEXT, "card_type": "news_notice"}),
        (42036, {**NEWS, "vertical_content_list": [{"title": "卖点"}] * 5}),
        (42014, button_card(task_id="")),
        (42014, button_card(task_id="王女士")),
        (42014, button_card(task_id="x" * 129)),
        (42033, button_card(main_title={})),
        (42016, button_card(button_list=[])),
        (42016, button_card(button_list=[{"text": "好", "key": str(number)} for number in range(7)])),
        (42038, button_card(button_list=[{"key": "k"}])),
        (42039, button_card(button_list=[{"text": "好"}])),
        (42039, button_card(button_list=[{"text": "好", "key": "k" * 1025}])),
        (42051, button_card(button_list=[BUTTON, BUTTON])),
        (42028, button_card(button_list=[{"type": 1, "text": "看"}])),
        (42043, button_card(button_selection={"option_list": OPTIONS})),
        (42037, button_card(button_selection={"question_key": "q", "option_list": options(11)})),
        (42037, {**VOTE, "checkbox": {"question_key": "q", "option_list": options(21)}}),
        (42037, {**VOTE, "checkbox": {"question_key": "q", "option_list": []}}),
        (42040, {**VOTE, "checkbox": {"question_key": "q", "option_list": [{"text": "甲"}]}}),
        (42040, {**VOTE, "checkbox": {"question_key": "q", "option_list": [{"id": "i" * 129, "text": "甲"}]}}),
        (42040, {**VOTE, "checkbox": {"question_key": "q", "option_list": OPTIONS * 2}}),
        (42041, {**VOTE, "checkbox": {"question_key": "q", "option_list": [{"id": "a"}]}}),
        (42043, {**VOTE, "checkbox": {"option_list": OPTIONS}}),
        (42049, {**VOTE, "submit_button": {"key": "k"}}),
        (42046, {**VOTE, "submit_button": {"text": "提交"}}),
        (42047, {**SELECTS, "select_list": []}),
        (42047, {**SELECTS, "select_list": [{**SELECT, "question_key": key} for key in "abcd"]}),
        (42043, {**SELECTS, "select_list": [SELECT, SELECT]}),
    ],
)
def test_a_card_that_lacks_something_is_refused_with_its_code(code, card):
    with pytest.raises(RefusedError) as refused:
        check(card)

    assert refused.value.code == code


def test_an_update_needs_no_task_id():
    assert check(button_card(task_id=""), update=True)["task_id"] == ""
