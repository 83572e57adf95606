"""The local WeCom misbehaves on request, in the ways the real one does, and refuses what it does not know."""

import httpx
import pytest

from tests.support.wecom_corp import SETUP, open_office


@pytest.fixture
def office():
    with open_office() as opened:
        yield opened


def send(office, words="早"):
    body = {"touser": "xiaowang", "msgtype": "text", "agentid": SETUP.agent_id, "text": {"content": words}}
    url = f"{office.base}/cgi-bin/message/send"
    return office.http.post(url, params={"access_token": office.token()}, json=body)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"kind": "gremlin"}, "unknown kind 'gremlin'"),
        ({"kind": "slow", "often": 3}, "unknown field 'often'"),
        ({}, "unknown kind ''"),
    ],
)
def test_an_unknown_fault_is_refused_clearly(office, fault, why):
    with pytest.raises(ValueError, match=why):
        office.server.add_fault(fault)


def test_an_error_code_strikes_as_often_as_asked_and_only_there(office):
    office.server.add_fault({"kind": 45009, "path": "message/*", "count": 2})

    codes = [send(office).json()["errcode"] for _ in range(3)]

    assert codes == [45009, 45009, 0]
    assert office.shown() == ["早"]
    assert [call.code for call in office.server.calls if call.path == "message/send"] == [45009, 45009, 0]


def test_a_fault_lasts_for_the_seconds_asked(office):
    office.server.add_fault({"kind": "60020", "path": "message/send", "seconds": 60})
    during = [send(office).json()["errcode"] for _ in range(3)]
    office.moment += 60

    assert (during, send(office).json()["errcode"]) == ([60020] * 3, 0)


def test_faults_can_be_cleared(office):
    office.server.add_fault({"kind": "-1", "count": 9})
    office.server.clear_faults()

    assert send(office).json()["errcode"] == 0


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("http500", 500, ""),
        ("http503", 503, ""),
        ("http429", 429, ""),
        ("http502-html", 502, "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"),
        ("empty", 200, ""),
        ("truncated", 200, '{"errcode":0,'),
    ],
)
def test_an_answer_can_be_spoilt_and_nothing_is_sent(office, kind, status, body):
    office.server.add_fault({"kind": kind, "path": "message/send"})
    answer = send(office)

    assert (answer.status_code, answer.text[:100]) == (status, body)
    assert office.shown() == []


@pytest.mark.parametrize(("kind", "shown"), [("reset", []), ("lost", ["早"])])
def test_a_connection_can_break_before_or_after_the_act(office, kind, shown):
    office.server.add_fault({"kind": kind, "path": "message/send"})

    with pytest.raises(httpx.TransportError):
        send(office)

    assert office.shown() == shown
    assert [(call.code, call.fault) for call in office.server.calls if call.path == "message/send"] == [(None, kind)]


def test_any_fault_can_act_first(office):
    office.server.add_fault({"kind": "http500", "path": "message/send", "acts": True})

    assert send(office).status_code == 500
    assert office.shown() == ["早"]


def test_an_answer_can_hang_until_the_caller_gives_up(office):
    office.server.add_fault({"kind": "hang", "path": "message/send"})
    token = office.token()

    with pytest.raises(httpx.ReadTimeout):
        office.http.post(f"{office.base}/cgi-bin/message/send", params={"access_token": token}, json={}, timeout=0.2)

    assert office.shown() == []


def test_a_slow_answer_still_comes(office):
    office.server.add_fault({"kind": "slow", "path": "message/send", "delay": 0.01})

    assert send(office).json()["errcode"] == 0


def test_every_token_can_end_at_once(office):
    token = office.token()
    office.server.add_fault({"kind": "token", "path": "agent/get"})
    query = {"access_token": token, "agentid": "1000002"}
    refused = office.http.get(f"{office.base}/cgi-bin/agent/get", params=query).json()["errcode"]

    assert refused == 40014
    assert office.token() != token


def test_a_delivery_can_come_twice_or_many_times_at_once(office):
    office.server.add_fault({"kind": "duplicate", "path": "callback/app"})
    office.do(office.server.say("xiaowang", "app", "一"))
    office.server.add_fault({"kind": "parallel", "path": "callback/app"})
    office.do(office.server.say("xiaowang", "app", "二"))

    assert [told["Content"] for told in office.bot.told] == ["一"] * 2 + ["二"] * 4
    assert len({told["MsgId"] for told in office.bot.told}) == 2


def test_a_replay_is_the_same_to_the_byte(office):
    office.server.add_fault({"kind": "replay", "path": "callback/app"})
    office.do(office.server.say("xiaowang", "app", "一"))

    assert [(one.status, one.forged) for one in office.server.callbacks] == [(200, ""), (200, "replay")]


def test_a_delivery_can_be_overtaken(office):
    office.server.add_fault({"kind": "out_of_order", "path": "callback/*"})
    office.do(office.server.say("xiaowang", "app", "一"))
    office.do(office.server.say("xiaowang", "app", "二"))

    assert [told["Content"] for told in office.bot.told] == ["二", "一"]


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        ("bad_signature", "InvalidSignatureException"),
        ("wrong_receiver", "InvalidCorpIdException"),
        ("bad_padding", "error"),
        ("plain", "KeyError"),
        ("huge", "ExpatError"),
        ("bomb", "ValueError"),
    ],
)
def test_a_forged_copy_goes_ahead_of_the_true_one(office, kind, refused):
    office.server.add_fault({"kind": kind, "path": "callback/app"})
    office.do(office.server.say("xiaowang", "app", "早"))

    assert [(one.status, one.forged) for one in office.server.callbacks] == [(403, kind), (200, "")]
    assert office.bot.refused == [refused]
    assert [told["Content"] for told in office.bot.told] == ["早"]
