"""One access token for all threads, refreshed once; and nothing secret in what is said or logged."""

import logging
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from bot.channels.wecom.api import Api
from bot.channels.wecom.faults import WecomError
from bot.channels.wecom.transport import Transport
from tests.support.wecom_app import AES_KEY, AGENT, CORP, SECRET, TOKEN, Shop, shop

QUICK = httpx.Timeout(0.3)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("shop")) as found:
        yield found


@pytest.fixture
def store(servers: Shop) -> Shop:
    return servers.fresh()


@pytest.fixture
def api(store: Shop) -> Iterator[Api]:
    found = Api(CORP, SECRET, store.wecom.address, Transport(QUICK))
    yield found
    found.close()


def hello(api: Api, text: str = "好") -> None:
    api.send({"touser": "xiaowang", "msgtype": "text", "agentid": AGENT, "text": {"content": text}})


def test_twenty_threads_fetch_one_token(store: Shop, api: Api) -> None:
    before, start = store.count("gettoken"), threading.Barrier(20)

    def act(number: int) -> None:
        start.wait()
        hello(api, str(number))

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(act, range(20)))

    assert store.count("gettoken") - before == 1
    assert len(store.bubbles()) == 20


@pytest.mark.parametrize("code", [40014, 42001])
def test_a_token_that_ended_is_fetched_anew_once_and_the_call_repeated(store: Shop, api: Api, code: int) -> None:
    hello(api, "一")
    before = store.count("gettoken")
    store.wecom.add_fault({"kind": code, "path": "message/send"})

    hello(api, "二")

    assert store.count("gettoken") - before == 1
    assert [bubble.html for bubble in store.bubbles()] == ["一", "二"]


def test_a_token_voided_early_is_fetched_anew(store: Shop, api: Api) -> None:
    hello(api, "一")
    store.wecom.add_fault({"kind": "token", "path": "message/send"})

    hello(api, "二")

    assert [bubble.html for bubble in store.bubbles()] == ["一", "二"]


@pytest.mark.parametrize("code", [40014, 42001])
def test_a_token_that_is_refused_forever_is_one_refresh_and_an_alarm(store: Shop, api: Api, code: int) -> None:
    store.wecom.add_fault({"kind": code, "path": "message/send", "count": 100})
    before = store.count("gettoken")

    with pytest.raises(WecomError) as error:
        hello(api)

    assert (error.value.fault, error.value.code) == ("setup", code)
    assert (store.count("gettoken") - before, store.count("message/send")) == (2, 2)


def test_a_wrong_secret_is_shown_once_in_half_a_minute(store: Shop) -> None:
    before = store.count("gettoken")
    wrong = Api(CORP, "wrong", store.wecom.address)

    for _ in range(5):
        with pytest.raises(WecomError) as error:
            hello(wrong)
        assert (error.value.fault, error.value.code) == ("setup", 40001)

    wrong.close()
    assert store.count("gettoken") - before == 1


@pytest.mark.parametrize("kind", ["lost", "reset", "http500", "empty", "http502-html"])
def test_a_token_that_did_not_come_means_nothing_was_sent(store: Shop, api: Api, kind: str) -> None:
    store.wecom.add_fault({"kind": kind, "path": "gettoken"})

    with pytest.raises(WecomError) as error:
        hello(api)
    hello(api)

    assert error.value.fault == "again"
    assert len(store.bubbles()) == 1


def test_wechatpys_own_calls_go_the_same_way(store: Shop, api: Api) -> None:
    api.menu.create(AGENT, {"button": [{"type": "click", "name": "查", "key": "查"}]})
    store.wecom.add_fault({"kind": 42001, "path": "menu/get"})

    assert api.menu.get(AGENT)["button"] == [{"type": "click", "name": "查", "key": "查"}]
    assert api.user.get("xiaowang")["name"] == "小王"
    with pytest.raises(WecomError) as error:
        api.user.get("nobody")
    assert error.value.code == 60111


@pytest.mark.parametrize("path", ["gettoken", "message/send", "media/get"])
def test_a_server_that_hangs_is_left(store: Shop, api: Api, path: str) -> None:
    if path != "gettoken":
        hello(api)
    store.wecom.add_fault({"kind": "hang", "path": path, "delay": 60})

    with pytest.raises(WecomError) as error:
        api.download("MEDIA1", 100) if path == "media/get" else hello(api)

    assert error.value.say == "企业微信的服务器没有答完。"


def test_an_answer_too_large_is_left(api: Api) -> None:
    media = api.upload("file", ("a.bin", bytes(5000), "application/octet-stream"))

    assert api.download(media, 5000) == bytes(5000)
    with pytest.raises(WecomError) as error:
        api.download(media, 4999)
    assert error.value.fault == "never"


def test_a_refused_download_is_its_refusal(api: Api) -> None:
    with pytest.raises(WecomError) as error:
        api.download("MEDIA_nope", 5000)

    assert (error.value.fault, error.value.code) == ("never", 40007)


def test_proxies_of_the_environment_are_not_used(store: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    api = Api(CORP, SECRET, store.wecom.address)

    hello(api)
    api.close()

    assert len(store.bubbles()) == 1


@pytest.mark.parametrize(
    "kind", ["lost", "reset", "hang", "http500", "http502-html", "empty", "truncated", "60020", "40001"]
)
@pytest.mark.parametrize("path", ["gettoken", "message/send"])
def test_no_secret_is_in_an_error_or_a_log(
    store: Shop, api: Api, caplog: pytest.LogCaptureFixture, kind: str, path: str
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.CRITICAL, "uvicorn.access")  # WeCom's own side of the wire
    words = chr(0x5BC6) * 3  # not in the source lines of a traceback
    if path != "gettoken":
        hello(api, words)
    store.wecom.add_fault({"kind": kind, "path": path, "delay": 60})

    with pytest.raises(WecomError) as error:
        hello(api, words)

    told = "".join(traceback.format_exception(error.value)) + caplog.text + repr(error.value) + repr(api)
    secrets = (SECRET, SECRET[:12], *store.wecom._tokens._rights, TOKEN, AES_KEY, words)
    assert [secret for secret in secrets if secret in told] == []
    assert error.value.__cause__ is None


def test_a_setup_shows_nothing_secret(store: Shop) -> None:
    said = repr(store.app) + repr(store.app.doors)

    assert [secret for secret in (SECRET, TOKEN, AES_KEY) if secret in said] == []
