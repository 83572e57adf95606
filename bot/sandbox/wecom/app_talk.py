"""What members do in their talk with the app, and what the corp tells it: sealed callbacks and their answers."""

from collections.abc import Mapping, Sequence

from bot.sandbox.model import Bubble, Key
from bot.sandbox.wecom import cards, events, faces, passive
from bot.sandbox.wecom.api.contents import check_card
from bot.sandbox.wecom.api.media import is_picture
from bot.sandbox.wecom.api.sending import Outbox
from bot.sandbox.wecom.callbacks import Doorway, Receipt
from bot.sandbox.wecom.corp import APP, Corp, Seen, Stored
from bot.sandbox.wecom.events import Value
from bot.sandbox.wecom.refusals import Body, RefusedError

QUOTE = "这是一条引用/回复消息：\n“{author}：\n{text}”\n------\n{said}"
DEAF = "这个应用没有设置接收消息"
EXPIRED = "按钮已失效"


class AppTalk:
    """The members' side of the app."""

    def __init__(self, corp: Corp, door: Doorway, outbox: Outbox) -> None:
        """Presses make new codes in the outbox."""
        self._corp = corp
        self._door = door
        self._outbox = outbox

    async def say(self, person: str, text: str, quotes: str | None) -> str:
        """Type and send. A quoted message comes inside the text, since the app gets no reference."""
        said = text
        for quoted in [find(self._corp, person, APP, quotes)] if quotes else []:
            said = QUOTE.format(author=quoted.author, text=plain_text(self._corp, quoted), said=text)
        self.mine(person, APP, faces.text_html(text), "text", {"content": said})
        return await self._message(person, "text", {"Content": said})

    async def drop(self, person: str, name: str, content: bytes) -> str:
        """Send a picture, a voice or a video; the app gets no files."""
        kind = media_kind(name, content)
        if kind == "file":
            return "应用收不到文件，只收图片、语音和视频"
        stored = Stored(name, MIMES[kind], content, self._corp.now(), kind)
        media = self._corp.keep("MEDIA", stored)
        files = [{"name": name, "mime": stored.mime, "href": f"/wecom/file/{media}"}]
        self.mine(person, APP, "", kind, {"media_id": media}, files)
        fields: Mapping[str, Mapping[str, Value]] = {
            "image": {"PicUrl": f"{self._corp.address}/wecom/file/{media}", "MediaId": media},
            "voice": {"MediaId": media, "Format": "amr"},
            "video": {"MediaId": media, "ThumbMediaId": media},
        }
        return await self._message(person, kind, fields[kind])

    async def locate(self, person: str, latitude: float, longitude: float, label: str) -> str:
        """Send a place."""
        self.mine(person, APP, faces.text_html(label), "location", {"label": label})
        fields: dict[str, Value] = {"Location_X": latitude, "Location_Y": longitude, "Scale": 16, "Label": label}
        return await self._message(person, "location", {**fields, "AppType": "wxwork"})

    async def event(self, person: str, name: str, fields: Mapping[str, Value]) -> str:
        """Something the member did besides writing: enter_agent, subscribe, LOCATION, click, view …"""
        receipt = await self._deliver(events.event(self._corp, person, name, fields))
        return self._answered(receipt, person, name)

    async def system(self, name: str, fields: Mapping[str, Value]) -> str:
        """Something of the corp, told by `sys`."""
        receipt = await self._deliver(events.system_event(self._corp, name, fields))
        return self._answered(receipt, events.SYSTEM, name)

    async def tap_menu(self, person: str, data: str) -> str:
        """Tap an entry of the menu below the talk."""
        kind, _, value = data.partition(":")
        if data not in {key.data for key in menu_keys(self._corp.menu)}:
            return "菜单已更新"
        flash = await self.event(person, kind, {"EventKey": value})
        return flash or (f"打开 {value}" if kind == "view" else "")

    async def press(self, person: str, shown: Bubble, data: str, values: dict[str, list[str]]) -> str:
        """Press a card's button, its submit or its corner menu."""
        if data.startswith("url:"):
            return f"打开 {data[4:]}"
        if shown.card is None or not data or data not in {key.data for row in shown.keys for key in row}:
            return EXPIRED
        of_menu = data.startswith(faces.MENU)
        try:
            chosen = {} if of_menu else cards.chosen(shown.card, values)
        except ValueError as error:
            return str(error)
        name = "template_card_menu_event" if of_menu else "template_card_event"
        code = self._outbox.new_code(self._corp, shown.id)
        pressed = (data.removeprefix(faces.MENU), code, chosen)
        receipt = await self._deliver(events.card_event(self._corp, person, name, shown.card, pressed))
        return self._answered(receipt, person, name, shown)

    def mine(  # noqa: PLR0913, PLR0917 — one row of a phone
        self, person: str, talk: str, shown: str, kind: str, content: Body, files: Sequence[dict[str, str]] = ()
    ) -> Bubble:
        """Show on the sender's phone what she sent."""
        name = self._corp.name("MINE")
        author = self._corp.people[person].name
        bubble = Bubble(name, mine=True, author=author, html=shown, at=self._corp.now(), files=list(files))
        self._corp.put(Seen(name, person, talk, kind, content, bubble))
        return bubble

    async def _message(self, person: str, kind: str, fields: Mapping[str, Value]) -> str:
        return self._answered(await self._deliver(events.message(self._corp, person, kind, fields)), person, "")

    async def _deliver(self, plain: str) -> Receipt | None:
        return await self._door.deliver(plain) if self._corp.callback_url else None

    def _answered(self, receipt: Receipt | None, person: str, event: str, pressed: Bubble | None = None) -> str:
        """Show a passive answer; returns what flashes up."""
        if receipt is None:
            return DEAF
        if not receipt.taken:
            return "应用没有应答" + (f"（HTTP {receipt.status}）" if receipt.status else "")
        try:
            reply = passive.open_xml(receipt.body, self._door.seal)
            if reply:
                kind = passive.check_answer(reply, self._corp.setup.corp_id, person, event)
                self._show(person, kind, reply, pressed)
        except (passive.ThrownError, RefusedError) as error:
            self._corp.complaints.append(str(error))
        return ""

    def _show(self, person: str, kind: str, reply: Body, pressed: Bubble | None) -> None:
        if pressed is not None and kind == "update_button":
            faces.grey(pressed, str(passive.part(reply, "Button").get("ReplaceName") or ""))
            self._corp.changed()
        elif pressed is not None and kind == "update_template_card":
            card = passive.card(passive.part(reply, "TemplateCard"))
            faces.dress(pressed, check_card(self._corp, card, update=True))
            self._corp.changed()
        else:
            content = {"content": passive.words(reply)} if kind == "text" else {}
            name = self._corp.name("MSG")
            bubble = faces.bubble(name, self._corp.setup.app_name, self._corp.now(), "text", {"content": ""} | content)
            self._corp.put(Seen(name, person, APP, kind, content or reply, bubble))


