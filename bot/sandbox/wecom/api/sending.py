"""message/send, recall and card updates: to members one by one, with everything that is refused or silently lost."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.sandbox.wecom import cards, faces
from bot.sandbox.wecom.api import Api, Ask
from bot.sandbox.wecom.api.contents import check_card, check_content
from bot.sandbox.wecom.corp import APP, DAY, HOUR, MINUTE, Corp, Seen
from bot.sandbox.wecom.refusals import Body, RefusedError

KINDS = ("text", "markdown", "image", "voice", "video", "file", "textcard", "news", "template_card")
CODE_LIFE = 72 * HOUR
USERS, PARTIES, TAGS = 1000, 100, 100
INTERVAL, LONGEST_INTERVAL = 1800, 14400
MEMBER_LIMITS = ((30, MINUTE), (1000, HOUR))


@dataclass(slots=True)
class Receivers:
    """Whom a message goes to, and the names nobody answers to."""

    users: list[str] = field(default_factory=list)
    invalid_users: list[str] = field(default_factory=list)
    invalid_parties: list[str] = field(default_factory=list)
    invalid_tags: list[str] = field(default_factory=list)
    unlicensed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Outbox:
    """What was sent by the app: the answers of checked repeats, the codes of cards, and when each message went."""

    answers: dict[bytes, tuple[float, Body]] = field(default_factory=dict)
    codes: dict[str, tuple[str, float]] = field(default_factory=dict)
    sent_at: dict[str, float] = field(default_factory=dict)
    tasks: set[str] = field(default_factory=set)

    def new_code(self, corp: Corp, message: str) -> str:
        """A response_code for the card of this message: once, within 72 hours."""
        code = corp.name("RC")
        self.codes[code] = (message, corp.now() + CODE_LIFE)
        return code

    def card_of(self, corp: Corp, code: object) -> str:
        """The message a code stands for; raises RefusedError 60140."""
        message, until = self.codes.get(code, ("", 0.0)) if isinstance(code, str) else ("", 0.0)
        if corp.now() >= until:
            raise RefusedError(60140)
        return message


def check_agent(corp: Corp, ask: Ask, agent: object) -> None:
    """The agentid must be that of the token's app, and a number."""
    if agent is None or agent == "":
        raise RefusedError(41011)
    if ask.right != "app":
        raise RefusedError(301002)
    if not isinstance(agent, int) or isinstance(agent, bool) or agent != corp.setup.agent_id:
        raise RefusedError(40056)


class Sending:
    """The calls of messages to members, with what they remember."""

    def __init__(self, outbox: Outbox) -> None:
        """The outbox is shared with the phones, whose presses make new codes."""
        self._outbox = outbox

    @property
    def calls(self) -> dict[str, Api]:
        """Path to call."""
        return {
            "message/send": Api("POST", self._send),
            "message/recall": Api("POST", self._recall),
            "message/update_template_card": Api("POST", self._update),
        }

    def _send(self, corp: Corp, ask: Ask) -> Body:
        check_agent(corp, ask, ask.body.get("agentid"))
        interval = min(ask.number("duplicate_check_interval", INTERVAL), LONGEST_INTERVAL)
        before = self._repeated(corp, ask)
        if before is not None:
            return before
        kind = str(ask.body.get("msgtype"))
        content = check_content(corp, ask.body, KINDS)
        if kind == "template_card":
            self._check_new_card(corp, content)
        to = receivers(corp, ask.body)
        if not to.users and not to.unlicensed:
            raise RefusedError(81013)
        message = corp.name("MSG")
        self._outbox.sent_at[message] = corp.now()
        for user in to.users:
            _show(corp, user, message, kind, content)
        answer: Body = {"msgid": message}
        if kind == "template_card" and cards.calls_back(content):
            self._outbox.tasks.add(content["task_id"])
            answer["response_code"] = self._outbox.new_code(corp, message)
        answer |= _lists(to)
        if ask.body.get("enable_duplicate_check") == 1:
            self._outbox.answers[ask.raw] = (corp.now() + interval, answer)
        return answer

    def _repeated(self, corp: Corp, ask: Ask) -> Body | None:
        if ask.body.get("enable_duplicate_check") != 1:
            return None
        until, answer = self._outbox.answers.get(ask.raw, (0.0, {}))
        return answer if corp.now() < until else None

    def _check_new_card(self, corp: Corp, card: Body) -> None:
        if not cards.calls_back(card):
            return
        if not corp.callback_url:
            raise RefusedError(43012)
        if card["task_id"] in self._outbox.tasks:
            raise RefusedError(42014, "task_id exists")

    def _recall(self, corp: Corp, ask: Ask) -> Body:
        message = ask.text("msgid")
        sent_at = self._outbox.sent_at.get(message)
        if sent_at is None or corp.now() > sent_at + DAY:
            raise RefusedError(40058, "msgid")
        for seen in corp.copies(message):
            seen.recalled = True
            seen.bubble.html, seen.bubble.keys, seen.bubble.card, seen.bubble.files = "", [], None, []
            seen.bubble.note = "已撤回"
        corp.changed()
        return {}

    def _update(self, corp: Corp, ask: Ask) -> Body:
        check_agent(corp, ask, ask.body.get("agentid"))
        message = self._outbox.card_of(corp, ask.body.get("response_code"))
        button, card = ask.body.get("button"), ask.body.get("template_card")
        if (button is None) == (card is None):
            raise RefusedError(40058, "button or template_card")
        if button is not None and not (isinstance(button, dict) and button.get("replace_name")):
            raise RefusedError(40058, "replace_name")
        if card is not None:
            check_card(corp, card, update=True)
        users = ask.names("userids")
        copies = {seen.person.lower(): seen for seen in corp.copies(message)}
        meant = copies.keys() if ask.body.get("atall") == 1 else {user.lower() for user in users}
        if not meant:
            raise RefusedError(40058, "userids")
        for user in meant & copies.keys():
            _redress(copies[user], button, card)
        del self._outbox.codes[ask.body["response_code"]]
        corp.changed()
        return {"invaliduser": [user.lower() for user in users if user.lower() not in copies]}


