"""Everything said on Telegram, beside everything that the database holds of customers: to find one in the other."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from bot.chat import Incoming, Outcome, Reply
from bot.db import decisions, people
from bot.db.core.engine import Database, keys_of
from bot.db.tables import complaints, customer_phones, customers, facts, followups
from bot.dispatch import Dispatcher
from bot.domain.language import read
from tests.support.cast import CAST, TELEGRAM, bind_telegram
from tests.support.dialogue import CODE

_SAID_ABOUT_ANYBODY = {"source", "referrer"}  # 路过, 介绍: words of our own lists


def decide(database: Database, now: datetime, *, allowed: bool) -> None:
    """Head office's decision."""

    def work(conn: Connection) -> None:
        head = people.staff_id_of(conn, CAST["总部"].code)
        decisions.decide(conn, decisions.TELEGRAM, allowed=allowed, staff_id=head or 0, now=now)

    database.transact(work)


class Abroad(Dispatcher):
    """A dispatcher to whom everybody speaks on Telegram; keeps what was answered and what nobody there may read."""

    def __init__(self, database: Database, inner: Dispatcher, now: datetime) -> None:
        """Take the dispatcher to ask, and let the cast speak on Telegram."""
        self._database, self._inner = database, inner
        self.answers: list[str] = []
        self.identities: set[str] = set()
        self.notes: set[str] = set()
        database.transact(lambda conn: bind_telegram(conn, now))
        self._look()

    def handle(self, message: Incoming, row_id: int | None = None) -> Outcome:
        there = replace(message, address=replace(message.address, channel=TELEGRAM))
        self.notes |= {one.value for one in read(message.text, in_context=True).facts if _is_hers(one.kind)}
        outcome = self._inner.handle(there, row_id)
        self.answers += [CODE.sub("", text) for text in parts(outcome.reply)]  # its digits are drawn by chance
        self._look()
        return outcome

    def _look(self) -> None:
        with self._database.reading() as conn:
            self.identities |= set(_identities(conn))
            self.notes |= set(_notes(conn))


def parts(reply: Reply) -> list[str]:
    """Every text of an answer that leaves the house."""
    inner = parts(reply.private) if reply.private else []
    return [reply.text, *(choice.label for choice in reply.choices), *inner]


def _is_hers(kind: str) -> bool:
    return kind not in _SAID_ABOUT_ANYBODY


def _identities(conn: Connection) -> Iterator[str]:
    """Full names and numbers."""
    open_ = keys_of(conn).unseal
    for row in conn.execute(select(customers)):
        yield open_("customers.name", row.id, row.name)
        yield open_("customers.phone", row.id, row.phone).removeprefix("+86")
    for row in conn.execute(select(customer_phones)):
        yield open_("customer_phones.phone", row.id, row.phone).removeprefix("+86")


def _notes(conn: Connection) -> Iterator[str]:
    """Whatever anybody noted: facts, complaints, promises, how somebody is remembered, birthdays."""
    keys = keys_of(conn)
    for row in conn.execute(select(facts)):
        said = keys.unseal_json("facts.content", row.id, row.content)
        if _is_hers(said["kind"]):
            yield said["value"]
    for row in conn.execute(select(complaints)):
        said = keys.unseal_json("complaints.content", row.id, row.content)
        yield from (said["text"], *said.get("facets", ()))
        if row.resolution:
            yield keys.unseal_json("complaints.resolution", row.id, row.resolution)["how"]
    for row in conn.execute(select(followups)):
        yield keys.unseal_json("followups.content", row.id, row.content)["text"]
    for row in conn.execute(select(customers)):
        for name in ("alias", "birthday", "email", "address"):
            yield keys.unseal(f"customers.{name}", row.id, getattr(row, name))


def without(texts: list[str], known_to_all: list[str]) -> list[str]:
    """The texts without what anybody may read: products, examples, help."""
    ours = sorted(filter(None, known_to_all), key=len, reverse=True)
    return [re.sub("|".join(map(re.escape, ours)), "□", text) for text in texts]


def found(secrets: set[str], texts: list[str]) -> dict[str, str]:
    """Which secrets stand in which text."""
    wanted = [secret for secret in secrets if len(secret) > 1 or re.fullmatch("[一-鿿]", secret)]
    return {secret: text for secret in wanted for text in texts if secret in text}
