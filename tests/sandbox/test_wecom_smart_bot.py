"""The smart bot of the local WeCom on its long connection: by the official SDK, and frame by frame."""

import asyncio
import base64
import hashlib
import json
import warnings
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the SDK imports a name that websockets is giving up
    import aibot
    import aibot.ws

from tests.support.wecom_corp import PNG, SETUP, button_card, open_office


class Quiet:
    def debug(self, *_): ...

    info = warn = error = debug


@pytest.fixture
def office(monkeypatch):
    monkeypatch.setattr(aibot.ws, "_SSL_CONTEXT", None)  # the SDK gives it to plain ws:// too, which is refused
    with open_office() as opened:
        yield opened


class Wire:
    """A bot that speaks frames."""

    def __init__(self, socket):
        self.socket = socket
        self.count = 0

    async def ask(self, command, body=None, req_id=""):
        self.count += 1
        name = req_id or f"{command}_{self.count}"
        await self.socket.send(json.dumps({"cmd": command, "headers": {"req_id": name}, "body": body}))
        answer = json.loads(await self.socket.recv())
        assert answer["headers"]["req_id"] == name
        return answer

    async def subscribe(self, secret=SETUP.bot_secret):
        return (await self.ask("aibot_subscribe", {"bot_id": SETUP.bot_id, "secret": secret}))["errcode"]

    async def told(self):
        return json.loads(await self.socket.recv())


@asynccontextmanager
async def wired(office, *, subscribed=True):
    async with connect(f"{office.base.replace('http', 'ws', 1)}/wecom/ws", proxy=None) as socket:
        wire = Wire(socket)
        if subscribed:
            assert await wire.subscribe() == 0
        yield wire


async def act(office, deed):
    """A member acts while the bot's loop goes on."""
    return await asyncio.to_thread(office.do, deed)


def over_the_wire(office, story):
    async def run():
        async with wired(office) as wire:
            return await story(wire)

    return asyncio.run(run())


@asynccontextmanager
async def sdk(office):
    options = aibot.WSClientOptions(
        bot_id=SETUP.bot_id,
        secret=SETUP.bot_secret,
        ws_url=f"{office.base.replace('http', 'ws', 1)}/wecom/ws",
        reconnect_interval=10,
        logger=Quiet(),
    )
    client = aibot.WSClient(options)
    ready = asyncio.Event()
    client.on("authenticated", ready.set)
    await client.connect()
    await asyncio.wait_for(ready.wait(), 20)
    try:
        yield client
    finally:
        client.disconnect()
        await client._ws_manager._cleanup_ws()


def test_the_sdk_answers_a_member_in_a_stream(office):
    async def story():
        async with sdk(office) as client:
            heard = asyncio.Queue()
            client.on("message.text", heard.put_nowait)
            flash = await act(office, office.server.say("xiaowang", "bot", "查 8000"))
            frame = await asyncio.wait_for(heard.get(), 20)
            await client.reply_stream(frame, "s1", "王**女士**", finish=False)
            during = (office.last("xiaowang", "bot").html, office.last("xiaowang", "bot").note)
            await client.reply_stream(frame, "s1", "王**女士** 对花生过敏", finish=True)
            return flash, frame["body"], during

    flash, body, during = asyncio.run(story())

    assert flash == ""
    assert body.pop("msgid").startswith("MSGID")
    assert body == {
        "aibotid": SETUP.bot_id,
        "chattype": "single",
        "from": {"userid": "xiaowang"},
        "msgtype": "text",
        "text": {"content": "查 8000"},
    }
    assert during == ("王<b>女士</b>", "正在输入…")
    assert office.shown("xiaowang", "bot") == ["查 8000", "王<b>女士</b> 对花生过敏"]
    assert office.last("xiaowang", "bot").note == ""


def test_the_sdk_updates_a_card_that_was_pressed(office):
    async def story():
        async with sdk(office) as client:
            heard, pressed = asyncio.Queue(), asyncio.Queue()
            client.on("message", heard.put_nowait)
            client.on("event.template_card_event", pressed.put_nowait)
            await act(office, office.server.say("xiaowang", "bot", "任务"))
            await client.reply_template_card(await heard.get(), button_card())
            card = office.last("xiaowang", "bot")
            await act(office, office.server.press("xiaowang", "bot", card.id, "3f.2", {}))
            event = await asyncio.wait_for(pressed.get(), 20)
            await client.update_template_card(event, {**button_card(), "replace_text": "稍后提醒"})
            return event["body"]["event"]

    event = asyncio.run(story())

    assert event["template_card_event"] == {"card_type": "button_interaction", "event_key": "3f.2", "task_id": "task_1"}
    assert (office.last("xiaowang", "bot").note, office.last("xiaowang", "bot").keys[0][0].label) == (
        "稍后提醒",
        "稍后提醒",
    )


