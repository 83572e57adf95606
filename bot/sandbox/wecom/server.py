"""One local WeCom: its parts put together, its routes, and what hands do on its members' phones."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from bot.sandbox.model import Group, Person, Talk
from bot.sandbox.wecom.api import Api, Ask, appchat, directory, media, webhooks
from bot.sandbox.wecom.api.customers import Customers
from bot.sandbox.wecom.api.group_messages import TALK, GroupMessages
from bot.sandbox.wecom.api.sending import Outbox, Sending
from bot.sandbox.wecom.app_talk import AppTalk, find, menu_keys
from bot.sandbox.wecom.callbacks import Doorway
from bot.sandbox.wecom.contacts import Contacts, Customer
from bot.sandbox.wecom.corp import APP, BOT, Call, Callback, Corp, Seen
from bot.sandbox.wecom.crypto import Seal
from bot.sandbox.wecom.gate import PREFIX, Gate
from bot.sandbox.wecom.refusals import Body
from bot.sandbox.wecom.setup import WecomSetup
from bot.sandbox.wecom.smart.callback import SmartCallback
from bot.sandbox.wecom.smart.link import SmartLink
from bot.sandbox.wecom.smart.rules import SmartBot
from bot.sandbox.wecom.smart.talk import FILE_LIFE, SmartTalk
from bot.sandbox.wecom.tokens import LIFE, Tokens

ENTER = "enter"


class WecomServer:
    """A corp's WeCom on this machine, and the phones of its people. Call it on the loop that serves its routes."""

    name: Literal["telegram", "wecom"] = "wecom"

    def __init__(
        self, setup: WecomSetup, people: Sequence[Person], groups: Sequence[Group], now: Callable[[], float]
    ) -> None:
        """`now` is the time in seconds since 1970; tests and the page move it."""
        self.corp = corp = Corp(setup, people, groups, now)
        self.watchers = corp.watchers
        self._tokens = Tokens(corp)
        self._outbox = Outbox()
        app_seal = Seal(setup.token, setup.aes_key, setup.corp_id)
        bot_seal = Seal(setup.bot_token, setup.bot_aes_key, "")
        self._app_door = Doorway(corp, "app", app_seal, lambda: corp.callback_url)
        self._bot_door = Doorway(corp, "bot", bot_seal, lambda: corp.bot_callback_url)
        self.app = AppTalk(corp, self._app_door, self._outbox)
        smart = SmartBot(corp)
        self._smart = smart
        self._link = SmartLink(smart)
        self.contacts = Contacts(corp)
        self._tasks = GroupMessages(self.contacts)
        self._callback = SmartCallback(smart, self._bot_door)
        self.bot = SmartTalk(smart, self._link, self._callback, self.app)
        self.routes: Sequence[BaseRoute] = [
            Route(PREFIX + "{path:path}", Gate(corp, self._tokens, self._calls())),
            Route("/wecom/file/{name}", self._file),
            WebSocketRoute("/wecom/ws", self._link.serve),
        ]

    def _calls(self) -> dict[str, Api]:
        shared = (Sending(self._outbox), Customers(self.contacts), self._tasks)
        own = {
            "gettoken": Api("GET", self._give_token, right="open"),
            "aibot/response": Api("POST", self._respond, right="open"),
        }
        for more in (*[one.calls for one in shared], media.CALLS, directory.CALLS, webhooks.CALLS, appchat.CALLS):
            own.update(more)
        return own

    def _give_token(self, _corp: Corp, ask: Ask) -> Body:
        token = self._tokens.give(ask.query.get("corpid", ""), ask.query.get("corpsecret", ""))
        return {"access_token": token, "expires_in": LIFE}

    def _respond(self, _corp: Corp, ask: Ask) -> Body:
        self._smart.respond(ask.query.get("response_code", ""), ask.body)
        return {}

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        stored = self.corp.files.get(name)
        if stored is None or (name.startswith("ENC") and self.corp.now() > stored.at + FILE_LIFE):
            return Response(status_code=404)
        return media.attachment(stored)

    @property
    def address(self) -> str:
        """Where this server is, as the bot reaches it; learnt from the first call where it was not set."""
        return self.corp.address

    @address.setter
    def address(self, address: str) -> None:
        self.corp.address = address.rstrip("/")

    @property
    def callback_url(self) -> str:
        """Where the app's callbacks go."""
        return self.corp.callback_url

    @callback_url.setter
    def callback_url(self, url: str) -> None:
        self.corp.callback_url = url

    @property
    def bot_callback_url(self) -> str:
        """Where the smart bot's callbacks go; empty: it has the long connection."""
        return self.corp.bot_callback_url

    @bot_callback_url.setter
    def bot_callback_url(self, url: str) -> None:
        self.corp.bot_callback_url = url

    @property
    def calls(self) -> Sequence[Call]:
        """Every call and frame that came, oldest first."""
        return self.corp.calls

    @property
    def callbacks(self) -> Sequence[Callback]:
        """Every try to deliver something to the bot, oldest first."""
        return self.corp.callbacks

    @property
    def complaints(self) -> Sequence[str]:
        """The bot's answers that WeCom would have thrown away, and why."""
        return self.corp.complaints

    @property
    def connected(self) -> bool:
        """Whether the smart bot has its long connection."""
        return self._link.live

    def seen(self, person: str) -> Sequence[Seen]:
        """What this member sees, her own messages included, oldest first; what was dropped is not there."""
        return [seen for seen in self.corp.views if seen.person == person]

    def chat_id_of(self, group: str) -> str:
        """The chatid by which the smart bot knows a group."""
        return self.corp.chat_id(group)

    def webhook_path(self, group: str) -> str:
        """The address of a group's webhook, without the host."""
        return f"/cgi-bin/webhook/send?key={webhooks.key_of(self.corp, group)}"

    def webhook_url(self, group: str) -> str:
        """The address of a group's webhook."""
        return self.corp.address + self.webhook_path(group)

    def add_fault(self, fault: dict[str, Any]) -> None:
        """Misbehave from now on; see `Faults.add`.

        A kick that waits for no frame cuts the connection at once, and with `seconds` again whenever it comes back.
        """
        at_once = fault.get("kind") == "kick" and fault.get("path", "*") in ("*", "ws/*")
        if at_once:
            self._link.cut_soon()
        if not at_once or "seconds" in fault:
            self.corp.faults.add(fault)

    def clear_faults(self) -> None:
        """Behave again."""
        self.corp.faults.clear()

    def talks(self, person: str) -> Sequence[Talk]:
        """The chats on this member's phone; the app's has its menu."""
        talks = self.corp.talks(person)
        talks[0].menu = menu_keys(self.corp.menu)
        return talks

    async def say(self, person: str, talk: str, text: str, quotes: str | None = None) -> str:
        """Type and send; over when the bot took it, or did not after all tries."""
        if self.corp.talk(person, talk).id == APP:
            return await self.app.say(person, text, quotes)
        if talk == TALK:
            return "这里只能点「发送」"
        return await self.bot.say(person, talk, text, quotes)

    async def press(self, person: str, talk: str, bubble: str, data: str, values: dict[str, list[str]]) -> str:
        """Press a card's key, or an entry of the menu (bubble ""); the entry `enter` is opening the talk."""
        if not bubble and data == ENTER:
            return await self.enter(person, talk)
        if not bubble:
            return await self.app.tap_menu(person, data) if talk == APP else "这里没有菜单"
        shown = find(self.corp, person, talk, bubble)
        if talk == TALK:
            return self._tasks.confirm(self.corp, person, shown, data)
        if talk == APP:
            return await self.app.press(person, shown, data, values)
        return await self.bot.press(person, talk, shown, data, values)

    async def drop(self, person: str, talk: str, name: str, content: bytes) -> str:
        """Send a file."""
        if self.corp.talk(person, talk).id == APP:
            return await self.app.drop(person, name, content)
        if talk == TALK:
            return "这里只能点「发送」"
        return await self.bot.drop(person, talk, name, content)

    async def enter(self, person: str, talk: str = APP) -> str:
        """Open a talk: the app is told each time, the smart bot the first time each day."""
        if talk == BOT:
            return await self.bot.enter(person)
        return await self.app.event(person, "enter_agent", {"EventKey": ""}) if talk == APP else ""

    async def subscribe(self, person: str) -> str:
        """The member comes into the app's visible range."""
        self.corp.invisible.discard(person)
        return await self.app.event(person, "subscribe", {"EventKey": ""})

    async def unsubscribe(self, person: str) -> str:
        """The member leaves the app's visible range."""
        self.corp.invisible.add(person)
        return await self.app.event(person, "unsubscribe", {"EventKey": ""})

    async def dismiss(self, person: str) -> str:
        """The member leaves the company."""
        self.corp.invisible.add(person)
        return await self.app.system("change_contact", {"ChangeType": "delete_user", "UserID": person})

    async def add_customer(self, person: str, name: str, state: str = "") -> Customer:
        """A member adds a customer, who may be greeted within 20 seconds."""
        customer, code = self.contacts.add(person, name, state)
        fields = {"ChangeType": "add_external_contact", "UserID": person, "ExternalUserID": customer.id}
        await self.app.system("change_external_contact", {**fields, "State": state, "WelcomeCode": code})
        return customer

    async def lose_customer(self, person: str, customer: str) -> None:
        """A customer removes a member."""
        del self.contacts.customers[customer].follows[person]
        fields = {"ChangeType": "del_follow_user", "UserID": person, "ExternalUserID": customer}
        await self.app.system("change_external_contact", fields)

    async def verify(self) -> str:
        """Save the app's callback address: empty where it answered the check, else what is wrong."""
        return await self._app_door.verify()

    async def verify_bot(self) -> str:
        """The same for the smart bot's."""
        return await self._bot_door.verify()

    async def close(self) -> None:
        """Let the bot go: no connection, no stream asked for any more."""
        await self._callback.close()
        await self._link.cut()
