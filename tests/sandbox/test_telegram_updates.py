"""Updates of the local Telegram: kept until confirmed, polled by one, or posted to a webhook until it takes them."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.bot_api import value_faults
from tests.support.local_telegram import TOKEN, Lab, local_telegram

SECRET = "secret_token"


class Hook:
    """A webhook that answers as told, 200 when it was told nothing, and rings when it has taken so many."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.tried: list[int] = []
        self.secrets: set[str] = set()
        self.answers: list[int] = []
        self.enough = threading.Event()
        self.refused = threading.Event()  # the last bad answer is given
        self.wanted = 1

    async def receive(self, request: Request) -> Response:
        update = await request.json()
        self.secrets.add(request.headers.get("x-telegram-bot-api-secret-token", ""))
        self.tried.append(update["update_id"])
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.taken.append(update)
        if status != 200 and not self.answers:
            self.refused.set()
        if len(self.taken) >= self.wanted:
            self.enough.set()
        return Response(status_code=status)

    def wait(self, wanted: int) -> list[dict[str, Any]]:
        self.wanted = wanted
        if len(self.taken) < wanted:
            self.enough.wait(20)
        assert len(self.taken) >= wanted
        return self.taken


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
def lab(hook: Hook) -> Iterator[Lab]:
    with local_telegram(lambda: [Route("/hook", hook.receive, methods=["POST"])]) as lab:
        lab.server.webhook.first_pause = 0.01
        yield lab


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


def test_updates_come_again_until_a_higher_offset_confirms_them(lab: Lab) -> None:
    lab.say("xiaowang", "一")
    lab.say("xiaowang", "二")
    first = lab.do("getUpdates")
    again = lab.do("getUpdates", offset=first[0]["update_id"])
    second = lab.do("getUpdates", offset=first[1]["update_id"])
    none = lab.do("getUpdates", offset=first[1]["update_id"] + 1)

    assert [texts(first), texts(again), texts(second), none] == [["一", "二"], ["一", "二"], ["二"], []]


def test_a_poll_waits_for_what_comes(lab: Lab) -> None:
    with ThreadPoolExecutor() as threads:
        poll = threads.submit(lab.do, "getUpdates", timeout=8)
        lab.say("xiaowang", "在吗")

        assert texts(poll.result()) == ["在吗"]


def test_a_limit_cuts_and_a_negative_offset_takes_the_last(lab: Lab) -> None:
    for text in "一二三":
        lab.say("xiaowang", text)

    assert texts(lab.do("getUpdates", limit=2)) == ["一", "二"]
    assert texts(lab.do("getUpdates", offset=-1)) == ["三"]
    assert texts(lab.do("getUpdates")) == ["三"]


def test_kinds_not_asked_for_are_not_kept_and_the_choice_stays(lab: Lab) -> None:
    lab.do("getUpdates", allowed_updates=["callback_query"])
    lab.say("xiaowang", "一")
    lab.do("getUpdates", allowed_updates=["message"])
    lab.say("xiaowang", "二")

    assert texts(lab.do("getUpdates")) == ["二"]


def test_updates_are_forgotten_after_a_day(lab: Lab) -> None:
    lab.say("xiaowang", "一")
    lab.at += 25 * 3600
    lab.say("xiaowang", "二")

    assert texts(lab.do("getUpdates")) == ["二"]


def test_a_second_poller_throws_the_first_out(lab: Lab) -> None:
    with ThreadPoolExecutor() as threads:
        first = threads.submit(lab.ask, "getUpdates", timeout=8)
        lab.server.world.updates.polling.wait(10)
        lab.do("getUpdates")

        words = "terminated by other getUpdates request; make sure that only one bot instance is running"
        assert first.result() == (409, f"Conflict: {words}")


def test_there_is_no_polling_beside_a_webhook(lab: Lab) -> None:
    lab.do("setWebhook", url=f"{lab.url}/hook")
    words = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"

    assert lab.ask("getUpdates") == (409, f"Conflict: {words}")
    assert lab.do("deleteWebhook") is True
    assert lab.do("getUpdates") == []


def test_a_webhook_needs_https_and_a_fair_secret(lab: Lab) -> None:
    words = "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
    ports = "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
    spaced = "Bad Request: secret token contains unallowed characters"

    assert lab.ask("setWebhook", url="http://bot.example.cn/hook") == (400, words)
    assert lab.ask("setWebhook", url="https://bot.example.cn:9000/hook") == (400, ports)
    assert lab.ask("setWebhook", url=f"{lab.url}/hook", **{SECRET: "a b"}) == (400, spaced)


def test_a_webhook_is_told_in_order_with_the_secret_and_the_record_does_not_keep_it(lab: Lab, hook: Hook) -> None:
    lab.say("xiaowang", "零")
    lab.do("setWebhook", url=f"{lab.url}/hook", **{SECRET: "Secret-1"})
    for text in "一二三":
        lab.say("xiaowang", text)

    assert texts(hook.wait(4)) == ["零", "一", "二", "三"]
    assert hook.secrets == {"Secret-1"}
    assert [fault for update in hook.taken for fault in value_faults(update, ["Update"], "update")] == []
    assert [call.fields[SECRET] for call in lab.server.calls if call.method == "setWebhook"] == ["…"]


def test_a_webhook_that_fails_is_told_again_and_the_order_of_a_chat_holds(lab: Lab, hook: Hook) -> None:
    hook.answers = [503, 500, 404]
    lab.say("xiaowang", "一")
    lab.say("xiaowang", "二")
    lab.do("setWebhook", url=f"{lab.url}/hook")
    first = hook.wait(2)[0]["update_id"]

    assert texts(hook.taken) == ["一", "二"]
    assert hook.tried == [first, first, first, first, first + 1]
    assert [one.status for one in lab.server.deliveries][:4] == [503, 500, 404, 200]
    assert lab.do("getWebhookInfo")["last_error_message"] == "Wrong response from the webhook: 404 Not Found"


def test_one_chat_that_fails_does_not_hold_up_another(lab: Lab, hook: Hook) -> None:
    lab.server.webhook.first_pause = 600
    hook.answers = [500, 500]
    lab.say("xiaowang", "一")
    lab.do("setWebhook", url=f"{lab.url}/hook")
    hook.refused.wait(10)
    lab.say("xiaoli", "二")

    assert texts(hook.wait(1)) == ["二"]


def test_a_query_that_waits_too_long_is_not_delivered(lab: Lab) -> None:
    lab.say("xiaowang", "一")
    keys = {"inline_keyboard": [[{"text": "好", "callback_data": "a.1"}]]}
    sent = lab.http.post(
        f"/bot{TOKEN}/sendMessage", json={"chat_id": lab.chat("xiaowang"), "text": "选", "reply_markup": keys}
    ).json()["result"]
    lab.updates()
    lab.server.tap("xiaowang", "private", str(sent["message_id"]), "a.1")
    lab.at += 151

    assert lab.do("getUpdates") == []