def test_the_sdk_greets_pushes_and_fetches_files(office):
    async def story():
        async with sdk(office) as client:
            entered, files = asyncio.Queue(), asyncio.Queue()
            client.on("event.enter_chat", entered.put_nowait)
            client.on("message.image", files.put_nowait)
            await act(office, office.server.enter("xiaowang", "bot"))
            await client.reply_welcome(await entered.get(), {"msgtype": "text", "text": {"content": "早上好"}})
            await act(office, office.server.enter("xiaowang", "bot"))
            await act(office, office.server.drop("xiaowang", "bot", "图.png", PNG))
            told = (await files.get())["body"]["image"]
            fetched = await client.download_file(told["url"], told["aeskey"])
            await client.send_message("xiaowang", {"msgtype": "markdown", "markdown": {"content": "日报"}})
            return fetched, entered.qsize()

    fetched, others = asyncio.run(story())

    assert (fetched, others) == ((PNG, "图.png"), 0)
    assert office.shown("xiaowang", "bot") == ["早上好", "", "日报"]


def test_the_sdk_comes_back_after_a_kick(office):
    async def story():
        async with sdk(office) as client:
            again = asyncio.Event()
            client.on("authenticated", again.set)
            await act(office, _order(office, {"kind": "kick"}))
            await asyncio.wait_for(again.wait(), 20)
            return await act(office, office.server.say("xiaowang", "bot", "在吗"))

    assert asyncio.run(story()) == ""


async def _order(office, fault):
    office.server.add_fault(fault)


def test_a_kick_can_last(office):
    async def story(wire):
        await act(office, _order(office, {"kind": "kick", "seconds": 60}))
        with pytest.raises(ConnectionClosed):
            await wire.told()
        with pytest.raises(ConnectionClosed):
            async with wired(office):
                pass
        office.moment += 60
        async with wired(office):
            return office.server.connected

    assert over_the_wire(office, story) is True


def test_messages_can_come_twice_or_overtake_each_other(office):
    async def story(wire):
        office.server.add_fault({"kind": "duplicate", "path": "callback/*"})
        await act(office, office.server.say("xiaowang", "bot", "一"))
        office.server.add_fault({"kind": "out_of_order", "path": "callback/*"})
        await act(office, office.server.say("xiaowang", "bot", "二"))
        await act(office, office.server.say("xiaowang", "bot", "三"))
        return [(await wire.told())["body"] for _ in range(4)]

    told = over_the_wire(office, story)

    assert [body["text"]["content"] for body in told] == ["一", "一", "三", "二"]
    assert told[0]["msgid"] == told[1]["msgid"]


def test_a_wrong_secret_is_refused_and_nothing_works_without_subscribing(office):
    async def story():
        async with wired(office, subscribed=False) as wire:
            before = (await wire.ask("ping"))["errcode"]
            wrong = await wire.subscribe("wrong")
            right = await wire.subscribe()
            return before, wrong, right, await wire.ask("ping", req_id="ping_9")

    assert asyncio.run(story()) == (846609, 853000, 0, {"headers": {"req_id": "ping_9"}, "errcode": 0, "errmsg": "ok"})


def test_the_newer_connection_ends_the_older(office):
    async def story():
        async with wired(office) as older, wired(office) as newer:
            farewell = await older.told()
            with pytest.raises(ConnectionClosed):
                await older.told()
            return farewell["body"]["event"], (await newer.ask("ping"))["errcode"]

    assert asyncio.run(story()) == ({"eventtype": "disconnected_event"}, 0)


def test_without_a_bot_a_member_hears_that_nobody_is_there(office):
    assert office.do(office.server.say("xiaowang", "bot", "在吗")) == "机器人没连上，没送到"
    assert [seen.bubble.note for seen in office.server.seen("xiaowang")] == ["没送到"]


