"""One message in, one reply out: identify, understand, authorise, run, audit, commit; here errors become words."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from bot.actions import accounts
from bot.actions.board import rostering
from bot.actions.lists import meant as listed
from bot.chat import SILENCE, Address, Choice, Incoming, Outcome, Reply, pack, with_digits
from bot.commands import PICTURES, Command, Commands, Context
from bot.db import audit, changes, decisions, facts, logins, people
from bot.db.core.engine import Database
from bot.db.people import Conversation
from bot.db.talk import conversations, gathering, inbox, outbox, rooms
from bot.db.talk.outbox import Owed
from bot.domain import masks
from bot.domain.errors import ConflictError, NotAllowedError, NotFoundError, RefusalError, UsageError
from bot.domain.shop import Staff
from bot.handlers.board import rota
from bot.understand import Said, chosen, pressed, understand

log = logging.getLogger(__name__)

_STRANGER = "我还不认识你。请向店长或管理员要一个绑定码，然后发：绑定 绑定码"
_IN_GROUP = "已私信你。"
_SPENT = "这组选项已经办过了。要再办请重新查一次。"
_GUESSES, _GUESSING = 10, timedelta(hours=1)
_MANY = 10_000


class Dispatcher:
    """Handles messages, each in one transaction; safe to call from many threads."""

    def __init__(self, database: Database, commands: Commands, pictures: Path = PICTURES) -> None:
        """Take the commands that `collect` found, and the folder where pictures of answers go."""
        self._database = database
        self._pictures = pictures
        self._commands = commands
        self._guesses: dict[str, list[datetime]] = {}  # wrong codes of strangers, by account

    def accept(self, messages: Sequence[Incoming]) -> list[int | None]:
        """Keep messages durably before their platform is told; the row of each, None where it had come before."""
        return self._database.transact(lambda conn: [inbox.add(conn, one, state="new") for one in messages])

    def handle(self, message: Incoming, row_id: int | None = None) -> Outcome:
        """Answer a message; with `row_id` one that `accept` kept, else it is kept in the same commit.

        A write that is refused leaves nothing but its inbox and audit rows.
        """
        try:
            return self._database.transact(lambda conn: self._one(conn, message, row_id))
        except _RefusedWriteError as error:
            refused = error
        except Exception:
            incident = secrets.token_hex(3).upper()
            log.exception("incident %s", incident)
            reply = Reply(f"出错了，没有存任何东西。请把这个号告诉管理员：{incident}", keeps_menu=True)
            refused = _RefusedWriteError(Outcome(reply, "bug"), "?", None)
        return self._database.transact(lambda conn: self._refused(conn, message, row_id, refused))

    def _one(self, conn: Connection, message: Incoming, row_id: int | None) -> Outcome:
        unit = _begun(conn, message, row_id)
        if unit is None:
            return Outcome(SILENCE, repeated=True)
        message = replace(message, address=rooms.placed(conn, message.address))
        known = _identified(conn, message.address)
        if known is None:
            outcome = self._stranger(conn, message, unit)
            _keep_answer(conn, row_id, outcome)
            return outcome
        person, was = known
        owed = _expire_and_collect(conn, person, message.at)
        outcome, command = self._answer(conn, message, unit, person, was)
        reply = outcome.reply
        menu = _remembered(conn, message, person, reply, was)
        owed = gathering.beside(conn, person.id, owed, reply.choices, message.at)
        if owed.menu_id and not reply.choices:
            conversations.point(conn, person.id, _home(message.address), owed.menu_id, message.at)
        audit.add(
            conn,
            at=message.at,
            person=person,
            command=command,
            outcome=outcome.error or "ok",
            about=reply.about,
            inbox_id=unit,
            reason=reply.reason,
        )
        outcome = _placed(replace(outcome, menu=menu), message.address, owed.texts)
        _keep_answer(conn, row_id, outcome)
        return outcome

    def _answer(
        self, conn: Connection, message: Incoming, unit: int, person: Staff, was: Conversation
    ) -> tuple[Outcome, str]:
        """Run the command; a refused read is an answer, a refused write rolls back."""
        command: Command[object] | None = None
        try:
            off = rostering.apart(conn, person, "" if message.files else message.text, message.at)
            said, menu = self._understood(conn, replace(message, text=off[1]) if off else message, person, was)
            if off and said.command is None:
                said, off = chosen(f"请假 {off[0]}", self._commands), None
            command = said.command
            if command is None:
                return Outcome(SILENCE), "-"
            if person.role not in command.roles:
                raise NotAllowedError(_ask_whom(command, person))
            if said.settles and menu.is_spent:
                raise ConflictError(_SPENT)
            argument = command.takes(said.text)
            focus = conversations.focus_of(was, message.at)
            context = Context(conn, person, message.at, message.address, focus, unit, message.files, self._pictures)
            reply = rota.also(context, off, command.run(context, argument))
            if said.settles and menu.id:
                if not conversations.spend(conn, menu.id, message.at):  # pressed twice at once
                    raise ConflictError(_SPENT)
                reply = replace(reply, keeps_menu=reply.keeps_menu and bool(reply.choices))
            return Outcome(reply, settled=said.settles), command.names[0]
        except RefusalError as refusal:
            outcome = Outcome(_worded(refusal, command), refusal.code)  # type: ignore[arg-type]  # codes are ErrorCode words
            name = command.names[0] if command else "-"
            if command and command.writes:
                raise _RefusedWriteError(outcome, name, person) from refusal
            return outcome, name

    def _understood(
        self, conn: Connection, message: Incoming, person: Staff, was: Conversation
    ) -> tuple[Said, conversations.Menu]:
        """What is asked for, and the list it may be an answer to."""
        if message.press:
            menu = conversations.menu(conn, person.id, message.press.menu)
            if menu.is_old(message.at):
                raise UsageError("这组按钮已经过期了，请再查一次。")
            return pressed(message.press.digit, self._commands, menu.choices), menu
        if message.files:
            return Said(self._commands.named("文件"), message.text), conversations.NO_MENU
        if message.quoted and (meant := listed.quoted(conn, person, message.text, message.quoted, message.at)):
            return chosen(meant, self._commands), conversations.NO_MENU
        menu = conversations.last_menu(conn, was)
        old = menu.is_old(message.at, listed.LIFE if listed.shown(menu.choices) else conversations.MENU_LIFE)
        in_group = not message.address.private
        said = None if in_group else understand(message.text, self._commands, menu.choices, menu_is_old=old)
        if said is None or said.guesses:
            of_list = listed.newest(conn, person, message.text, message.at, in_group=in_group)
            if of_list or (said is None and (of_list := listed.unnumbered(conn, person, message.text, message.at))):
                return chosen(of_list, self._commands), conversations.NO_MENU
            if said is None and listed.tells_rows(message.text, several=True):
                raise NotFoundError(listed.NONE_OPEN)
        if in_group:
            said = understand(message.text, self._commands, menu.choices, menu_is_old=old)
        return said or Said(self._commands.named("读"), message.text), menu

    def _stranger(self, conn: Connection, message: Incoming, unit: int) -> Outcome:
        """A person nobody knows may only bind herself."""
        binding = self._commands.match(message.text.strip().lstrip("/／"), slash=True)
        reply, error = Reply(_STRANGER), "not_allowed"
        if binding and binding[0].names[0] == "绑定" and binding[1]:
            try:
                there = message.address
                self._refuse_guessing(f"{there.channel}:{there.account}", message.at)
                said = accounts.bind(conn, binding[1], there.channel, there.account, message.at)
                reply, error = Reply(said), ""
            except RefusalError as refusal:
                reply, error = Reply(refusal.say), refusal.code
        audit.add(conn, at=message.at, person=None, command="绑定", outcome=error or "ok", about=(), inbox_id=unit)
        if not message.address.private and error:
            return Outcome(SILENCE, "not_allowed")
        return Outcome(reply, error or None)  # type: ignore[arg-type]  # codes are ErrorCode words

    def _refuse_guessing(self, account: str, now: datetime) -> None:
        """Whoever keeps sending codes must wait; raises NotAllowedError."""
        if len(self._guesses) > _MANY:
            self._guesses.clear()
        lately = [at for at in self._guesses.get(account, ()) if timedelta(0) <= now - at < _GUESSING]
        if len(lately) >= _GUESSES:
            raise NotAllowedError("绑定码试得太多了，请一小时后再试，或请管理员直接绑定。")
        self._guesses[account] = [*lately, now]

    def _refused(
        self, conn: Connection, message: Incoming, row_id: int | None, refused: "_RefusedWriteError"
    ) -> Outcome:
        unit = _begun(conn, message, row_id)
        if unit is None:
            return Outcome(SILENCE, repeated=True)
        outcome = refused.outcome
        why, whose = outcome.error or "bug", refused.person
        audit.add(conn, at=message.at, person=whose, command=refused.command, outcome=why, about=(), inbox_id=unit)
        menu = None
        known = _identified(conn, message.address) if refused.person else None
        if known:
            menu = _remembered(conn, message, known[0], outcome.reply, known[1])
        outcome = _placed(replace(outcome, menu=menu), message.address, [])
        _keep_answer(conn, row_id, outcome)
        return outcome


class _RefusedWriteError(Exception):
    """Carries a refusal out of the transaction that must roll back."""

    def __init__(self, outcome: Outcome, command: str, person: Staff | None) -> None:
        super().__init__(command)
        self.outcome, self.command, self.person = outcome, command, person


def _begun(conn: Connection, message: Incoming, row_id: int | None) -> int | None:
    """The inbox row this message has its effect under; None where it has had it."""
    if row_id is None:
        return inbox.add(conn, message, state="done")
    return row_id if inbox.finish(conn, row_id) else None


def _worded(refusal: RefusalError, command: Command[object] | None) -> Reply:
    say = refusal.say
    if isinstance(refusal, UsageError) and command and command.example and "\n例：" not in say:
        say = f"{say}\n例：{command.example}"
    choices = tuple(
        Choice(label, what, takes_text=what.startswith(("建 ", "临 ")) or what.endswith(" 坚持"))
        for label, what in refusal.offers
    )
    nobody = isinstance(refusal, NotFoundError)  # then "她" must not mean whoever was spoken of before
    return Reply(say, choices, focus=False, keeps_menu=not choices and not nobody, drops_focus=nobody)


def _ask_whom(command: Command[object], person: Staff) -> str:
    if person.role == "admin":
        return "管理员账号看不了客户资料，请找门店的导购或店长。"
    if person.role == "hq":
        return f"「{command.names[0]}」由门店来做，请找那家店的店长。"
    return f"「{command.names[0]}」要店长来做，请找店长。"


def _identified(conn: Connection, there: Address) -> tuple[Staff, Conversation] | None:
    known = people.identify(conn, there.channel, there.account, _home(there))
    if known and there.private and there.channel != people.CONSOLE:
        logins.heard(conn, there.channel, there.account)
    return (decisions.for_channel(conn, known[0], there.channel), known[1]) if known else None


def _home(there: Address) -> str:
    """The conversation that is gone on with: what a group asks is answered, and gone on with, in private."""
    return there.key if there.private else f"{there.channel}:{there.account}"


def _remembered(conn: Connection, message: Incoming, person: Staff, reply: Reply, was: Conversation) -> int | None:
    """Keep what the chat is about after this reply; gives the list of the reply's choices."""
    if reply.keeps_menu and not reply.about and not reply.choices:
        return None
    focus = (reply.about[0], message.at) if reply.about and reply.focus else (was.focus_id, was.focus_at)
    if reply.drops_focus:
        focus = (None, None)
    menu = conversations.add_menu(conn, person.id, reply.choices, message.at) if reply.choices else None
    current = menu or (was.menu_id if reply.keeps_menu else None)
    conversations.remember(conn, person.id, _home(message.address), Conversation(*focus, current))
    return menu


