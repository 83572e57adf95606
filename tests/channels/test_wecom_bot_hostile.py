"""Callbacks that nobody honest sends: one constant refusal, and nothing said to strangers."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.sandbox.wecom.crypto import Seal
from bot.wire import Parcel
from tests.support.smart_bot import AES_KEY, SAID, SEAL, TOKEN, Corp, Shop, corp, knock, shop


@pytest.fixture
def wecom() -> Iterator[Corp]:
    with corp(called_back=True) as one:
        yield one


@pytest.fixture
def at_work(wecom: Corp, tmp_path: Path) -> Iterator[Shop]:
    with shop(wecom, tmp_path / "files") as one:
        yield one
        assert wecom.server.complaints == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/cgi-bin/aibot/response",
        "http://qyapi.weixin.qq.com/cgi-bin/aibot/response",
        "https://qyapi.weixin.qq.com.evil.example/cgi-bin/aibot/response",
        "https://user@qyapi.weixin.qq.com/cgi-bin/aibot/response",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_answer_goes_to_no_address_but_the_platforms(wecom: Corp, at_work: Shop, url: str) -> None:
    told = {**SAID, "response_url": url}
    assert knock(wecom, at_work, json.dumps(told)).status_code == 200
    message = at_work.desk.next()
    error = at_work.refusal(Parcel("answer", message.address, "王芳", back=message.back))
    assert error.fault in ("never", "gone")


def hostile(wecom: Corp, at_work: Shop) -> Iterator[tuple[str, httpx.Response]]:
    now = int(wecom.server.corp.now())
    good = SEAL.encrypt(json.dumps(SAID))
    flipped = base64.b64encode(
        bytes(byte ^ (place == 40) for place, byte in enumerate(base64.b64decode(good)))
    ).decode()
    garbage = base64.b64encode(os.urandom(64)).decode()
    wrong: dict[str, dict[str, str]] = {
        "no signature": {"msg_signature": ""},
        "another signature": {"msg_signature": "0" * 40},
        "a signature in other letters": {"msg_signature": "签名"},
        "another nonce": {"nonce": "other"},
        "no nonce": {"nonce": ""},
        "of yesterday": {"timestamp": str(now - 86400)},
        "from outside the window": {"timestamp": str(now - 660)},
        "of tomorrow": {"timestamp": str(now + 86400)},
        "no time": {"timestamp": ""},
        "time in words": {"timestamp": "now"},
        "time in other digits": {"timestamp": "١٢٣"},
        "a huge time": {"timestamp": "9" * 400},
        "flipped bit": {"encrypt": flipped},
        "garbage": {"encrypt": garbage},
        "no base64": {"encrypt": "***"},
        "half a block": {"encrypt": "AAAA"},
        "another key": {"encrypt": Seal(TOKEN, "B" * 43, "").encrypt(json.dumps(SAID))},
        "another receiver": {"encrypt": Seal(TOKEN, AES_KEY, "wwother").encrypt(json.dumps(SAID))},
        "no JSON inside": {"encrypt": SEAL.encrypt("<xml/>")},
        "a bomb inside": {"encrypt": SEAL.encrypt("[" * 5000)},
        "empty body": {"body": ""},
        "plain body": {"body": json.dumps(SAID)},
        "XML body": {"body": "<xml><Encrypt>x</Encrypt></xml>"},
        "a list": {"body": "[]"},
        "a number sealed": {"body": '{"encrypt": 7}'},
        "a deep body": {"body": "[" * 30_000},
        "nothing sealed": {"body": '{"encrypt": null}'},
    }
    for name, changed in wrong.items():
        yield name, knock(wecom, at_work, **changed)
    yield "GET without anything", httpx.get(f"{at_work.on.address}/wecom/bot", trust_env=False)


def test_whatever_is_not_the_platforms_gets_one_and_the_same_refusal(wecom: Corp, at_work: Shop) -> None:
    answers = {name: (answer.status_code, answer.content) for name, answer in hostile(wecom, at_work)}
    assert answers == dict.fromkeys(answers, (403, b"forbidden"))
    assert at_work.desk.is_empty()


def test_what_the_platform_forges_in_a_drill_is_refused(wecom: Corp, at_work: Shop) -> None:
    for kind in ("bad_signature", "wrong_receiver", "bad_padding", "plain", "bomb"):
        wecom.fault(kind=kind, path="callback/bot")
        wecom.say(kind)
        assert at_work.desk.next().text == kind
    assert [one.status for one in wecom.server.callbacks] == [403, 200] * 5


def test_what_is_sealed_and_means_nothing_is_taken_and_left(wecom: Corp, at_work: Shop) -> None:
    bodies: list[object] = [7, [], {}, {"from": {"userid": 1}}, {**SAID, "msgid": None}, {**SAID, "msgtype": "x"}]
    assert [knock(wecom, at_work, json.dumps(body)).content for body in bodies] == [b""] * len(bodies)
    poll = {**SAID, "msgtype": "stream", "stream": {"id": "of another program"}}
    assert knock(wecom, at_work, json.dumps(poll)).status_code == 200
    assert at_work.desk.is_empty()


def test_a_message_with_half_characters_is_kept_whole_enough_to_be_stored(wecom: Corp, at_work: Shop) -> None:
    knock(
        wecom,
        at_work,
        '{"msgid":"M2","from":{"userid":"XiaoWang"},"msgtype":"text","text":{"content":"a\\ud800b\\u0000"}}',
    )
    assert at_work.desk.next().text == "a?b"
