"""群发助手: the app prepares, each member must press send, and each customer gets only so many a month."""

from bot.sandbox.model import Bubble, Key, Talk
from bot.sandbox.wecom import faces
from bot.sandbox.wecom.api import Api, Ask
from bot.sandbox.wecom.contacts import TASK_SENT, UNSENT, Contacts, Task
from bot.sandbox.wecom.corp import DAY, Corp, Seen
from bot.sandbox.wecom.refusals import Body, RefusedError

TALK = "contacts"
SEND = "send:"
TEXT, ATTACHMENTS, CUSTOMERS = 4000, 9, 10000
REMINDERS = 3


class GroupMessages:
    """The calls of 群发助手, and the member's press."""

    def __init__(self, contacts: Contacts) -> None:
        """Tasks are kept with the contacts."""
        self._contacts = contacts

    @property
    def calls(self) -> dict[str, Api]:
        """Path to call."""
        return {
            "externalcontact/add_msg_template": Api("POST", self._add, right="contact"),
            "externalcontact/remind_groupmsg_send": Api("POST", self._remind, right="contact"),
            "externalcontact/get_groupmsg_list_v2": Api("POST", self._list, right="contact"),
            "externalcontact/get_groupmsg_task": Api("POST", self._task, right="contact"),
            "externalcontact/get_groupmsg_send_result": Api("POST", self._result, right="contact"),
        }

    def confirm(self, corp: Corp, person: str, bubble: Bubble, data: str) -> str:
        """The member presses send on a task."""
        if data not in {key.data for row in bubble.keys for key in row} or not data:
            return "已经发送过了"
        self._contacts.confirm(self._contacts.task(data.removeprefix(SEND)), person)
        faces.grey(bubble, "已发送")
        corp.changed()
        return ""

    def _add(self, corp: Corp, ask: Ask) -> Body:
        kind = ask.body.get("chat_type", "single")
        if kind != "single":
            raise RefusedError(40058, "this corp has no customer groups")
        _check_content(ask.body)
        wanted, sender = ask.names("external_userid"), ask.body.get("sender")
        if len(wanted) > CUSTOMERS or (not wanted and not sender):
            raise RefusedError(40058, "external_userid or sender")
        states, failed = self._audience(wanted, sender)
        if not states:
            raise RefusedError(41048)
        content: Body = {name: ask.body[name] for name in ("text", "attachments") if name in ask.body}
        task = Task(corp.name("msgG"), corp.now(), content, kind, states)
        self._contacts.tasks[task.id] = task
        for person in states:
            _show(corp, task, person)
        return {"fail_list": failed, "msgid": task.id}

    def _audience(self, wanted: list[str], sender: object) -> tuple[dict[str, dict[str, int]], list[str]]:
        """Each member's customers of this task, and the ids nobody may write to."""
        states: dict[str, dict[str, int]] = {}
        failed = []
        names = wanted or [one.id for one in self._contacts.of(str(sender))]
        for name in names:
            customer = self._contacts.customers.get(name)
            follows = list(customer.follows) if customer else []
            person = sender if sender in follows else None if sender else next(iter(follows), None)
            if isinstance(person, str):
                states.setdefault(person, {})[name] = UNSENT
            else:
                failed.append(name)
        return states, failed

    def _remind(self, corp: Corp, ask: Ask) -> Body:
        task = self._contacts.task(ask.body.get("msgid"))
        task.reminded = [at for at in task.reminded if at > corp.now() - DAY]
        if len(task.reminded) >= REMINDERS:
            raise RefusedError(41094)
        task.reminded.append(corp.now())
        for person in task.states.keys() - task.sent_at.keys():
            _show(corp, task, person)
        return {}

    def _list(self, _corp: Corp, ask: Ask) -> Body:
        begin, end = ask.body.get("start_time"), ask.body.get("end_time")
        if (
            ask.body.get("chat_type") not in ("single", "group")
            or not isinstance(begin, int)
            or not isinstance(end, int)
        ):
            raise RefusedError(40058)
        kind = ask.body["chat_type"]
        found = [one for one in self._contacts.tasks.values() if begin <= one.at <= end and one.chat_type == kind]
        rows = [
            {"msgid": one.id, "creator": "", "create_time": int(one.at), "create_type": 0, **one.content}
            for one in found
        ]
        return {"next_cursor": "", "group_msg_list": rows}

    def _task(self, _corp: Corp, ask: Ask) -> Body:
        task = self._contacts.task(ask.body.get("msgid"))
        rows = [
            {
                "userid": person,
                "status": TASK_SENT if person in task.sent_at else 0,
                "send_time": task.sent_at.get(person, 0),
            }
            for person in task.states
        ]
        return {"next_cursor": "", "task_list": rows}

    def _result(self, _corp: Corp, ask: Ask) -> Body:
        task = self._contacts.task(ask.body.get("msgid"))
        person = ask.text("userid")
        if person not in task.states:
            raise RefusedError(40003)
        sent_at = task.sent_at.get(person, 0)
        rows = [
            {"external_userid": name, "userid": person, "status": state, "send_time": sent_at if state == 1 else 0}
            for name, state in task.states[person].items()
        ]
        return {"next_cursor": "", "send_list": rows}


def _check_content(body: Body) -> None:
    text = body.get("text") or {}
    if not isinstance(text, dict):
        raise RefusedError(40058, "text must be an object")
    words = text.get("content", "")
    attachments = body.get("attachments") or []
    if not words and not attachments:
        raise RefusedError(44004)
    if len(str(words).encode()) > TEXT:
        raise RefusedError(45002)
    if not isinstance(attachments, list) or len(attachments) > ATTACHMENTS:
        raise RefusedError(45008)


def _show(corp: Corp, task: Task, person: str) -> None:
    corp.open_talk(person, Talk(TALK, "客户联系", group=False))
    words = str((task.content.get("text") or {}).get("content", ""))
    shown = f"群发给 {len(task.states[person])} 位客户：<br>{faces.text_html(words)}"
    name = corp.name("TASK")
    bubble = Bubble(
        name, mine=False, author="群发助手", html=shown, at=corp.now(), keys=[[Key("发送", SEND + task.id)]]
    )
    corp.put(Seen(name, person, TALK, "task", task.content, bubble))