def _redress(seen: Seen, button: Body | None, card: Body | None) -> None:
    if card is not None:
        faces.dress(seen.bubble, card)
    elif button is not None:
        faces.grey(seen.bubble, str(button["replace_name"]))


def receivers(corp: Corp, body: Body) -> Receivers:
    """Whom touser, toparty and totag mean; raises RefusedError where they are no strings or too many."""
    named = {}
    for field_name, most in (("touser", USERS), ("toparty", PARTIES), ("totag", TAGS)):
        value = body.get(field_name) or ""
        if not isinstance(value, str):
            raise RefusedError(40058, f"{field_name} must be a string")
        named[field_name] = [one for one in value.split("|") if one]
        if len(named[field_name]) > most:
            raise RefusedError(40032)
    if named["touser"] == ["@all"]:
        return _sorted(corp, corp.people, Receivers())
    to = Receivers(invalid_tags=named["totag"])
    users: list[str] = list(named["touser"])
    for party in named["toparty"]:
        members = party_members(corp, party)
        users += members or []
        to.invalid_parties += [] if members is not None else [party]
    return _sorted(corp, users, to)


def _sorted(corp: Corp, names: Iterable[str], to: Receivers) -> Receivers:
    for name in names:
        person = corp.member(name)
        if person is None:
            to.invalid_users.append(name.lower())
        elif person.id in corp.unlicensed:
            to.unlicensed.append(person.id.lower())
        elif person.id not in to.users:
            to.users.append(person.id)
    return to


def party_members(corp: Corp, party: str) -> list[str] | None:
    """The members of a department: 1 is the whole corp, the others are the groups in their order; None: unknown."""
    if party == "1":
        return [person for person in corp.people if person not in corp.invisible]
    places = {str(2 + place): group for place, group in enumerate(corp.groups.values())}
    return list(places[party].members) if party in places else None


def _lists(to: Receivers) -> Body:
    named = {
        "invaliduser": to.invalid_users,
        "invalidparty": to.invalid_parties,
        "invalidtag": to.invalid_tags,
        "unlicenseduser": to.unlicensed,
    }
    return {name: "|".join(values) for name, values in named.items() if values}


def _show(corp: Corp, user: str, message: str, kind: str, content: Body) -> None:
    bubble = faces.bubble(message, corp.setup.app_name, corp.now(), kind, content)
    bubble.files = file_links(corp, kind, content)
    seen = Seen(message, user, APP, kind, content, bubble)
    if corp.windows.pass_(f"app:{user}", *MEMBER_LIMITS):
        corp.put(seen)
    else:
        corp.dropped.append(seen)


def file_links(corp: Corp, kind: str, content: Body) -> list[dict[str, str]]:
    """The file of a message for the page, by a path on this server."""
    if kind not in ("image", "voice", "video", "file"):
        return []
    stored = corp.files[content["media_id"]]
    return [{"name": stored.name, "mime": stored.mime, "href": f"/wecom/file/{content['media_id']}"}]
