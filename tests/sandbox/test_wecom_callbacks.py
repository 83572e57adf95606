"""The local WeCom calls the app: sealed, patient for a moment, insistent, and watchful of what comes back."""

import asyncio

import pytest

from tests.support.wecom_corp import GROUPS, PNG, SETUP, button_card, open_office

VOTE = {
    "card_type": "vote_interaction",
    "main_title": {"title": "晨检"},
    "task_id": "check_1",
    "checkbox": {
        "question_key": "check",
        "mode": 1,
        "option_list": [{"id": "a", "text": "陈列", "is_checked": True}, {"id": "b", "text": "价签"}],
    },
    "submit_button": {"text": "提交", "key": "submit"},
}
SHIFT = {
    "card_type": "multiple_interaction",
    "main_title": {"title": "排班"},
    "task_id": "shift_1",
    "select_list": [
        {
            "question_key": "shift",
            "title": "班次",
            "selected_id": "pm",
            "option_list": [{"id": "am", "text": "早班"}, {"id": "pm", "text": "晚班"}],
        }
    ],
    "submit_button": {"text": "提交", "key": "submit"},
}


@pytest.fixture
def office():
    with open_office() as opened:
        yield opened


def reply(kind, inside, to="xiaowang"):
    head = (
        f"<ToUserName>{to}</ToUserName><FromUserName>{SETUP.corp_id}</FromUserName><CreateTime>1700000000</CreateTime>"
    )
    return f"<xml>{head}<MsgType>{kind}</MsgType>{inside}</xml>"


def test_saving_the_address_asks_for_the_echo(office):
    right = office.do(office.server.verify())
    office.server.callback_url = f"{office.base}/wecom/nowhere"

    assert right == ""
    assert office.do(office.server.verify()) == "echostr校验失败：HTTP 404"


def test_a_text_arrives_as_the_documents_say(office):
    flash = office.do(office.server.say("DianZhang", "app", "查 ]]> 8000"))

    assert flash == ""
    (told,) = office.bot.told
    assert told.pop("MsgId").isdigit()
    assert told == {
        "ToUserName": SETUP.corp_id,
        "FromUserName": "DianZhang",
        "CreateTime": "1763625600",
        "MsgType": "text",
        "Content": "查 ]]> 8000",
        "AgentID": "1000002",
    }
    assert (office.last("DianZhang").mine, office.last("DianZhang").html) == (True, "查 ]]&gt; 8000")


def test_a_quote_comes_inside_the_text(office):
    office.send("text", {"content": "今天三位\n老客"})
    office.do(office.server.say("xiaowang", "app", "第一位", quotes=office.last().id))

    assert office.bot.told[0]["Content"] == "这是一条引用/回复消息：\n“掌柜：\n今天三位\n老客”\n------\n第一位"


def test_what_is_not_taken_comes_three_times_more_and_is_the_same(office):
    office.bot.answers += [500, 403, 500, 500, 200]
    failed = office.do(office.server.say("xiaowang", "app", "查 8000"))
    office.do(office.server.say("xiaowang", "app", "撤"))

    assert failed == "应用没有应答（HTTP 500）"
    assert [told["Content"] for told in office.bot.told] == ["查 8000"] * 4 + ["撤"]
    assert len({told["MsgId"] for told in office.bot.told[:4]}) == 1
    assert [callback.status for callback in office.server.callbacks] == [500, 403, 500, 500, 200]


def test_no_answer_in_time_is_no_answer():
    with open_office(patience=0.2) as office:
        silence = asyncio.Event

        async def hold():
            if len(office.bot.told) == 1:
                await silence().wait()

        office.bot.hold = hold
        office.do(office.server.say("xiaowang", "app", "查 8000"))

        assert [callback.status for callback in office.server.callbacks] == [None, 200]


