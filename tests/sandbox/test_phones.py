"""The sandbox's own server: its clock, what the phones tell the page, and whom it turns away."""

import json
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from bot.sandbox.clock import Clock
from bot.sandbox.server import ZONE
from tests.support.little_bot import Sandbox, sandbox

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PAGE = Path(__file__).parents[2] / "bot" / "sandbox" / "page"
SAID = {"platform": "telegram", "person": "xiaowang", "talk": "private", "text": "查 8000"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox(tmp_path) as served:
        yield served


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for all the tests in which nothing happens."""
    with sandbox(tmp_path_factory.mktemp("still")) as served:
        yield served


def post(place: Sandbox, act: str, told: object, **headers: str) -> tuple[int, dict[str, Any]]:
    answered = httpx.post(f"{place.address}/sandbox/{act}", json=told, headers=headers)
    return answered.status_code, answered.json()


def texts(place: Sandbox, platform: str, person: str) -> dict[str, list[str]]:
    talks = httpx.get(f"{place.address}/sandbox/phones/{platform}/{person}").json()["talks"]
    return {talk["title"]: [bubble["html"] for bubble in talk["bubbles"]] for talk in talks}


def test_the_clock_goes_with_real_time_until_somebody_moves_it(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "deep" / "clock")
    assert clock.offset == 0

    clock.forward(3600)
    clock.forward(-600)
    assert clock.offset == 3000

    clock.reset()
    assert clock.path.read_text() == "0.0"


def test_two_processes_tell_the_same_time_by_the_clocks_file(tmp_path: Path) -> None:
    mine, yours = Clock(tmp_path / "clock"), Clock(tmp_path / "clock")
    mine.move_to(1_800_000_000)

    assert yours.offset == mine.offset
    assert abs(yours.now() - 1_800_000_000) < 60
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clock"]


def test_an_empty_clock_is_real_time_and_an_endless_one_is_refused(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    clock.path.write_text("")
    assert clock.offset == 0

    with pytest.raises(ValueError, match="finite"):
        clock.forward(float("inf"))
    assert clock.path.read_text() == ""


def test_everybody_of_the_demo_has_a_phone_on_both_platforms(still: Sandbox) -> None:
    told = httpx.get(f"{still.address}/sandbox/phones").json()

    assert [(one["id"], one["name"]) for one in told["people"]] == [
        ("xiaowang", "小王"),
        ("xiaoli", "小李"),
        ("dianzhang", "店长"),
        ("waidian", "外店导购"),
        ("hq", "总部"),
        ("admin", "管理员"),
        ("xinren", "新人"),
    ]
    assert {
        (phone["platform"], phone["person"]): [talk["title"] for talk in phone["talks"]] for phone in told["phones"]
    } == {
        ("telegram", "xiaowang"): ["掌柜", "徐汇店群"],
        ("telegram", "xiaoli"): ["掌柜", "徐汇店群"],
        ("telegram", "dianzhang"): ["掌柜", "徐汇店群"],
        ("telegram", "waidian"): ["掌柜", "静安店群"],
        ("telegram", "hq"): ["掌柜"],
        ("telegram", "admin"): ["掌柜"],
        ("telegram", "xinren"): ["掌柜"],
        ("wecom", "xiaowang"): ["掌柜", "智能机器人", "徐汇店群"],
        ("wecom", "xiaoli"): ["掌柜", "智能机器人", "徐汇店群"],
        ("wecom", "dianzhang"): ["掌柜", "智能机器人", "徐汇店群"],
        ("wecom", "waidian"): ["掌柜", "智能机器人", "静安店群"],
        ("wecom", "hq"): ["掌柜", "智能机器人"],
        ("wecom", "admin"): ["掌柜", "智能机器人"],
        ("wecom", "xinren"): ["掌柜", "智能机器人"],
    }


def test_what_is_said_in_a_group_is_on_the_phones_of_its_members_only(place: Sandbox) -> None:
    assert post(place, "say", {**SAID, "talk": "001", "text": "芋泥到了"}) == (200, {"flash": ""})

    assert texts(place, "telegram", "xiaowang") == {"掌柜": [], "徐汇店群": ["芋泥到了"]}
    assert texts(place, "telegram", "dianzhang") == {"掌柜": [], "徐汇店群": ["芋泥到了"]}
    assert texts(place, "telegram", "waidian") == {"掌柜": [], "静安店群": []}
    assert texts(place, "wecom", "xiaowang") == {"掌柜": [], "智能机器人": [], "徐汇店群": []}


def test_whoever_listens_hears_whose_talk_changed_and_when_the_clock_moves(place: Sandbox) -> None:
    with httpx.stream("GET", f"{place.address}/sandbox/events", timeout=20) as stream:
        events = _events(stream)
        assert next(events)[0] == "clock"

        post(place, "say", {**SAID, "person": "waidian"})
        assert next(events) == ("talk", {"platform": "telegram", "person": "waidian", "talk": "private"})

        post(place, "clock", {"forward": 3600})
        kind, time = next(events)
        assert (kind, round(time["offset"])) == ("clock", 3600)

        post(place, "say", {**SAID, "talk": "001"})
        assert [next(events)[1]["person"] for _ in range(3)] == ["xiaowang", "xiaoli", "dianzhang"]


def _events(stream: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    kind = ""
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)


def test_the_time_is_moved_by_hours_to_a_moment_and_back(place: Sandbox) -> None:
    post(place, "clock", {"forward": 3600})
    assert round(place.clock.offset) == 3600

    post(place, "clock", {"to": "2027-02-06T08:30"})
    assert abs(place.clock.now() - datetime(2027, 2, 6, 8, 30, tzinfo=ZONE).timestamp()) < 60

    post(place, "clock", {"to": "2027-02-06T08:30+00:00"})
    assert abs(place.clock.now() - datetime(2027, 2, 6, 16, 30, tzinfo=ZONE).timestamp()) < 60

    assert post(place, "clock", {"reset": True})[1]["offset"] == 0


@pytest.mark.parametrize(
    ("act", "told", "status", "say"),
    [
        ("say", {**SAID, "text": " \n"}, 400, "先打几个字再发。"),
        ("say", {**SAID, "text": "查" * 4097}, 400, "太长了：一条最多 4096 个字。"),
        ("say", {**SAID, "text": 8000}, 400, "缺少 text。"),
        ("say", {**SAID, "person": "luren"}, 404, "没有这部手机。"),
        ("say", {**SAID, "platform": "qq"}, 404, "没有这部手机。"),
        ("say", {**SAID, "talk": "002"}, 404, "这部手机上没有这个会话。"),
        ("say", {**SAID, "quotes": "12345"}, 404, "这条消息已经不在了，请看最新的一条。"),
        ("say", {**SAID, "quotes": 5}, 400, "quotes 要填被引用那条消息的编号。"),
        ("say", ["查 8000"], 400, "看不懂：要一个 JSON 对象。"),
        ("press", {**SAID, "bubble": "9", "data": "1.1"}, 404, "这条消息已经不在了，请看最新的一条。"),
        ("press", {**SAID, "bubble": "9", "data": "1", "values": {"a": 1}}, 400, 'values 要写成 {"题目": ["选项"]}。'),
        ("clock", {"to": "明天"}, 400, "日期时间请写成 2026-11-23T08:30 这样。"),
        ("clock", {"to": "1999-12-31T08:30"}, 400, "时间只能拨到 2000 年至 2099 年之间。"),
        ("clock", {"forward": 1e18}, 400, "时间只能拨到 2000 年至 2099 年之间。"),
        ("clock", {"forward": "1"}, 400, "时间这样拨：forward（秒）、to（日期时间）或 reset，只填一个。"),
        ("clock", {"forward": 1, "reset": True}, 400, "时间这样拨：forward（秒）、to（日期时间）或 reset，只填一个。"),
        ("faults", {"platform": "qq", "kind": "500"}, 404, "没有这个平台：qq"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    still: Sandbox, act: str, told: object, status: int, say: str
) -> None:
    assert post(still, act, told) == (status, {"error": say})


def test_a_body_that_is_no_json_is_refused(still: Sandbox) -> None:
    def answered(body: bytes, kind: str) -> tuple[int, str]:
        found = httpx.post(f"{still.address}/sandbox/say", content=body, headers={"Content-Type": kind})
        return found.status_code, found.json()["error"]

    assert answered(b"{", "application/json") == (400, "看不懂：不是 JSON。")
    assert answered(b"[" * 60_000, "application/json") == (400, "看不懂：不是 JSON。")
    assert answered(b'"' + b"x" * 70_000 + b'"', "application/json") == (413, "内容太大了。")
    assert answered(json.dumps(SAID).encode(), "text/plain") == (415, "请用 application/json 发。")


def drop(place: Sandbox, name: str, content: bytes, kind: str = "application/octet-stream") -> httpx.Response:
    query = {"platform": "telegram", "person": "xiaowang", "talk": "private", "name": name}
    return httpx.post(f"{place.address}/sandbox/drop", params=query, content=content, headers={"Content-Type": kind})


def test_a_dropped_file_lies_in_the_talk_and_can_be_fetched_again(place: Sandbox) -> None:
    drop(place, "C:\\会员\\十一月.csv", b"a,b\n")

    talks = httpx.get(f"{place.address}/sandbox/phones/telegram/xiaowang").json()["talks"]
    file = talks[0]["bubbles"][0]["files"][0]
    assert file["name"] == "十一月.csv"
    assert httpx.get(place.address + file["href"]).content == b"a,b\n"


def test_a_dropped_page_is_never_shown_with_the_rights_of_our_own(place: Sandbox) -> None:
    drop(place, "x.html", b"<script>alert(1)</script>")
    talks = httpx.get(f"{place.address}/sandbox/phones/telegram/xiaowang").json()["talks"]

    headers = httpx.get(place.address + talks[0]["bubbles"][0]["files"][0]["href"]).headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Content-Disposition"] == "attachment"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content", "kind", "status", "say"),
    [
        ("a.csv", b"", "application/octet-stream", 400, "这个文件是空的。"),
        ("a.csv", b"x" * (20 << 20) + b"x", "application/octet-stream", 413, "文件太大了：最多 20 MB。"),
        ("a.csv", b"x", "text/plain", 415, "文件请用 application/octet-stream 发。"),
        ("长" * 256, b"x", "application/octet-stream", 400, "这个文件名用不了，请改一个短一点的。"),
        ("a\n.csv", b"x", "application/octet-stream", 400, "这个文件名用不了，请改一个短一点的。"),
        ("/", b"x", "application/octet-stream", 400, "这个文件名用不了，请改一个短一点的。"),
    ],
)
def test_a_file_that_cannot_be_sent_is_refused(
    still: Sandbox, name: str, content: bytes, kind: str, status: int, say: str
) -> None:
    answered = drop(still, name, content, kind)

    assert (answered.status_code, answered.json()["error"]) == (status, say)
    assert texts(still, "telegram", "xiaowang")["掌柜"] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "shop.example"},
        {"Host": "shop.example:8000"},
        {"Host": "127.0.0.1.shop.example"},
        {"Host": "user@127.0.0.1"},
        {"Host": ""},
        {"Origin": "http://shop.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
    ],
    ids=lambda headers: next(iter(headers.values())),
)
def test_another_sites_page_is_turned_away(still: Sandbox, headers: dict[str, str]) -> None:
    for path in ("/", "/sandbox/phones", "/bot1:a/getMe", "/cgi-bin/gettoken"):
        answered = httpx.get(still.address + path, headers=headers)
        assert (answered.status_code, answered.text) == (
            403,
            "沙盒只在这台电脑上用：请打开 http://127.0.0.1 开头的地址。",
        )


def test_another_sites_page_gets_no_long_connection_either(still: Sandbox) -> None:
    line = still.address.replace("http", "ws", 1) + "/wecom/ws"

    with pytest.raises(InvalidStatus) as refused:
        connect(line, origin="http://shop.example")  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403


def test_this_machine_is_let_in_by_all_its_names(still: Sandbox) -> None:
    port = still.address.rpartition(":")[2]
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", "localhost"):
        headers = {"Host": host, "Origin": f"http://{host}"}
        assert httpx.get(f"{still.address}/sandbox/phones", headers=headers).status_code == 200


def test_a_request_without_any_host_is_turned_away(still: Sandbox) -> None:
    port = int(still.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"GET /sandbox/phones HTTP/1.0\r\n\r\n")
        assert line.recv(65536).split()[1] in {b"400", b"403"}


def test_faults_are_ordered_and_let_go(place: Sandbox) -> None:
    assert post(place, "faults", {"platform": "telegram", "kind": "500", "times": 2}) == (200, {"ok": True})
    assert len(place.telegram.faults) == 1

    assert post(place, "faults", {"platform": "telegram", "clear": True}) == (200, {"ok": True})
    assert len(place.telegram.faults) == 0
    assert post(place, "faults", {"platform": "wecom", "clear": True}) == (200, {"ok": True})


@pytest.mark.parametrize("platform", ["telegram", "wecom"])
def test_a_fault_nobody_knows_is_refused(still: Sandbox, platform: str) -> None:
    status, told = post(still, "faults", {"platform": platform, "kind": "earthquake"})

    assert (status, told["error"][:8]) == (400, "不认识这种故障：")


def test_the_page_may_use_nothing_but_its_own_files(still: Sandbox) -> None:
    answered = httpx.get(still.address)

    assert answered.headers["Content-Security-Policy"].split("; ")[0] == "default-src 'self'"
    assert answered.headers["Cache-Control"] == "no-cache"
    for path in PAGE.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
        assert "://" not in text.replace("https?:\\/\\/", ""), path.name
        assert "innerHTML" not in text, path.name


def test_the_pictures_of_the_page_are_small_enough_for_the_docs() -> None:
    pictures = {path.name: path.read_bytes() for path in PICTURES.glob("sandbox-*.png")}

    assert sorted(pictures) == [
        "sandbox-faults.png",
        "sandbox-laptop-dark.png",
        "sandbox-laptop.png",
        "sandbox-phone-dark.png",
        "sandbox-phone-wecom.png",
        "sandbox-phone.png",
    ]
    for name, content in pictures.items():
        assert content[:8] == b"\x89PNG\r\n\x1a\n", name
        assert len(content) < 300_000, name
