"""Customers and their tags, as 客户联系 lets an app read and mark them."""

import re
from dataclasses import asdict

from bot.sandbox.wecom.api import Api, Ask
from bot.sandbox.wecom.contacts import Contacts, Customer, Follow, Tag
from bot.sandbox.wecom.corp import Corp
from bot.sandbox.wecom.refusals import Body, RefusedError

REMARKS = {"remark": 20, "description": 150, "remark_company": 20}
USERS, PAGE, TAG_NAME = 100, 100, 30


class Customers:
    """The calls that read and mark."""

    def __init__(self, contacts: Contacts) -> None:
        """They share the contacts with the tasks and the phones."""
        self._contacts = contacts

    @property
    def calls(self) -> dict[str, Api]:
        """Path to call."""
        return {
            "externalcontact/get_follow_user_list": Api("GET", self._followers, right="contact"),
            "externalcontact/list": Api("GET", self._list, right="contact"),
            "externalcontact/get": Api("GET", self._get, right="contact"),
            "externalcontact/batch/get_by_user": Api("POST", self._batch, right="contact"),
            "externalcontact/remark": Api("POST", self._remark, right="contact"),
            "externalcontact/get_corp_tag_list": Api("POST", self._tags, right="contact"),
            "externalcontact/add_corp_tag": Api("POST", self._add_tag, right="contact"),
            "externalcontact/mark_tag": Api("POST", self._mark, right="contact"),
            "externalcontact/send_welcome_msg": Api("POST", self._welcome, right="contact"),
        }

    def _followers(self, corp: Corp, _ask: Ask) -> Body:
        return {"follow_user": [person for person in corp.people if person not in corp.invisible]}

    def _list(self, _corp: Corp, ask: Ask) -> Body:
        found = self._contacts.of(ask.query.get("userid", ""))
        if not found:
            raise RefusedError(84061)
        return {"external_userid": [customer.id for customer in found]}

    def _get(self, _corp: Corp, ask: Ask) -> Body:
        customer = self._contacts.customer(ask.query.get("external_userid"))
        follows = [self._follow(follow) for follow in customer.follows.values()]
        return {"external_contact": customer.shown, "follow_user": follows}

    def _follow(self, follow: Follow) -> Body:
        tags = [self._contacts.tags[name] for name in follow.tags]
        named = [{"group_name": one.group_name, "tag_name": one.name, "tag_id": one.id, "type": 1} for one in tags]
        return {**asdict(follow), "oper_userid": follow.userid, "tags": named}

    def _batch(self, _corp: Corp, ask: Ask) -> Body:
        users = ask.names("userid_list")
        limit = ask.number("limit", 50)
        cursor = str(ask.body.get("cursor") or "0")
        if not 1 <= len(users) <= USERS or not 1 <= limit <= PAGE or not re.fullmatch("[0-9]{1,9}", cursor):
            raise RefusedError(40058)
        pairs = [(one, one.follows[user]) for user in users for one in self._contacts.of(user)]
        begin = int(cursor)
        rows = [self._pair(customer, follow) for customer, follow in pairs[begin : begin + limit]]
        more = str(begin + limit) if begin + limit < len(pairs) else ""
        return {"external_contact_list": rows, "next_cursor": more}

    def _pair(self, customer: Customer, follow: Follow) -> Body:
        info = {name: value for name, value in asdict(follow).items() if name != "tags"}
        info |= {"oper_userid": follow.userid, "tag_id": list(follow.tags)}
        return {"external_contact": customer.shown, "follow_info": info}

    def _remark(self, _corp: Corp, ask: Ask) -> Body:
        follow = self._contacts.follow(ask.body.get("userid"), ask.body.get("external_userid"))
        given = {name: ask.body[name] for name in REMARKS if name in ask.body}
        if any(not isinstance(value, str) or len(value) > REMARKS[name] for name, value in given.items()):
            raise RefusedError(40058)
        if not given and "remark_mobiles" not in ask.body:
            raise RefusedError(40058, "nothing to set")
        follow.remark = given.get("remark", follow.remark)
        follow.description = given.get("description", follow.description)
        follow.remark_corp_name = given.get("remark_company", follow.remark_corp_name)
        if "remark_mobiles" in ask.body:
            follow.remark_mobiles = [one for one in ask.names("remark_mobiles") if one]
        return {}

    def _tags(self, _corp: Corp, ask: Ask) -> Body:
        wanted, groups = ask.names("tag_id"), ask.names("group_id")
        found = [
            tag
            for tag in self._contacts.tags.values()
            if (not wanted and not groups) or tag.id in wanted or tag.group in groups
        ]
        return {"tag_group": [_group(group, found) for group in dict.fromkeys(tag.group for tag in found)]}

    def _add_tag(self, corp: Corp, ask: Ask) -> Body:
        rows = ask.body.get("tag")
        names = [row.get("name") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        if not names or not all(isinstance(name, str) and 0 < len(name) <= TAG_NAME for name in names):
            raise RefusedError(40058, "tag")
        group, title = self._tag_group(corp, ask)
        held = {tag.name for tag in self._contacts.tags.values() if tag.group == group}
        if held & set(names) or len(set(names)) < len(names):
            raise RefusedError(40071)
        added = [Tag(corp.name("et"), str(name), group, title, int(corp.now())) for name in names]
        self._contacts.tags.update({tag.id: tag for tag in added})
        return {"tag_group": _group(group, added)}

    def _tag_group(self, corp: Corp, ask: Ask) -> tuple[str, str]:
        known = {tag.group: tag.group_name for tag in self._contacts.tags.values()}
        group, title = ask.body.get("group_id"), ask.body.get("group_name")
        if isinstance(group, str) and group:
            if group not in known:
                raise RefusedError(40068)
            return group, known[group]
        if not isinstance(title, str) or not 0 < len(title) <= TAG_NAME:
            raise RefusedError(40058, "group_name")
        named = {name: held for held, name in known.items()}
        return named.get(title) or corp.name("eg"), title

    def _mark(self, _corp: Corp, ask: Ask) -> Body:
        follow = self._contacts.follow(ask.body.get("userid"), ask.body.get("external_userid"))
        added, removed = ask.names("add_tag"), ask.names("remove_tag")
        if not added and not removed:
            raise RefusedError(40058, "add_tag or remove_tag")
        for name in (*added, *removed):
            self._contacts.tag(name)
        follow.tags = [name for name in dict.fromkeys([*follow.tags, *added]) if name not in removed]
        return {}

    def _welcome(self, corp: Corp, ask: Ask) -> Body:
        welcome = self._contacts.welcomes.get(ask.text("welcome_code"))
        if welcome is None or corp.now() > welcome.until:
            raise RefusedError(41051)
        if welcome.used:
            raise RefusedError(41050)
        if not ask.body.get("text") and not ask.body.get("attachments"):
            raise RefusedError(44004)
        welcome.used = True
        content: Body = {name: ask.body[name] for name in ("text", "attachments") if name in ask.body}
        self._contacts.customer(welcome.customer).got.append((corp.now(), content))
        return {}


def _group(group: str, tags: list[Tag]) -> Body:
    inside = [tag for tag in tags if tag.group == group]
    rows = [{"id": tag.id, "name": tag.name, "create_time": tag.at, "order": 0, "deleted": False} for tag in inside]
    head = {"group_id": group, "group_name": inside[0].group_name, "create_time": inside[0].at, "order": 0}
    return {**head, "deleted": False, "tag": rows}