MIMES = {"image": "image/png", "voice": "audio/amr", "video": "video/mp4", "file": "application/octet-stream"}


def media_kind(name: str, content: bytes) -> str:
    """Which kind of message a dropped file becomes."""
    if is_picture(content):
        return "image"
    endings = {"amr": "voice", "mp4": "video"}
    return endings.get(name.rpartition(".")[2].lower(), "file")


def find(corp: Corp, person: str, talk: str, bubble: str) -> Bubble:
    """A bubble on a phone; KeyError where there is none."""
    for shown in corp.talk(person, talk).bubbles:
        if shown.id == bubble:
            return shown
    raise KeyError(bubble)


def plain_text(corp: Corp, shown: Bubble) -> str:
    """The words of a bubble, as a quote repeats them."""
    for seen in corp.copies(shown.id):
        if isinstance(seen.content.get("content"), str):
            return str(seen.content["content"])
    return "[卡片]" if shown.card else "[文件]"


def menu_keys(buttons: Sequence[Body]) -> list[Key]:
    """The menu as keys: its entries, those below included."""
    keys = []
    for button in buttons:
        if button.get("sub_button"):
            keys += menu_keys(button["sub_button"])
        else:
            kind = str(button["type"])
            keys.append(
                Key(str(button["name"]), f"{kind}:{button.get('key') or button.get('url') or button.get('pagepath')}")
            )
    return keys
