"""The smart bot of the local WeCom in callback mode: sealed JSON, streams asked for, one answer by address."""

import json

import pytest
from websockets.sync.client import connect

from bot.sandbox.wecom.crypto import aes_key, unlock
from tests.support.wecom_corp import PNG, SETUP, button_card, open_office


@pytest.fixture
def office():
    with open_office(smart=True) as opened:
        yield opened


def stream(content, *, finish, name="s1"):
    return json.dumps({"msgtype": "stream", "stream": {"id": name, "finish": finish, "content": content}})


def test_saving_the_address_asks_for_the_echo(office):
    assert office.do(office.server.verify_bot()) == ""


def test_a_stream_is_asked_for_until_it_is_finished(office):
    office.bot.answers += [stream("想", finish=False), stream("想一想", finish=False), stream("好了", finish=True)]
    office.do(office.server.say("xiaowang", "bot", "查 8000"))
    office.until(lambda: office.last("xiaowang", "bot").html == "好了")
    first, *polls = office.bot.told

    assert (first["msgtype"], first["text"], first["chattype"]) == ("text", {"content": "查 8000"}, "single")
    assert first["response_url"].startswith(f"{office.base}/cgi-bin/aibot/response?response_code=")
    assert [(poll["msgtype"], poll["stream"], "response_url" in poll) for poll in polls] == [
        ("stream", {"id": "s1"}, False)
    ] * 2
    assert office.shown("xiaowang", "bot") == ["查 8000", "好了"]
    assert office.server.complaints == []


def test_a_late_answer_goes_to_its_address_once_within_an_hour(office):
    office.do(office.server.say("xiaowang", "bot", "日报"))
    office.do(office.server.say("xiaowang", "bot", "周报"))
    daily, weekly = (told["response_url"] for told in office.bot.told)
    body = {"msgtype": "markdown", "markdown": {"content": "**日报**"}}
    codes = [office.http.post(daily, json=body).json()["errcode"] for _ in range(2)]
    office.moment += 3601

    assert [*codes, office.http.post(weekly, json=body).json()["errcode"]] == [0, 60140, 60140]
    assert office.shown("xiaowang", "bot") == ["日报", "周报", "<b>日报</b>"]


def test_a_card_by_address_is_for_single_chats(office):
    office.do(office.server.say("xiaowang", "group:001", "@掌柜 任务"))
    body = {"msgtype": "template_card", "template_card": button_card()}

    assert office.http.post(office.bot.told[0]["response_url"], json=body).json()["errcode"] == 40008


def test_a_pressed_card_is_told_once_and_updated_by_the_answer(office):
    office.bot.answers.append(json.dumps({"msgtype": "template_card", "template_card": button_card()}))
    office.do(office.server.say("xiaowang", "bot", "任务"))
    card = office.last("xiaowang", "bot").id
    office.bot.answers.append(500)
    missed = office.do(office.server.press("xiaowang", "bot", card, "3f.1", {}))
    done = {"response_type": "update_template_card", "template_card": button_card(replace_text="已发券")}
    office.bot.answers.append(json.dumps(done))
    office.do(office.server.press("xiaowang", "bot", card, "3f.1", {}))

    assert missed == "机器人没连上，没送到"
    assert [told["event"]["template_card_event"]["event_key"] for told in office.bot.told[1:]] == ["3f.1", "3f.1"]
    assert office.last("xiaowang", "bot").note == "已发券"


def test_who_enters_first_that_day_is_greeted(office):
    office.bot.answers.append(json.dumps({"msgtype": "text", "text": {"content": "早上好"}}))
    for _ in range(2):
        office.do(office.server.enter("xiaowang", "bot"))
    office.moment += 86400
    office.do(office.server.enter("xiaowang", "bot"))

    assert [told["event"] for told in office.bot.told] == [{"eventtype": "enter_chat"}] * 2
    assert office.shown("xiaowang", "bot") == ["早上好"]


def test_a_file_is_fetched_for_five_minutes_under_the_callback_key(office):
    office.do(office.server.drop("xiaowang", "bot", "图.png", PNG))
    told = office.bot.told[0]["image"]
    fetched = office.http.get(told["url"])
    office.moment += 301

    assert told.keys() == {"url"}
    assert unlock(fetched.content, aes_key(SETUP.bot_aes_key)) == PNG
    assert office.http.get(told["url"]).status_code == 404


def test_a_voice_comes_as_words(office):
    office.do(office.server.bot.speak("xiaowang", "查一下八千"))

    assert (office.bot.told[0]["msgtype"], office.bot.told[0]["voice"]) == ("voice", {"content": "查一下八千"})


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"msgtype": "text", "text": {"content": "早"}}, "40008 invalid message type"),
        ({"msgtype": "stream", "stream": {"id": "", "content": "x"}}, "40058 invalid request parameter stream.id"),
        (
            {"msgtype": "template_card", "template_card": button_card(task_id="王")},
            "42014 invalid template_card task_id",
        ),
    ],
)
def test_answers_that_wecom_would_throw_away_are_noted(office, answer, complaint):
    office.bot.answers.append(json.dumps(answer))
    office.do(office.server.say("xiaowang", "bot", "早"))

    assert office.server.complaints == [complaint]
    assert office.shown("xiaowang", "bot") == ["早"]


def test_one_mode_excludes_the_other(office):
    frame = {"bot_id": SETUP.bot_id, "secret": SETUP.bot_secret}
    with connect(f"{office.base.replace('http', 'ws', 1)}/wecom/ws", proxy=None) as socket:
        socket.send(json.dumps({"cmd": "aibot_subscribe", "headers": {"req_id": "1"}, "body": frame}))

        assert json.loads(socket.recv())["errcode"] == 853000