def _keep_answer(conn: Connection, row_id: int | None, outcome: Outcome) -> None:
    """An answer to a message of the inbox stays with it until it is out."""
    if row_id is not None and (outcome.reply.text or outcome.reply.private):
        inbox.owe(conn, row_id, pack(outcome))


def _placed(outcome: Outcome, there: Address, owed: list[str]) -> Outcome:
    """In a group the answer goes to the person; what is owed comes first."""
    reply = _with_digits(outcome.reply)
    if owed:
        reply = replace(reply, text="\n\n".join([*owed, reply.text] if reply.text else owed))
    if not there.private and reply.text:
        private = replace(reply, private=None)
        reply = replace(reply, text=_IN_GROUP, choices=(), pictures=(), private=private)
    return replace(outcome, reply=reply)


def _with_digits(reply: Reply) -> Reply:
    """Digits work everywhere, so they are always to be read: added where the text does not number its choices."""
    return replace(reply, text=with_digits(reply.text, reply.choices))


def _expire_and_collect(conn: Connection, person: Staff, now: datetime) -> Owed:
    """Drop what waited a day for a yes, tell its author; give what this person is owed."""
    lapsed = facts.overdue(conn, now)
    if lapsed:
        facts.drop(conn, [fact.id for fact in lapsed])
    for fact in lapsed:
        if fact.author_id:
            unit = changes.unit_at(conn, fact.author_id, fact.customer_id, fact.said_at)
            called = masks.name(fact.called)
            if unit:
                changes.redact(conn, unit, f"{called} 没等到同意的已删")
            text = f"（24小时没等到同意，{called}的「{fact.value}」已删，没有存。）"
            discreet = f"（24小时没等到同意，{called}的一条敏感记录已删，没有存。）"
            outbox.tell(conn, fact.author_id, f"lapsed:{fact.id}", text, now, discreet)
    return outbox.owed(conn, person.id, person.veil, now)
