"""What people do on Telegram arrives, once, whatever happens on the way; over HTTP, with the local Bot API server."""

import asyncio
import stat
from pathlib import Path

import httpx
import pytest

from bot.channels.telegram import Rhythm
from bot.chat import File, Press
from bot.sandbox.telegram.world import BOT_ID
from bot.wire import Parcel
from tests.support.telegram_channel import SECRET, Line, alone, doors, line, plain, served, until

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08\x08\x02\0\0\0" + b"\0" * 40
TWO_SECONDS = Rhythm(poll=1, answer=2.0, deaf=2.0, first_wait=0.01, longest_wait=0.05)


def read(file: File) -> bytes:
    return Path(file.path).read_bytes()


def mode(file: File) -> int:
    return stat.S_IMODE(Path(file.path).stat().st_mode)


def test_a_message_is_taken_under_telegrams_own_name_for_it(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        await wire.server.say("xiaowang", "private", "她对花生也过敏 👍")
        [heard] = await wire.heard()

        assert (heard.key, heard.address, heard.text) == (f"{BOT_ID}:500000001", wire.wang, "她对花生也过敏 👍")

    alone(scenario, tmp_path)


def test_the_offset_moves_only_past_what_is_kept(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.desk.broken = True
        await wire.server.say("xiaowang", "private", "查 8000")
        await until(lambda: wire.desk.tries >= 3)
        assert list(wire.server.world.updates.waiting) == [500_000_001]
        assert not wire.channel.pulse().ok

        wire.desk.broken = False
        await wire.heard()
        await until(lambda: not wire.server.world.updates.waiting)
        assert wire.channel.pulse().ok

    alone(scenario, tmp_path)


def test_what_was_handed_out_twice_is_taken_once(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.server.add_fault({"kind": "duplicate", "times": 1})
        await wire.server.say("xiaowang", "private", "查 8000")
        await until(lambda: wire.desk.tries == 2)

        assert [heard.text for heard in wire.desk.taken] == ["查 8000"]

    alone(scenario, tmp_path)


def test_an_update_nobody_can_read_stops_nothing(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.server.announce("message", {"message_id": 1, "date": "?", "chat": 7}, "xiaowang")
        wire.server.announce("my_chat_member", {"chat": {}}, "xiaowang")
        await wire.server.say("xiaowang", "private", "查 8000")
        await wire.heard()

        await until(lambda: not wire.server.world.updates.waiting)
        assert [heard.text for heard in wire.desk.taken] == ["查 8000"]

    alone(scenario, tmp_path)


def test_an_edited_message_is_not_a_second_command(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        number = wire.server.start("xiaowang")
        wire.server.edit("xiaowang", "private", str(number), "撤")
        await wire.server.say("xiaowang", "private", "查 8000")
        await wire.heard(2)

        assert [heard.text for heard in wire.desk.taken] == ["帮助", "查 8000"]

    alone(scenario, tmp_path)


def test_a_poller_that_was_refused_goes_on_and_says_so_meanwhile(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        for kind in ("401", "404"):
            wire.server.add_fault({"kind": kind, "method": "getUpdates", "times": 5})
            await wire.server.say("xiaowang", "private", kind)
            await until(lambda: "令牌" in wire.channel.pulse().say)
            await until(lambda kind=kind: wire.desk.taken and wire.desk.taken[-1].text == kind)
            await until(lambda: wire.channel.pulse().ok)

    alone(scenario, tmp_path)


def test_a_second_poller_is_named_although_polls_go_well_between(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.server.add_fault({"kind": "409", "method": "getUpdates"})
        await wire.server.say("xiaowang", "private", "一")
        await wire.server.say("xiaowang", "private", "二")
        await until(lambda: "另一个程序在用同一个 token" in wire.channel.pulse().say)
        await wire.server.say("xiaowang", "private", "三")
        await wire.heard(3)
        assert not wire.channel.pulse().ok

        await until(lambda: wire.channel.pulse().ok)

    alone(scenario, tmp_path, rhythm=TWO_SECONDS)


def test_a_webhook_set_by_another_program_is_named(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        async with httpx.AsyncClient(trust_env=False) as other:
            address = f"{wire.setup.api}/bot{wire.setup.token}/setWebhook"
            await other.post(address, json={"url": "http://127.0.0.1:9/hook"})
            await until(lambda: "webhook" in wire.channel.pulse().say)

            await other.post(address.replace("setWebhook", "deleteWebhook"))
            await until(lambda: wire.channel.pulse().ok)

    alone(scenario, tmp_path, rhythm=TWO_SECONDS)


def test_a_hanging_poll_is_noticed_and_begun_afresh(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(wire: Line) -> None:
        wire.server.add_fault({"kind": "hang", "method": "getUpdates", "times": 3})
        await until(lambda: "没收到 Telegram 的回答" in wire.channel.pulse().say)
        await wire.server.say("xiaowang", "private", "查 8000")
        await wire.heard()

        assert wire.channel.pulse().ok
        assert "polling begins afresh" in caplog.text

    alone(scenario, tmp_path, rhythm=Rhythm(poll=1, answer=0.1, deaf=0.2, first_wait=0.01, longest_wait=0.02))


def test_a_gateways_errors_are_sat_out(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        for kind in ("502", "500", "429", "reset", "truncated"):
            wire.server.add_fault({"kind": kind, "method": "getUpdates", "times": 1, "retry_after": 1})
        await wire.server.say("xiaowang", "private", "查 8000")
        await wire.heard()

        assert [heard.text for heard in wire.desk.taken] == ["查 8000"]

    alone(scenario, tmp_path)


def test_chats_are_taken_side_by_side_and_each_in_its_order(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.desk.broken = True
        for number in range(20):
            await wire.server.say("xiaowang", "private", f"小王 {number}")
            await wire.server.say("xiaoli", "private", f"小李 {number}")
        await until(lambda: wire.desk.tries > 0)
        wire.desk.broken = False
        heard = await wire.heard(40)

        for name in ("小王", "小李"):
            texts = [one.text for one in heard if one.text.startswith(name)]
            assert texts == [f"{name} {number}" for number in range(20)]

    alone(scenario, tmp_path)


def test_a_bare_command_asks_and_the_reply_is_its_rest(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        await wire.server.say("xiaowang", "private", "/cx")
        [asked] = await wire.heard()
        await wire.send(Parcel("a", asked.address, "查谁？发手机号或姓名。", back=asked.back))
        [sent] = wire.calls("sendMessage")
        [question] = wire.said(int(wire.wang.chat))
        await wire.server.say("xiaowang", "private", "王芳", quotes=str(question["message_id"]))
        await wire.heard(2)

        assert plain(sent, "reply_markup") == {
            "force_reply": True,
            "selective": True,
            "input_field_placeholder": "手机号或姓名",
        }
        assert [heard.text for heard in wire.desk.taken] == ["/查", "查 王芳"]

    alone(scenario, tmp_path)


def test_a_start_link_carries_the_invitation(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.server.start("xiaoli", "ABCD2345")
        [heard] = await wire.heard()

        assert heard.text == "绑定 ABCD2345"

    alone(scenario, tmp_path)


def test_a_pressed_button_is_kept_first_and_then_answered(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        number = await _card(wire)
        wire.desk.broken = True
        answer = wire.server.tap("xiaowang", "private", number, "1f.2")
        await until(lambda: wire.desk.tries > 0)
        assert not answer.done()

        wire.desk.broken = False
        assert await asyncio.wait_for(asyncio.wrap_future(answer), 10) == ""
        [heard] = wire.desk.taken
        assert (heard.press, heard.back["pressed"]) == (Press(31, 2), number)

    alone(scenario, tmp_path)


def test_a_button_of_old_or_of_nobodys_making(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        number = await _card(wire)
        forged = wire.server.tap("xiaowang", "private", number, "1; drop table")
        assert await asyncio.wait_for(asyncio.wrap_future(forged), 10) == "这个按钮用不了了，请再查一次。"

        wire.server.tap("xiaowang", "private", number, "1f.2", inaccessible=True)
        [heard] = await wire.heard()
        assert dict(heard.back) == {"chat": wire.wang.chat}

    alone(scenario, tmp_path)


async def _card(wire: Line) -> str:
    await wire.send(Parcel("a", wire.wang, "王芳 · 老客"))
    return str(wire.said(int(wire.wang.chat))[-1]["message_id"])


def test_a_document_is_fetched_before_its_message_is_taken(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        await wire.server.drop("xiaowang", "private", "订单.XLSX", b"PK rows", caption="十一月")
        [heard] = await wire.heard()

        [file] = heard.files
        assert (heard.text, file.name, read(file)) == ("十一月", "订单.XLSX", b"PK rows")
        assert (Path(file.path).parent, Path(file.path).suffix) == (tmp_path / "files", ".xlsx")
        assert mode(file) == 0o600

    alone(scenario, tmp_path)


def test_photos_sent_together_come_one_by_one(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        await wire.server.drop_together("xiaowang", "private", {"a.png": PNG, "b.png": PNG})
        heard = await wire.heard(2)

        assert [[read(file) for file in one.files] for one in heard] == [[PNG], [PNG]]

    alone(scenario, tmp_path)


def test_a_file_of_a_strange_kind_keeps_no_suffix(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        await wire.server.drop("xiaowang", "private", "../../tool.exe", b"MZ")
        [heard] = await wire.heard()

        assert [file.name for file in heard.files] == [".._.._tool.exe"]
        assert [Path(file.path).parent for file in heard.files] == [tmp_path / "files"]
        assert [Path(file.path).suffix for file in heard.files] == [""]

    alone(scenario, tmp_path)


def test_a_file_too_large_is_refused_in_words(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        await wire.server.drop("xiaowang", "private", "订单.csv", b"x" * ((20 << 20) + 1))
        await until(lambda: wire.said(int(wire.wang.chat)))

        assert [one["text"] for one in wire.said(int(wire.wang.chat))] == ["文件太大（上限20MB），没有收。请拆小再发。"]
        assert (wire.desk.taken, wire.calls("getFile")) == ([], [])

    alone(scenario, tmp_path)


def test_a_file_that_does_not_come_is_asked_for_again(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.server.add_fault({"kind": "502", "method": "getFile", "times": 1})
        await wire.server.drop("xiaowang", "private", "订单.csv", b"a,b")
        await until(lambda: wire.said(int(wire.wang.chat)))

        assert [one["text"] for one in wire.said(int(wire.wang.chat))] == ["文件没收到，请再发一次。"]
        assert wire.desk.taken == []

    alone(scenario, tmp_path)


def test_files_of_messages_that_could_not_be_kept_do_not_pile_up(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.desk.broken = True
        await wire.server.drop("xiaowang", "private", "订单.csv", b"a,b")
        await until(lambda: wire.desk.tries >= 3)
        wire.desk.broken = False
        [heard] = await wire.heard()
        await until(lambda: not wire.server.world.updates.waiting)

        assert [str(path) for path in (tmp_path / "files").iterdir()] == [file.path for file in heard.files]

    alone(scenario, tmp_path)


def test_a_group_is_answered_in_its_topic_on_the_message_asked(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        topic = wire.server.open_topic("xiaowang", "001", "客诉")
        await wire.server.say("xiaowang", topic, "今天好忙")
        await wire.server.say("xiaowang", topic, "/查 8000")
        [heard] = await wire.heard()
        await wire.send(Parcel("a", heard.address, "已私信你", back=heard.back))

        [answer] = wire.said(int(heard.address.chat))
        assert answer["message_thread_id"] == int(topic.partition("#")[2])
        assert answer["reply_to_message"]["text"] == "/查 8000"

    alone(scenario, tmp_path)


def test_with_privacy_on_a_named_command_and_a_reply_reach_us(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.server.set_privacy(on=True)
        wire.server.remove_bot("xiaowang", "001")
        wire.server.add_bot("xiaowang", "001")
        await wire.server.say("xiaowang", "001", "/查 8000")
        await wire.server.say("xiaowang", "001", "/cx@zhanggui_bot")
        [heard] = await wire.heard()
        await wire.send(Parcel("a", heard.address, "查谁？", back=heard.back))
        [question] = wire.said(int(heard.address.chat))
        await wire.server.say("xiaowang", "001", "王芳", quotes=str(question["message_id"]))
        await wire.heard(2)

        assert [heard.text for heard in wire.desk.taken] == ["/查", "查 王芳"]

    alone(scenario, tmp_path)


def test_a_group_that_moves_is_told_of_with_both_its_names(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        old = wire.group
        new = wire.server.migrate("001")
        told = await wire.events(2)

        assert {(event.kind, event.address, event.detail) for event in told} == {("moved", old, str(new))}

    alone(scenario, tmp_path)


def test_who_blocks_the_bot_and_takes_it_up_again_is_told(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.server.block("xiaowang")
        wire.server.unblock("xiaowang")
        told = await wire.events(2)

        assert [(event.kind, event.address) for event in told] == [("blocked", wire.wang), ("unblocked", wire.wang)]

    alone(scenario, tmp_path)


def test_a_group_nobody_of_ours_brought_us_into_is_left(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.desk.stays = False
        wire.server.remove_bot("xiaowang", "001")
        wire.server.add_bot("xiaowang", "001")
        await until(lambda: wire.server.group("001").status == "left")
        told = await wire.events(3)

        assert [(event.kind, event.address.account, event.detail) for event in told] == [
            ("left", wire.wang.account, ""),
            ("joined", wire.wang.account, "徐汇店群"),
            ("left", str(BOT_ID), ""),
        ]

    alone(scenario, tmp_path)


def test_a_stay_is_not_left(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.server.remove_bot("xiaowang", "001")
        wire.server.add_bot("xiaowang", "001")
        await wire.events(2)
        await wire.server.say("xiaowang", "001", "/查 8000")
        await wire.heard()

        assert wire.calls("leaveChat") == []

    alone(scenario, tmp_path)


def hooked(scenario, tmp_path: Path) -> None:
    async def run() -> None:
        async with (
            line(tmp_path, mode="webhook", secret=SECRET) as wire,
            served(doors(wire.channel.doors)) as address,
            httpx.AsyncClient(trust_env=False) as stranger,
        ):
            object.__setattr__(wire.setup, "public_url", f"{address}/")  # known only now that its port is
            await wire.channel.open(wire.desk)
            await scenario(wire, stranger, f"{address}/telegram/webhook")

    asyncio.run(run())


def test_through_the_webhook_a_message_is_kept_before_it_is_confirmed(tmp_path: Path) -> None:
    async def scenario(wire: Line, _stranger: httpx.AsyncClient, _address: str) -> None:
        wire.server.webhook.first_pause = 0.01
        wire.desk.broken = True
        await wire.server.say("xiaowang", "private", "查 8000")
        await until(lambda: len(wire.server.deliveries) >= 2)
        wire.desk.broken = False
        await wire.heard()
        await until(lambda: not wire.server.world.updates.waiting)

        assert {one.status for one in wire.server.deliveries} == {503, 200}
        assert [heard.text for heard in wire.desk.taken] == ["查 8000"]
        [told] = wire.calls("setWebhook")
        assert told.fields["max_connections"] == "40"
        assert told.fields["allowed_updates"] == '["message", "callback_query", "my_chat_member"]'
        assert wire.calls("getUpdates") == []

    hooked(scenario, tmp_path)


def test_who_does_not_know_the_webhooks_secret_learns_nothing(tmp_path: Path) -> None:
    async def scenario(wire: Line, stranger: httpx.AsyncClient, address: str) -> None:
        header = "X-Telegram-Bot-Api-Secret-Token"
        update = {"update_id": 1, "message": {}}
        answers = [
            await stranger.post(address, json=update, headers=headers)
            for headers in ({}, {header: ""}, {header: "wrong"}, {header: SECRET + "x"})
        ]
        answers.append(await stranger.post(address, content=b"\xff", headers={header: "wrong"}))

        assert {(answer.status_code, answer.content) for answer in answers} == {(403, b"forbidden")}
        assert wire.desk.tries == 0

    hooked(scenario, tmp_path)


def test_the_webhook_takes_no_nonsense_and_lets_news_of_next_year_go(tmp_path: Path) -> None:
    async def scenario(wire: Line, telegram: httpx.AsyncClient, address: str) -> None:
        telegram.headers["X-Telegram-Bot-Api-Secret-Token"] = SECRET
        broken = (b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"update_id": "1"}', b'{"update_id": true}')

        assert [(await telegram.post(address, content=body)).status_code for body in broken] == [400] * len(broken)
        for update in ({"something_of_next_year": {}}, {"message": {"date": 1}}, {"message": 7}):
            assert (await telegram.post(address, json={"update_id": 1, **update})).status_code == 200
        assert wire.desk.tries == 0

    hooked(scenario, tmp_path)