def test_a_group_is_heard_only_when_it_names_the_bot(office):
    async def story(wire):
        await act(office, office.server.say("xiaowang", "group:001", "今天谁值班"))
        digest = office.last("DianZhang", "group:001").id
        await act(office, office.server.say("DianZhang", "group:001", "@掌柜 认领 1", quotes=digest))
        frame = await wire.told()
        body = {"msgtype": "markdown", "markdown": {"content": "店长认领了 1"}}
        return frame["body"], (await wire.ask("aibot_respond_msg", body, frame["headers"]["req_id"]))["errcode"]

    body, answered = over_the_wire(office, story)

    assert (body["chatid"], body["chattype"], body["from"]) == (
        office.server.chat_id_of("001"),
        "group",
        {"userid": "DianZhang"},
    )
    assert body["text"] == {"content": "@掌柜 认领 1"}
    assert body["quote"] == {"msgtype": "text", "text": {"content": "今天谁值班"}}
    assert answered == 0
    assert office.shown("xiaowang", "group:001") == ["今天谁值班", "@掌柜 认领 1", "店长认领了 1"]
    assert office.shown("xiaowang", "group:001") == office.shown("DianZhang", "group:001")
    assert [bubble.mine for bubble in office.server.talks("xiaowang")[2].bubbles] == [True, False, False]


def test_a_chat_is_written_to_only_after_somebody_wrote_in_it(office):
    chat = office.server.chat_id_of("001")

    def push(**more):
        return {"chatid": chat, "msgtype": "markdown", "markdown": {"content": "日报"}, **more}

    async def story(wire):
        async def code(body):
            return (await wire.ask("aibot_send_msg", body))["errcode"]

        before = await code(push())
        await act(office, office.server.say("xiaowang", "group:001", "@掌柜 在吗"))
        await wire.told()
        return [
            before,
            await code(push(chat_type=2)),
            await code(push(chat_type=1)),
            await code(push(chatid=chat.lower())),
            await code(push(msgtype="text", text={"content": "日报"})),
            await code(push(chatid="xiaowang")),
        ]

    assert over_the_wire(office, story) == [93006, 0, 93006, 93006, 40008, 93006]


def test_an_answer_has_its_limits(office):
    async def story(wire):
        await act(office, office.server.say("xiaowang", "bot", "查"))
        name = (await wire.told())["headers"]["req_id"]

        async def code(body, req_id=name):
            return (await wire.ask("aibot_respond_msg", body, req_id))["errcode"]

        def stream(content, finish):
            return {"msgtype": "stream", "stream": {"id": "s", "content": content, "finish": finish}}

        answers = [
            await code(stream("x", finish=False), "unknown"),
            await code(stream("x" * 20481, finish=False)),
            await code({"msgtype": "text", "text": {"content": "x"}}),
            await code({"msgtype": "template_card", "template_card": button_card(card_type="poster")}),
            await code(stream("x", finish=True)),
            await code(stream("y", finish=True)),
        ]
        office.moment += 361
        answers.append(await code({"msgtype": "stream", "stream": {"id": "t", "content": "z", "finish": True}}))
        answers.append(await code({"msgtype": "markdown", "markdown": {"content": "晚些"}}))
        return answers

    assert over_the_wire(office, story) == [846605, 45002, 40008, 42031, 0, 846608, 846608, 0]


def test_a_welcome_and_an_update_come_within_five_seconds_and_once(office):
    welcome = {"msgtype": "text", "text": {"content": "早"}}
    update = {"response_type": "update_template_card", "template_card": button_card(replace_text="好")}

    async def story(wire):
        async def code(command, body, name):
            return (await wire.ask(command, body, name))["errcode"]

        async def entered():
            office.moment += 86400
            await act(office, office.server.enter("xiaowang", "bot"))
            return (await wire.told())["headers"]["req_id"]

        async def pressed():
            await act(office, office.server.press("xiaowang", "bot", card.id, "3f.1", {}))
            return (await wire.told())["headers"]["req_id"]

        first = await entered()
        codes = [await code("aibot_respond_welcome_msg", welcome, first) for _ in range(2)]
        late = await entered()
        office.moment += 6
        codes.append(await code("aibot_respond_welcome_msg", welcome, late))
        await act(office, office.server.say("xiaowang", "bot", "任务"))
        message = (await wire.told())["headers"]["req_id"]
        await wire.ask("aibot_respond_msg", {"msgtype": "template_card", "template_card": button_card()}, message)
        card = office.last("xiaowang", "bot")
        late = await pressed()
        office.moment += 6
        codes.append(await code("aibot_respond_update_msg", update, late))
        codes.append(await code("aibot_respond_update_msg", update, message))
        codes.append(await code("aibot_respond_update_msg", update, await pressed()))
        return codes

    assert over_the_wire(office, story) == [0, 846605, 846605, 846605, 846605, 0]
    assert office.last("xiaowang", "bot").note == "好"


