"""Customer contact (客户联系): the customers members keep as contacts in WeCom. Off unless the chain switches it on.

Nothing here writes to a customer: a task put before a member is sent when she presses send, and not before.
All calls wait for the platform; run them in a thread.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.channels.wecom.api import Api
from bot.channels.wecom.faults import WecomError
from bot.channels.wecom.text import shorten, split_bytes

NOBODY = 84061  # what the platform says of a member without customers
MOST_RECEIVERS = 10_000
MOST_TASK_BYTES = 4000
_MOST_REMARK, _MOST_DESCRIPTION, _MOST_TAG = 20, 150, 30
_PAGE = 100
_TASK_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer as one member keeps her; what describes a person stays out of the repr."""

    external_id: str
    member: str
    name: str = field(repr=False)
    remark: str = field(repr=False)
    description: str = field(repr=False)
    phones: tuple[str, ...] = field(repr=False)
    tags: tuple[str, ...]
    added_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the corp's, in its group."""

    id: str
    name: str
    group_id: str
    group: str


@dataclass(frozen=True, slots=True)
class Task:
    """A message put before a member to be sent by her; `refused` are customers who cannot be written to."""

    id: str
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """Whether a member has sent what was put before her."""

    member: str
    sent_at: datetime | None


class Contacts:
    """The calls of customer contact, with the token of an app that may use it."""

    def __init__(self, api: Api) -> None:
        """Take the app listed under 客户联系 → 可调用应用, or an Api with the secret of customer contact."""
        self._api = api

    def members(self) -> tuple[str, ...]:
        """Who may have customers."""
        return tuple(self._api.external_contact.get_follow_user_list().get("follow_user") or ())

    def customers(self, members: Sequence[str]) -> Iterator[Contact]:
        """The customers of these members, one for each member who keeps her."""
        for first in range(0, len(members), _PAGE):
            asked = {"userid_list": list(members[first : first + _PAGE]), "limit": _PAGE}
            for answer in self._pages("externalcontact/batch/get_by_user", asked):
                yield from map(_contact, answer.get("external_contact_list") or ())

    def remark(self, member: str, external_id: str, remark: str, description: str = "") -> None:
        """Set how a member calls her; cut to what the platform keeps, an empty description stays as it was."""
        said = {"remark": shorten(remark, _MOST_REMARK), "description": shorten(description, _MOST_DESCRIPTION)}
        given = {name: text for name, text in said.items() if text}
        if given:
            self._api.ask("externalcontact/remark", {"userid": member, "external_userid": external_id, **given})

    def tags(self) -> tuple[Tag, ...]:
        """The corp's tags."""
        return _tags(self._api.external_contact.get_corp_tag_list().get("tag_group") or ())

    def tag(self, group: str, name: str) -> Tag:
        """The tag of this name, made where there is none."""
        name, group = shorten(name, _MOST_TAG), shorten(group, _MOST_TAG)
        for tag in self.tags():
            if (tag.group, tag.name) == (group, name):
                return tag
        made = self._api.ask("externalcontact/add_corp_tag", {"group_name": group, "tag": [{"name": name}]})
        found = [tag for tag in _tags([made.get("tag_group") or {}]) if tag.name == name]
        if not found:
            raise WecomError("unknown", "企业微信没有说新标签的编号。")
        return found[0]

    def mark(self, member: str, external_id: str, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Put tags on a member's customer and take others off."""
        if add or remove:
            self._api.external_contact.mark_tag(member, external_id, list(add), list(remove))

    def propose(self, member: str, external_ids: Sequence[str], text: str) -> Task:
        """Put a message to these customers before their member; raises WecomError "never" where it does not fit."""
        if not 1 <= len(external_ids) <= MOST_RECEIVERS:
            raise WecomError("never", f"一次群发要有 1 到 {MOST_RECEIVERS} 位客户。")
        if len(split_bytes(text, MOST_TASK_BYTES)) != 1:
            raise WecomError("never", f"群发内容要有字，最多 {MOST_TASK_BYTES} 字节。")
        asked = {
            "chat_type": "single",
            "external_userid": list(external_ids),
            "sender": member,
            "text": {"content": text},
        }
        answer = self._api.external_contact.add_msg_template(asked)
        return Task(str(answer["msgid"]), tuple(answer.get("fail_list") or ()))

    def state(self, task_id: str) -> tuple[Sending, ...]:
        """Who has sent it. A task made just now may not be known yet: "again"."""
        asked = {"msgid": task_id, "limit": _TASK_PAGE}
        pages = self._pages("externalcontact/get_groupmsg_task", asked)
        return tuple(_sending(row) for answer in pages for row in answer.get("task_list") or ())

    def _pages(self, path: str, asked: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        while True:
            try:
                answer = self._api.ask(path, {**asked, "cursor": cursor})
            except WecomError as error:
                if error.code != NOBODY:
                    raise
                return
            yield answer
            before, cursor = cursor, str(answer.get("next_cursor") or "")
            if cursor in {"", before}:
                return


def _contact(row: Mapping[str, Any]) -> Contact:
    person, kept = row["external_contact"], row["follow_info"]
    return Contact(
        external_id=str(person["external_userid"]),
        member=str(kept["userid"]),
        name=str(person.get("name") or ""),
        remark=str(kept.get("remark") or ""),
        description=str(kept.get("description") or ""),
        phones=tuple(kept.get("remark_mobiles") or ()),
        tags=tuple(kept.get("tag_id") or ()),
        added_at=datetime.fromtimestamp(int(kept.get("createtime") or 0), UTC),
        source=str(kept.get("state") or ""),
    )


def _tags(groups: Sequence[Mapping[str, Any]]) -> tuple[Tag, ...]:
    return tuple(
        Tag(str(tag["id"]), str(tag["name"]), str(group["group_id"]), str(group["group_name"]))
        for group in groups
        for tag in group.get("tag") or ()
        if not tag.get("deleted")
    )


def _sending(row: Mapping[str, Any]) -> Sending:
    """Sent is what has a time: the numbers of `status` differ between pages of the documents."""
    seconds = int(row.get("send_time") or 0)
    return Sending(str(row["userid"]), datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None)
