"""The smart bot: its long connection with and without a service, its callback, and two people."""

import pytest

from tests.doctor.conftest import Clinic, refused
from tests.support.platforms import SETUP


@pytest.fixture
def told(where):
    """The settings of the smart bot alone."""
    return {
        "wecom_corp_id": SETUP.corp_id,
        "wecom_bot_id": SETUP.bot_id,
        "wecom_bot_secret": SETUP.bot_secret,
        "wecom_bot_ws": f"{where.base.replace('http', 'ws', 1)}/wecom/ws",
        "wecom_api": where.base,
    }


def test_without_a_service_it_is_tried_for_a_moment(clinic, told, where):
    found = clinic.findings(**told)["smart_bot"]

    assert (found.state, found.cause) == ("ok", "Bot ID 和 Secret 正确（试连了一下就断开）")
    assert {call.path for call in where.wecom.calls if call.path.startswith("ws/")} <= {"ws/aibot_subscribe", "ws/ping"}
    assert not where.wecom.connected


def test_a_wrong_secret_is_told_with_the_screen_it_is_on(clinic, told):
    found = clinic.findings(**told | {"wecom_bot_secret": "another"})["smart_bot"]

    assert (found.state, found.cause) == ("fail", "企业微信不认这个智能机器人（853000）。")
    assert "API 模式 → 长连接" in found.mends[0]


def test_a_platform_out_of_reach_is_told(clinic, told):
    found = clinic.findings(**told | {"wecom_bot_ws": "ws://127.0.0.1:1/wecom/ws"})["smart_bot"]

    assert (found.state, found.cause) == ("fail", "连不上企业微信的长连接。")


def test_the_connection_of_a_running_service_is_asked_and_never_ended(beside, running):
    before = [call.path for call in running.where.wecom.calls].count("ws/aibot_subscribe")

    found = beside.findings()["smart_bot"]

    assert (found.state, found.cause[:5]) == ("ok", "长连接正常")
    assert [call.path for call in running.where.wecom.calls].count("ws/aibot_subscribe") == before


def test_a_service_whose_connection_is_down_says_so(opened, monkeypatch):
    with opened("app", "bot", start=False, ZHANGGUI_WECOM_BOT_SECRET="another") as one:
        one.service.start(wait=False)
        refused(one.where)
        found = Clinic(monkeypatch, one.service.folder, one.service.settings).findings()

    assert found["smart_bot"].state == "fail"
    assert found["smart_bot"].cause.startswith("企业微信不认这个智能机器人（853000）：请打开 管理后台 → 智能机器人")
    assert found["service"].state == "ok"


def test_with_a_stranger_at_the_port_it_is_not_tried(clinic, told, where):
    found = clinic.findings(**told, http=where.base.removeprefix("http://"))["smart_bot"]

    assert (found.state, found.cause) == ("warn", "没有查：再连一条会把正在用的顶下来。")
    assert [call.path for call in where.wecom.calls if call.path.startswith("ws/")] == []


def test_a_bot_that_is_called_back_is_asked_for_the_echo(opened, monkeypatch):
    with opened("callback") as one:
        clinic = Clinic(monkeypatch, one.service.folder, one.service.settings)
        well, ill = clinic.findings(), clinic.findings(wecom_bot_token="AnotherToken")

    assert (well["smart_bot_callback"].state, "smart_bot" in well) == ("ok", False)
    assert ill["smart_bot_callback"].state == "fail"
    assert ill["smart_bot_callback"].mends[0].startswith("ZHANGGUI_WECOM_BOT_TOKEN 和 ZHANGGUI_WECOM_BOT_AES_KEY 改过")


def test_two_people_have_talked_to_the_bot_of_a_running_service(beside):
    found = beside.findings()["smart_bot_two_people"]

    assert (found.state, found.cause) == ("ok", "2 个人跟它私聊过")