def test_a_picture_a_voice_and_a_place_arrive_but_no_file(office):
    office.do(office.server.drop("xiaowang", "app", "图.png", PNG))
    office.do(office.server.drop("xiaowang", "app", "话.amr", b"#!AMR\nxx"))
    office.do(office.server.app.locate("xiaowang", 31.2, 121.4, "徐汇店"))
    refused = office.do(office.server.drop("xiaowang", "app", "表.xlsx", b"PK"))
    picture, voice, place = office.bot.told
    query = {"access_token": office.token(), "media_id": picture["MediaId"]}

    assert office.http.get(f"{office.base}/cgi-bin/media/get", params=query).content == PNG
    assert office.http.get(picture["PicUrl"]).content == PNG
    assert (voice["MsgType"], voice["Format"]) == ("voice", "amr")
    assert (place["Location_X"], place["Location_Y"], place["Label"]) == ("31.2", "121.4", "徐汇店")
    assert refused == "应用收不到文件，只收图片、语音和视频"


def test_events_have_no_message_id(office):
    server = office.server
    for act in (server.enter("xiaowang"), server.unsubscribe("xiaowang"), server.subscribe("xiaowang")):
        office.do(act)

    assert [(told["Event"], told["EventKey"], "MsgId" in told) for told in office.bot.told] == [
        ("enter_agent", None, False),
        ("unsubscribe", None, False),
        ("subscribe", None, False),
    ]


def test_who_leaves_the_company_is_told_of_and_cannot_be_written_to(office):
    office.do(office.server.dismiss("xiaowang"))
    (told,) = office.bot.told

    assert (told["FromUserName"], told["Event"], told["ChangeType"], told["UserID"]) == (
        "sys",
        "change_contact",
        "delete_user",
        "xiaowang",
    )
    assert office.send("text", {"content": "早"})["errcode"] == 81013


def test_a_menu_is_set_tapped_and_taken_away(office):
    below = [{"type": "view", "name": "手册", "url": "https://x.cn"}]
    menu = {"button": [{"type": "click", "name": "今日", "key": "TODAY"}, {"name": "更多", "sub_button": below}]}
    query = {"access_token": office.token(), "agentid": "1000002"}
    made = office.http.post(f"{office.base}/cgi-bin/menu/create", params=query, json=menu).json()
    keys = [(key.label, key.data) for key in office.server.talks("xiaowang")[0].menu]
    flashes = [office.do(office.server.press("xiaowang", "app", "", data, {})) for _, data in keys]
    stored = office.get("menu/get", agentid="1000002")
    gone = [office.get("menu/delete", agentid="1000002"), office.get("menu/get", agentid="1000002")]

    assert (made["errcode"], stored["button"], [one["errcode"] for one in gone]) == (0, menu["button"], [0, 46003])
    assert keys == [("今日", "click:TODAY"), ("手册", "view:https://x.cn")]
    assert flashes == ["", "打开 https://x.cn"]
    assert [(told["Event"], told["EventKey"]) for told in office.bot.told] == [
        ("click", "TODAY"),
        ("view", "https://x.cn"),
    ]
    assert office.do(office.server.press("xiaowang", "app", "", "click:TODAY", {})) == "菜单已更新"


def test_a_pressed_button_is_told_and_greyed_by_the_answer(office):
    office.send("template_card", button_card(), to="xiaowang|DianZhang")
    office.bot.answers.append(reply("update_button", "<Button><ReplaceName>已发券</ReplaceName></Button>"))
    card = office.last().id
    flash = office.do(office.server.press("xiaowang", "app", card, "3f.1", {}))
    again = office.do(office.server.press("xiaowang", "app", card, "3f.1", {}))
    (told,) = office.bot.told

    assert (flash, again) == ("", "按钮已失效")
    assert (told["Event"], told["EventKey"], told["TaskId"], told["CardType"]) == (
        "template_card_event",
        "3f.1",
        "task_1",
        "button_interaction",
    )
    assert (office.last().note, [key.label for row in office.last().keys for key in row]) == ("已发券", ["已发券"])
    assert office.last("DianZhang").note == ""
    assert office.server.complaints == []


