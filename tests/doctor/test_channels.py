"""The channels as a whole, and the machine's clock beside the platforms'."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.platforms import SETUP, TOKEN


def test_without_any_channel_the_easiest_comes_first(clinic):
    found = clinic.findings()["channels"]

    assert found.state == "fail"
    assert [mend.partition("：")[0] for mend in found.mends] == [
        "企业微信智能机器人（最省事，不用公网地址）",
        "Telegram",
        "企业微信自建应用",
        "还没有账号，先试一试",
    ]


def test_a_channel_that_is_half_set_up_says_what_is_missing(clinic):
    found = clinic.findings(wecom_secret=SETUP.secret, telegram_token="", wecom_bot_id="aib1")["channels"]

    assert found.state == "fail"
    assert found.cause == (
        "设置有误：企业微信应用还缺 ZHANGGUI_WECOM_CORP_ID、ZHANGGUI_WECOM_AGENT_ID、ZHANGGUI_WECOM_TOKEN、"
        "ZHANGGUI_WECOM_AES_KEY；智能机器人还缺 ZHANGGUI_WECOM_BOT_SECRET（长连接的 Secret）。"
    )


def test_settings_only_the_running_service_has_are_missed(clinic, running):
    found = clinic.findings(http=running.service.settings["ZHANGGUI_HTTP"])["channels"]

    assert (found.state, found.cause) == (
        "warn",
        "这里没有读到渠道的设置，运行中的服务却有（Telegram、企业微信应用、企业微信智能机器人），没法逐项查。",
    )


def test_a_smart_bot_without_its_id_is_not_passed_over(clinic):
    found = clinic.findings(wecom_bot_secret="test-bot-secret")["channels"]

    assert (found.state, found.cause) == ("fail", "设置有误：智能机器人还缺 ZHANGGUI_WECOM_BOT_ID。")


def test_a_key_that_cannot_be_one_is_told(clinic):
    whole = {
        "wecom_corp_id": SETUP.corp_id,
        "wecom_agent_id": str(SETUP.agent_id),
        "wecom_secret": SETUP.secret,
        "wecom_token": SETUP.token,
        "wecom_aes_key": "too short",
        "wecom_api": "http://127.0.0.1:1",
    }

    found = clinic.findings(**whole)["channels"]

    assert (found.state, found.cause) == (
        "fail",
        "设置有误：企业微信回调的 EncodingAESKey 不对：要 43 个英文字母或数字，请从同一页面复制。",
    )


@pytest.mark.parametrize(
    ("ahead", "state", "said"),
    [
        (400, "fail", "这台机器的时间比平台快"),
        (-400, "fail", "这台机器的时间比平台慢"),
        (100, "warn", "这台机器的时间比平台快"),
        (0, "ok", "和平台"),
    ],
)
def test_a_clock_that_is_off_is_told(clinic, where, ahead, state, said):
    off = {"time": lambda: datetime.now(UTC) + timedelta(seconds=ahead)}

    found = clinic.findings(off, telegram_token=TOKEN, telegram_api=where.base)["clock"]

    assert (found.state, found.cause[: len(said)]) == (state, said)


def test_the_clock_is_not_judged_where_no_platform_answers(clinic):
    found = clinic.findings(telegram_token=TOKEN, telegram_api="http://127.0.0.1:1")

    assert "clock" not in found
