"""The shop and customer contact side by side: a contact is a customer only where her guide may see that customer."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import typer

from bot.cli.root import given, open_shop
from bot.domain.errors import NotAllowedError, NotFoundError, UnavailableError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.channels.wecom.contacts import Contact, Contacts
    from bot.db.core.engine import Database
    from bot.domain.customers import Sight
    from bot.domain.shop import Staff

T = TypeVar("T")

_OFF = (
    "客户联系没有打开。要用：在 .env 里加一行 ZHANGGUI_WECOM_CONTACTS=on。打开以后，掌柜会从企业微信读员工名下客户的"
    "备注和备注里的手机号，只拿来和她看得到的客户对上号；称呼、常买和标签会写回企业微信。读来的号码和名字不存、不显示。"
)
_NO_APP = "企业微信应用还没有设置：请先填 ZHANGGUI_WECOM_CORP_ID 和 ZHANGGUI_WECOM_SECRET，再运行 zhanggui doctor。"
_NOT_TO_BE_WRITTEN_TO = ("别再联系", "别群发", "别发微信", "只短信")


@dataclass(frozen=True, slots=True)
class Match:
    """A contact of a guide's in WeCom, and the customer she is, where the guide may see her."""

    contact: "Contact"
    sight: "Sight | None"


class Desk:
    """The shop and customer contact, for the time of a command."""

    def __init__(self, database: "Database", contacts: "Contacts") -> None:
        self.database = database
        self.contacts = contacts
        self.now = datetime.now(UTC)

    def guides(self) -> "dict[str, Staff]":
        """Who may have customers in WeCom, by account there: active staff who are bound and may see customers."""
        from bot.db import logins, people

        found = {}
        members = self.contacts.members()
        with self.database.reading() as conn:
            for member in members:
                held = logins.holder(conn, "wecom", member)
                known = people.identify(conn, people.CONSOLE, held[1], people.CONSOLE) if held else None
                if known and known[0].role != "admin":
                    found[member] = known[0]
        return found

    def guide(self, code: str) -> "tuple[str, Staff]":
        """The account and the person of this staff code."""
        from bot.db import people

        with self.database.reading() as conn:
            known = people.identify(conn, people.CONSOLE, code, people.CONSOLE)
            bound = known is not None and "wecom" in people.bindings(conn, known[0].id)
        if known is None:
            raise NotFoundError(f"没有在职员工 {code}。看名单：zhanggui staff list")
        if known[0].role == "admin":
            raise NotAllowedError("管理员账号看不了客户资料，请换成门店员工的员工号。")
        if not bound:
            raise NotFoundError(f"{code} 还没有绑定企业微信：zhanggui staff invite {code}")
        for member, person in self.guides().items():
            if person.id == known[0].id:
                return member, person
        raise NotFoundError(f"{code} 不在客户联系的使用范围里：请到管理后台 → 客户联系，把他加进去。")

    def matches(self, member: str, person: "Staff", command: str) -> list[Match]:
        """Her contacts with whom they are; the look is audited."""
        from bot.db import audit

        kept = list(self.contacts.customers([member]))

        def work(conn: "Connection") -> list[Match]:
            audit.add(conn, at=self.now, person=person, command=command, outcome="ok", about=(), inbox_id=None)
            return [Match(contact, _known(conn, contact, person)) for contact in kept]

        return self.database.transact(work)

    def change(
        self, person: "Staff", command: str, sights: "Iterable[Sight | None]", reason: str, do: "Callable[[], T]"
    ) -> "T":
        """Do something to customers in WeCom: written down before it is done, and again where it failed."""
        from bot.wire import SendError

        about = [sight.customer.id for sight in sights if sight]
        self._note(person, command, about, reason, "ok")
        try:
            return do()
        except SendError:
            self._note(person, command, about, "没有做成", "unavailable")
            raise

    def _note(self, person: "Staff", command: str, about: Sequence[int], reason: str, outcome: str) -> None:
        from bot.db import audit

        self.database.transact(
            lambda conn: audit.add(
                conn,
                at=self.now,
                person=person,
                command=command,
                outcome=outcome,
                about=about,
                inbox_id=None,
                reason=reason,
            )
        )


def _known(conn: "Connection", contact: "Contact", person: "Staff") -> "Sight | None":
    """Whom a contact's numbers belong to among those this person may see; nobody without consent."""
    from bot.db import customers
    from bot.domain import phones

    numbers = filter(None, map(phones.read, contact.phones))
    sights = (customers.by_phone(conn, number.e164, seen_by=person) for number in numbers)
    return next((sight for sight in sights if sight and sight.customer.state == "active"), None)


@contextmanager
def opened(context: typer.Context) -> Iterator[Desk]:
    """Both sides; refuses where it is switched off, and words what WeCom refuses."""
    settings = given(context).settings()
    if not settings.wecom_contacts:
        raise UnavailableError(_OFF)
    if not (settings.wecom_corp_id and settings.wecom_secret):
        raise UnavailableError(_NO_APP)
    from bot.channels.wecom.api import Api
    from bot.channels.wecom.contacts import Contacts
    from bot.wire import SendError

    api = Api(settings.wecom_corp_id, settings.wecom_secret, settings.wecom_api)
    try:
        with open_shop(context) as database:
            yield Desk(database, Contacts(api))
    except SendError as error:
        raise UnavailableError(error.say) from None
    finally:
        api.close()


def willing(desk: Desk, found: Sequence[Match]) -> tuple[int, list[Match]]:
    """How many are left alone, who does not want such messages or waits for an apology; and everybody else."""
    from bot.db import facts, matters

    ready = []
    with desk.database.reading() as conn:
        for one in found:
            if one.sight is None:
                continue
            row_id = one.sight.customer.id
            rules = (fact.value for fact in facts.of_customer(conn, row_id, desk.now) if fact.kind == "contact_rule")
            complained = any(matter.kind == "complaint" for matter in matters.open_of(conn, row_id))
            if not complained and not any(rule in _NOT_TO_BE_WRITTEN_TO for rule in rules):
                ready.append(one)
    return len(found) - len(ready), ready


def listed() -> frozenset[str]:
    """The customers on standard input, a number a line."""
    lines = [] if sys.stdin.isatty() else [line.strip() for line in sys.stdin]
    found = frozenset(filter(None, lines))
    if not found:
        raise UsageError("没有名单：请从标准输入给客户号，一行一个，例：zhanggui wecom tag 老客 --store 001 < 名单.txt")
    return found


def among(matches: Iterable[Match], wanted: frozenset[str]) -> list[Match]:
    """Those on the list; where a shop's customer numbers are phones, a list of phones will do."""
    from bot.domain import phones

    read = {number.e164 for number in map(phones.read, wanted) if number}
    return [
        one
        for one in matches
        if one.sight and (one.sight.customer.customer_no in wanted or one.sight.customer.phone in read)
    ]