def test_the_code_of_a_press_updates_the_cards_of_others_once(office):
    office.send("template_card", button_card(), to="xiaowang|DianZhang")
    office.do(office.server.press("xiaowang", "app", office.last().id, "3f.1", {}))
    code = office.bot.told[0]["ResponseCode"]
    update = {
        "agentid": SETUP.agent_id,
        "userids": ["DianZhang"],
        "response_code": code,
        "button": {"replace_name": "小王已发"},
    }

    assert [office.post("message/update_template_card", update)["errcode"] for _ in range(2)] == [0, 60140]
    assert office.last("DianZhang").note == "小王已发"


@pytest.mark.parametrize(
    ("card", "values", "chosen"),
    [
        (VOTE, {"check": ["a", "b"]}, {"QuestionKey": "check", "OptionIds": {"OptionId": ["a", "b"]}}),
        (VOTE, {}, {"QuestionKey": "check", "OptionIds": {"OptionId": "a"}}),
        (SHIFT, {}, {"QuestionKey": "shift", "OptionIds": {"OptionId": "pm"}}),
        (SHIFT, {"shift": ["am"]}, {"QuestionKey": "shift", "OptionIds": {"OptionId": "am"}}),
    ],
)
def test_what_was_chosen_goes_along(office, card, values, chosen):
    office.send("template_card", card)
    office.do(office.server.press("xiaowang", "app", office.last().id, "submit", values))

    assert office.bot.told[0]["SelectedItems"] == {"SelectedItem": chosen}


def test_a_phone_offers_only_what_stands_on_the_card(office):
    office.send("template_card", SHIFT)
    card = office.last().id
    flashes = [
        office.do(office.server.press("xiaowang", "app", card, data, values))
        for data, values in (
            ("other", {}),
            ("submit", {"shift": ["night"]}),
            ("submit", {"shift": ["am", "pm"]}),
            ("submit", {"other": ["am"]}),
        )
    ]

    assert flashes == ["按钮已失效", "没有这个选项", "只能选一项", "没有这个选择项"]
    assert office.bot.told == []


def test_the_menu_of_a_card_has_its_own_event(office):
    menu = {"desc": "更多", "action_list": [{"text": "不再提醒", "key": "never"}]}
    office.send("template_card", button_card(action_menu=menu))
    office.do(office.server.press("xiaowang", "app", office.last().id, "menu:never", {}))

    assert (office.bot.told[0]["Event"], office.bot.told[0]["EventKey"]) == ("template_card_menu_event", "never")


def test_an_answer_can_replace_the_card(office):
    office.send("template_card", button_card())
    inside = (
        "<TemplateCard><CardType>button_interaction</CardType><MainTitle><Title>完成</Title></MainTitle>"
        "<HorizontalContentList><KeyName>门店</KeyName><Value>徐汇</Value></HorizontalContentList>"
        "<ButtonList><Text>发券</Text><Style>1</Style><Key>k</Key></ButtonList><ReplaceText>已发券</ReplaceText></TemplateCard>"
    )
    office.bot.answers.append(reply("update_template_card", inside))
    office.do(office.server.press("xiaowang", "app", office.last().id, "3f.1", {}))

    assert office.last().card == {
        "card_type": "button_interaction",
        "main_title": {"title": "完成"},
        "horizontal_content_list": [{"keyname": "门店", "value": "徐汇"}],
        "button_list": [{"text": "发券", "style": 1, "key": "k"}],
        "replace_text": "已发券",
    }
    assert office.last().note == "已发券"


