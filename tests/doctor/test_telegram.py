"""Telegram, each thing made wrong in turn against the local server."""

from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bot.db import decisions, people
from tests.support.cast import add_cast
from tests.support.local_server import serving
from tests.support.platforms import TOKEN


@pytest.fixture
def told(where):
    """The settings of Telegram alone."""
    return {"telegram_token": TOKEN, "telegram_api": where.base}


def call(where, method, **fields):
    answer = where.client.post(f"{where.base}/bot{TOKEN}/{method}", json=fields)
    assert answer.status_code == httpx.codes.OK, answer.text


def test_a_wrong_token_is_fetched_anew(clinic, told):
    wrong = told | {"telegram_token": TOKEN[:-1] + "2"}

    found = clinic.findings(**wrong)

    assert (found["telegram"].state, found["telegram"].cause) == ("fail", "Telegram 不认这个令牌。")
    assert "@BotFather" in found["telegram"].mends[0]
    assert found.keys() & {"telegram_news", "telegram_privacy", "telegram_decision"} == set()


def test_a_token_with_other_words_in_it_is_wrong_too(clinic, told):
    assert clinic.findings(**told | {"telegram_token": "令牌 7000:\x7fabc"})["telegram"].state == "fail"


def test_a_server_out_of_reach_wants_a_proxy(clinic, told):
    found = clinic.findings(**told | {"telegram_api": "http://127.0.0.1:1"})["telegram"]

    assert (found.state, found.cause) == ("fail", "连不上 Telegram 的服务器。")
    assert "ZHANGGUI_TELEGRAM_PROXY" in found.mends[0]


@pytest.mark.parametrize("proxy", ["127.0.0.1", "gopher://127.0.0.1:7890"])
def test_a_proxy_that_cannot_be_one_is_told(clinic, told, proxy):
    found = clinic.findings(**told, telegram_proxy=proxy)

    assert found["telegram"].cause == "ZHANGGUI_TELEGRAM_PROXY 这个代理用不了。"


def test_a_telegram_with_trouble_of_its_own_is_asked_later(clinic, told, where):
    where.telegram.add_fault({"kind": "502", "method": "getMe"})

    found = clinic.findings(**told)["telegram"]

    assert (found.state, found.mends) == ("warn", ("过一分钟再运行 zhanggui doctor。",))


def test_a_webhook_somebody_left_keeps_news_from_a_poll(clinic, told, where):
    call(where, "setWebhook", url="http://127.0.0.1:1/path-with-a-secret")

    found = clinic.findings(**told)["telegram_news"]

    assert (found.state, found.cause) == ("warn", "登记着 webhook（127.0.0.1），轮询收不到消息。")


def test_another_program_that_takes_the_news_of_a_running_service_is_told(beside, running):
    call(running.where, "setWebhook", url="http://127.0.0.1:1/path-with-a-secret")
    try:
        found = beside.findings()["telegram_news"]
    finally:
        call(running.where, "deleteWebhook")

    assert (found.state, found.cause[:33]) == ("fail", "另一个程序也在用这个机器人：它登记了 webhook（127.0.")
    assert "path-with-a-secret" not in found.say


HOOK = {"telegram_mode": "webhook", "telegram_secret": "test-hook-secret", "public_url": "http://127.0.0.1:1"}


def test_a_webhook_that_is_not_announced_yet_waits_for_the_service(clinic, told):
    found = clinic.findings(**told, **HOOK)["telegram_news"]

    assert (found.state, found.cause) == (
        "warn",
        "webhook 还没有登记，应当是 http://127.0.0.1:1/telegram/webhook。",
    )


@contextmanager
def delivery_fails(where, status):
    """Telegram tried to deliver something, and was answered so."""

    async def no(_):
        return Response(status_code=status)

    with serving(Starlette(routes=[Route("/telegram/webhook", no, methods=["POST"])])) as address:
        call(where, "setWebhook", url=f"{address}/telegram/webhook", secret_token="test-hook-secret")
        where.do("say", "telegram", "xiaowang", "private", text="查 8000")
        error = ""
        while not error:
            told = where.client.get(f"{where.base}/bot{TOKEN}/getWebhookInfo").json()["result"]
            error = told.get("last_error_message", "")
        yield address
        call(where, "deleteWebhook", drop_pending_updates=True)


@pytest.mark.parametrize(
    ("status", "mend"),
    [
        (403, "密码对不上：重启 zhanggui run，它会按 ZHANGGUI_TELEGRAM_SECRET 重新登记。"),
        (404, "反向代理没有把 /telegram/webhook 转给服务（见 deploy/nginx.conf）。"),
        (502, "反向代理后面的服务没有起来：启动 zhanggui run。"),
    ],
)
def test_a_delivery_that_failed_is_told_with_what_it_means(clinic, told, where, status, mend):
    with delivery_fails(where, status) as address:
        found = clinic.findings(**told, **HOOK | {"public_url": address})["telegram_news"]

    assert (found.state, found.mends) == ("fail", (mend,))
    assert found.cause.startswith(f"Telegram 送不进来：Wrong response from the webhook: {status}")


def test_privacy_mode_is_told_with_the_steps_and_the_return_to_each_group(clinic, told, where):
    where.telegram.set_privacy(on=True)

    found = clinic.findings(**told)["telegram_privacy"]

    assert found.state == "warn"
    assert found.mends == (
        "要在群里用：@BotFather 发 /setprivacy → 选机器人 → Disable；",
        "然后把机器人移出每个群，再重新拉进来（不重新拉不生效）；或者把它设成群管理员。",
    )


def test_what_head_office_did_not_decide_is_not_allowed(clinic, told, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))

    found = clinic.findings(**told)["telegram_decision"]

    assert (found.state, found.cause[:4]) == ("warn", "未允许：")
    assert found.mends[0] == "总部同意的话：zhanggui telegram allow --by hq"


@pytest.mark.parametrize(
    ("allowed", "words"),
    [
        (True, "允许显示提醒、客诉和记录；姓名和号码打码"),
        (False, "决定不允许：提醒、客诉和记录不显示，只说有没有、到企业微信看。"),
    ],
)
def test_a_decision_is_told_with_who_and_when(clinic, told, shop, now, allowed, words):
    at = datetime(2026, 11, 20, 20, tzinfo=UTC)
    shop.transact(lambda conn: add_cast(conn, now))
    shop.transact(
        lambda conn: decisions.decide(
            conn, "telegram", allowed=allowed, staff_id=people.staff_id_of(conn, "hq"), now=at
        )
    )

    found = clinic.findings(**told)["telegram_decision"]

    assert (found.state, found.cause) == ("ok", f"2026-11-21 总部（hq）{words}")
