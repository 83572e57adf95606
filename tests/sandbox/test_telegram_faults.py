"""Bad days of the local Telegram: faults on order, and limits on how fast a bot may write."""

from collections.abc import Iterator

import httpx
import pytest

from bot.sandbox.telegram.flood import Allowance
from tests.support.local_telegram import TOKEN, Lab, local_telegram

SEND = f"/bot{TOKEN}/sendMessage"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with local_telegram() as lab:
        lab.start("xiaowang", "xiaoli")
        yield lab


def send(lab: Lab, person: str = "xiaowang", seconds: float = 10) -> httpx.Response:
    return lab.http.post(SEND, json={"chat_id": lab.chat(person), "text": "x"}, timeout=seconds)


def heard(lab: Lab, person: str = "xiaowang") -> int:
    return len([bubble for bubble in lab.phone(person).bubbles if not bubble.mine])


def test_too_many_requests_strike_one_chat_for_some_seconds(lab: Lab) -> None:
    lab.server.add_fault({"kind": "429", "method": "send*", "person": "xiaowang", "seconds": 60, "retry_after": 7})
    struck = send(lab)
    other = send(lab, "xiaoli")
    lab.at += 61
    later = send(lab)

    assert (struck.status_code, struck.headers["retry-after"], struck.json()["parameters"]) == (
        429,
        "7",
        {"retry_after": 7},
    )
    assert struck.json()["description"] == "Too Many Requests: retry after 7"
    assert (other.status_code, later.status_code, heard(lab)) == (200, 200, 1)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("400", "Bad Request: chat not found"),
        ("401", "Unauthorized"),
        ("403", "Forbidden: bot was blocked by the user"),
        ("500", "Internal Server Error"),
    ],
)
def test_a_refusal_on_order_does_not_act_and_is_used_up(lab: Lab, kind: str, words: str) -> None:
    lab.server.add_fault({"kind": kind})
    struck = send(lab)

    assert (struck.status_code, struck.json()["description"]) == (int(kind), words)
    assert heard(lab) == 0
    assert send(lab).status_code == 200


def test_a_proxy_answers_in_html(lab: Lab) -> None:
    lab.server.add_fault({"kind": "502", "times": 2})

    assert [send(lab).headers["content-type"] for _ in "123"] == [
        "text/html; charset=utf-8",
        "text/html; charset=utf-8",
        "application/json",
    ]


@pytest.mark.parametrize(("kind", "acts"), [("hang", 0), ("lost", 1)])
def test_an_answer_that_never_comes(lab: Lab, kind: str, acts: int) -> None:
    lab.server.add_fault({"kind": kind, "method": "send*"})
    with pytest.raises(httpx.ReadTimeout):
        send(lab, seconds=0.2)

    assert heard(lab) == acts


@pytest.mark.parametrize(("kind", "acts"), [("reset", 0), ("lost_reset", 1)])
def test_a_line_that_is_cut(lab: Lab, kind: str, acts: int) -> None:
    lab.server.add_fault({"kind": kind, "method": "send*"})
    with pytest.raises(httpx.ReadError):
        send(lab)

    assert heard(lab) == acts
    assert send(lab).status_code == 200


def test_half_an_answer(lab: Lab) -> None:
    lab.server.add_fault({"kind": "truncated"})
    answer = send(lab)

    assert (answer.status_code, answer.text[:10], heard(lab)) == (200, '{"ok": tru', 1)
    with pytest.raises(ValueError, match="line 1"):
        answer.json()


def test_a_slow_answer_acts(lab: Lab) -> None:
    lab.server.add_fault({"kind": "slow", "delay": 0.05})

    assert (send(lab).status_code, heard(lab)) == (200, 1)


def test_a_poll_can_be_called_unauthorized(lab: Lab) -> None:
    lab.server.add_fault({"kind": "401", "method": "getUpdates"})

    assert send(lab).status_code == 200
    assert lab.ask("getUpdates") == (401, "Unauthorized")
    assert lab.ask("getUpdates") == (200, [])


def test_an_update_can_come_twice_or_in_the_wrong_order(lab: Lab) -> None:
    lab.server.add_fault({"kind": "duplicate", "method": "message"})
    lab.say("xiaowang", "一")
    first = lab.do("getUpdates")
    again = lab.do("getUpdates", offset=first[0]["update_id"] + 1)
    lab.server.add_fault({"kind": "shuffle"})
    lab.say("xiaowang", "二")
    lab.say("xiaowang", "三")

    assert first == again
    assert [update["message"]["text"] for update in lab.do("getUpdates", offset=-2)] == ["三", "二"]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"kind": "earthquake"}, "kind must be one of"),
        ({}, "kind must be one of"),
        ({"kind": "429", "when": "now"}, "unknown: when"),
        ({"kind": "429", "times": "3"}, "times has a value of the wrong type"),
        ({"kind": "429", "seconds": 0}, "are above 0"),
        ({"kind": "429", "person": "nobody"}, "no such person"),
    ],
)
def test_an_order_that_means_nothing_is_refused(lab: Lab, order: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        lab.server.add_fault(order)

    assert len(lab.server.faults) == 0


def test_a_chat_takes_a_short_burst_and_then_one_a_second(lab: Lab) -> None:
    codes = [send(lab).status_code for _ in range(6)]
    refused = send(lab)
    lab.at += 1

    assert codes == [200] * 5 + [429]
    assert refused.json()["parameters"] == {"retry_after": 1}
    assert send(lab, "xiaoli").status_code == 200
    assert send(lab).status_code == 200


def test_a_group_takes_twenty_a_minute(lab: Lab) -> None:
    lab.server.flood.chat = Allowance(100, 100)
    group = lab.server.chat_id_of("001")
    codes = [lab.ask("sendMessage", chat_id=group, text=str(place))[0] for place in range(21)]

    assert codes == [200] * 20 + [429]
    lab.server.flood.lift()
    assert lab.ask("sendMessage", chat_id=group, text="x")[0] == 200