def test_a_conversation_takes_thirty_messages_a_minute(office):
    async def story(wire):
        await act(office, office.server.say("xiaowang", "bot", "在吗"))
        await wire.told()
        body = {"chatid": "xiaowang", "msgtype": "markdown", "markdown": {"content": "早"}}
        codes = [(await wire.ask("aibot_send_msg", body))["errcode"] for _ in range(31)]
        office.moment += 60
        return [*codes, (await wire.ask("aibot_send_msg", body))["errcode"]]

    assert over_the_wire(office, story) == [0] * 30 + [45009, 0]


def test_three_answers_may_be_in_the_writing_at_once(office):
    async def story(wire):
        for number in range(3):
            await act(office, office.server.say("xiaowang", "bot", f"问 {number}"))
            name = (await wire.told())["headers"]["req_id"]
            stream = {"id": f"s{number}", "content": "想一想", "finish": False}
            await wire.ask("aibot_respond_msg", {"msgtype": "stream", "stream": stream}, name)
        return await act(office, office.server.say("xiaowang", "bot", "问 4"))

    assert over_the_wire(office, story) == "请等机器人回答完前面的消息"


def test_a_file_goes_up_in_pieces_and_out_in_an_answer(office):
    content = PNG + b"x" * 600_000
    parts = [content[at : at + (512 << 10)] for at in range(0, len(content), 512 << 10)]
    head = {"type": "image", "filename": "图.png", "total_size": len(content), "total_chunks": len(parts)}

    async def story(wire):
        md5 = hashlib.md5(content).hexdigest()  # noqa: S324 — the platform asks for it
        upload = (await wire.ask("aibot_upload_media_init", {**head, "md5": md5}))["body"]["upload_id"]
        for index, part in enumerate(parts):
            chunk = {"upload_id": upload, "chunk_index": index, "base64_data": base64.b64encode(part).decode()}
            assert (await wire.ask("aibot_upload_media_chunk", chunk))["errcode"] == 0
        media = (await wire.ask("aibot_upload_media_finish", {"upload_id": upload}))["body"]["media_id"]
        await act(office, office.server.say("xiaowang", "bot", "图"))
        name = (await wire.told())["headers"]["req_id"]
        image = {"msgtype": "image", "image": {"media_id": media}}
        codes = [(await wire.ask("aibot_respond_msg", image, name))["errcode"]]
        wrong = (await wire.ask("aibot_upload_media_init", {**head, "md5": "0" * 32}))["body"]["upload_id"]
        return [*codes, (await wire.ask("aibot_upload_media_finish", {"upload_id": wrong}))["errcode"]]

    assert over_the_wire(office, story) == [0, 40006]
    assert office.http.get(office.base + office.last("xiaowang", "bot").files[0]["href"]).content == content


def test_a_frame_can_be_refused_lost_or_never_acknowledged(office):
    body = {"chatid": "xiaowang", "msgtype": "markdown", "markdown": {"content": "早"}}

    async def story(wire):
        await act(office, office.server.say("xiaowang", "bot", "在吗"))
        await wire.told()
        office.server.add_fault({"kind": 45009, "path": "ws/aibot_send_msg"})
        refused = (await wire.ask("aibot_send_msg", body))["errcode"]
        office.server.add_fault({"kind": "mute", "path": "ws/aibot_send_msg"})
        await wire.socket.send(json.dumps({"cmd": "aibot_send_msg", "headers": {"req_id": "muted"}, "body": body}))
        next_answer = (await wire.ask("ping"))["errcode"]
        office.server.add_fault({"kind": "lost", "path": "ws/aibot_send_msg"})
        with pytest.raises(ConnectionClosed):
            await wire.ask("aibot_send_msg", body)
        return refused, next_answer

    assert over_the_wire(office, story) == (45009, 0)
    assert office.shown("xiaowang", "bot") == ["在吗", "早", "早"]
    assert [call.fault for call in office.server.calls if call.path == "ws/aibot_send_msg"] == ["45009", "mute", "lost"]