def test_a_text_in_answer_is_shown_and_cut_at_its_limit(office):
    office.bot.answers.append(reply("text", f"<Content>{'王' * 700}</Content>"))
    office.do(office.server.say("xiaowang", "app", "早"))

    assert office.shown()[1] == "王" * 682


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (
            reply("update_button", "<Button><ReplaceName>x</ReplaceName></Button>"),
            "update_button is no answer to a message",
        ),
        (reply("markdown", "<Content>x</Content>"), "markdown is no answer to a message"),
        (reply("text", "<Content>x</Content>", to="DianZhang"), "the answer goes to the wrong one"),
    ],
)
def test_answers_that_wecom_would_throw_away_are_noted(office, answer, complaint):
    office.bot.answers.append(answer)
    office.do(office.server.say("xiaowang", "app", "早"))

    assert office.server.complaints == [complaint]
    assert office.shown() == ["早"]


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (reply("update_button", "<Button>x</Button>"), "the answer lacks Button"),
        (reply("update_template_card", ""), "the answer lacks TemplateCard"),
        (reply("text", "<Content>x</Content>"), "text is no answer to template_card_event"),
        (
            reply("update_template_card", "<TemplateCard><CardType>poster</CardType></TemplateCard>"),
            "42031 template_card card_type missing or invalid",
        ),
    ],
)
def test_a_press_is_answered_with_an_update_or_not_at_all(office, answer, complaint):
    office.send("template_card", button_card())
    office.bot.answers.append(answer)
    office.do(office.server.press("xiaowang", "app", office.last().id, "3f.1", {}))

    assert office.server.complaints == [complaint]
    assert office.last().card == button_card()


def test_a_webhook_speaks_to_its_group_and_hears_nothing(office):
    def send(body, url=""):
        return office.http.post(url or office.server.webhook_url("001"), json=body).json()["errcode"]

    button = {"msgtype": "template_card", "template_card": button_card()}
    answers = [
        send({"msgtype": "text", "text": {"content": "早", "mentioned_list": ["xiaowang", "@all"]}}),
        send({"msgtype": "markdown", "markdown": {"content": "x" * 4097}}),
        send({"msgtype": "markdown_v2", "markdown_v2": {"content": "# 日报"}}),
        send({"msgtype": "text", "text": {"content": "x" * 2049}}),
        send(button),
        send({"msgtype": "text", "text": {"content": "早"}}, f"{office.base}/cgi-bin/webhook/send?key=unknown"),
    ]
    office.do(office.server.say("xiaowang", "group:001", "收到"))

    assert answers == [0, 45002, 0, 45002, 42031, 93000]
    assert (
        office.shown("xiaowang", "group:001") == office.shown("DianZhang", "group:001") == ["早", "<b>日报</b>", "收到"]
    )
    assert office.server.talks("DianZhang")[2].bubbles[0].note == "@小王、@所有人"
    assert [talk.id for talk in office.server.talks("waidian")] == ["app", "bot", f"group:{GROUPS[1].id}"]
    assert office.bot.told == []


def test_a_webhook_speaks_twenty_times_a_minute(office):
    url, body = office.server.webhook_url("001"), {"msgtype": "text", "text": {"content": "早"}}
    answers = [office.http.post(url, json=body).json()["errcode"] for _ in range(21)]
    office.moment += 60

    assert answers == [0] * 20 + [45009]
    assert office.http.post(url, json=body).json()["errcode"] == 0


def test_a_webhook_has_its_own_files(office):
    url = office.server.webhook_url("001")
    upload = url.replace("/send?", "/upload_media?type=file&")
    media = office.http.post(upload, files={"media": ("a.csv", b"123456")}).json()
    body = {"msgtype": "file", "file": {"media_id": media["media_id"]}}
    other = office.upload("file", "a.csv", b"123456")["media_id"]

    assert office.http.post(url, json=body).json()["errcode"] == 0
    assert office.http.post(url, json={"msgtype": "file", "file": {"media_id": other}}).json()["errcode"] == 40007
    assert office.last("xiaowang", "group:001").files[0]["name"] == "a.csv"
