"""Finding the customer a guide means: reads may guess and show the likeliest, writes never guess.

Everything is asked of bot.db with the name of who looks: somebody of another store and nobody at all are alike.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.actions import hinted
from bot.actions.hinted import Asker
from bot.db import customers, search
from bot.domain import names, phones
from bot.domain.customers import Sight
from bot.domain.errors import NotFoundError, UsageError
from bot.domain.hints import ranking
from bot.domain.language.values import Mention
from bot.domain.names.keys import EXACT, TITLE, understand
from bot.domain.shop import Staff
from bot.domain.text import normal

_PRONOUN = re.compile(r"(?:刚才|刚刚)?(?:她|他|它|ta|这[位个人]|这[位个]?(?:客人|客户|顾客|姐姐?|大?哥))(?:本人|自己)?")
_NUMBER = re.compile(r"(?:客户|会员)?号\s*[:：]?\s*([0-9A-Za-z_-]{1,40})|(\d{1,3}|\d{5,10}|\d{12,40})")
_WHOM = "说的是哪位？请先查一下她，或写上手机号、后四位。"


class Ambiguous(Exception):  # noqa: N818 — a question, not an error: the caller asks which one
    """A write fits more than one customer, or one only by guessing; the likeliest first, never empty."""

    def __init__(self, candidates: Sequence[Sight]) -> None:
        super().__init__(f"{len(candidates)} candidates")
        self.candidates = list(candidates)


@dataclass(frozen=True, slots=True)
class _Found:
    """Who may be meant, likeliest first; `sure` where words like these can mean only the one who was found."""

    sights: list[Sight]
    sure: bool = False


def find(conn: Connection, mention: Mention, *, staff: Staff, now: datetime, focus: int | None) -> list[Sight]:
    """Everyone the words may mean in this person's scope, likeliest first (30 at most); nobody named is the focus."""
    return _found(Asker(conn, staff, now, focus), mention).sights


def resolve_for_write(conn: Connection, mention: Mention, *, staff: Staff, now: datetime, focus: int | None) -> Sight:
    """The one customer the words can mean.

    Certain are a full number, the only one of the store with these last four digits, a customer number, the only
    one of a full name, the only 王 whom 王姐 fits, and the focus where a pronoun or nothing names her. Raises
    Ambiguous where they fit several or somebody only by guessing, NotFoundError where they fit nobody.
    """
    asker = Asker(conn, staff, now, focus)
    if focus is None and _is_focus(mention):
        raise UsageError(_WHOM)
    found = _found(asker, mention)
    if not found.sights:
        raise NotFoundError
    if found.sure and len(found.sights) == 1:
        return found.sights[0]
    raise Ambiguous(found.sights)


def _is_focus(mention: Mention) -> bool:
    words = normal(mention.name or mention.hint or "").lower()
    return not (mention.phone or mention.last4) and (not words or _PRONOUN.fullmatch(words) is not None)


def _found(asker: Asker, mention: Mention) -> _Found:
    if mention.phone:
        return _by_phone(asker, mention.phone)
    if mention.last4:
        return _by_last4(asker, mention.last4, mention.name)
    if _is_focus(mention):
        return _Found(_in_focus(asker), sure=True)
    words = normal(mention.name or mention.hint or "")
    if number := _NUMBER.fullmatch(words):
        return _by_number(asker, number[1] or number[2])
    return _by_words(asker, mention)


def _by_words(asker: Asker, mention: Mention) -> _Found:
    """A name, a hint or both; what fits nobody as the one may fit as the other."""
    if not mention.name:
        hint = mention.hint or ""
        found = hinted.by_hint(asker, hint)
        return _Found(found if found or len(hint) > hinted.LONGEST_NAME else _by_name(asker, hint).sights)
    named = _by_name(asker, mention.name)
    if not named.sights:
        return _Found(hinted.by_hint(asker, f"{mention.name} {mention.hint or ''}"))
    return _Found(hinted.told_apart(asker, named.sights, mention.hint), named.sure) if mention.hint else named


def _in_focus(asker: Asker) -> list[Sight]:
    sight = customers.by_id(asker.conn, asker.focus, seen_by=asker.staff) if asker.focus else None
    return [sight] if sight else []


def _by_phone(asker: Asker, said: str) -> _Found:
    """A number of hers now, else one she had before; the latter is only a guess, numbers are given to others."""
    phone = phones.read(said)
    if phone is None:
        return _Found([])
    sight = customers.by_phone(asker.conn, phone.e164, seen_by=asker.staff)
    if sight:
        return _Found([sight], sure=True)
    return _Found(search.by_former_phone(asker.conn, phone.e164, seen_by=asker.staff))


def _by_last4(asker: Asker, last4: str, name: str | None) -> _Found:
    """All of the store with these digits; a name said with them must fit, or both readings are shown."""
    search.home(asker.staff)
    found = ranking.nearest(customers.by_last4(asker.conn, last4, seen_by=asker.staff))
    if not name:
        return _Found(found, sure=True)
    agreeing = [sight for sight in found if _fits(name, customers.whole(asker.conn, sight))] or [
        sight for sight in found if not sight.customer.name
    ]
    if agreeing:
        return _Found(agreeing, sure=True)
    known = {sight.customer.id for sight in found}
    return _Found(found + [s for s in _by_name(asker, name).sights if s.customer.id not in known])


def _fits(name: str, sight: Sight) -> bool:
    known = (text for text in (sight.customer.name, sight.customer.alias) if text)
    return any(names.matches(name, names.keys(text, sight.customer.gender)) is not None for text in known)


def _by_number(asker: Asker, number: str) -> _Found:
    """A customer number, else the first seven digits where the chain keeps an index of them."""
    sight = customers.by_number(asker.conn, number, seen_by=asker.staff)
    if sight:
        return _Found([sight], sure=True)
    if asker.staff.first7 and len(number) == 7 and asker.staff.store_id:
        return _Found(ranking.nearest(customers.by_first7(asker.conn, number, seen_by=asker.staff)))
    return _Found([])


def _by_name(asker: Asker, name: str) -> _Found:
    """A name in any spelling; the one spoken of before comes first among equals."""
    found = search.matching(asker.conn, name, seen_by=asker.staff)
    ranked = sorted(found, key=lambda match: (match.rank, match.sight.customer.id != asker.focus))
    called = bool(understand(name).called)
    sure = len(found) == 1 and found[0].rank <= (TITLE if called else EXACT)
    return _Found([match.sight for match in ranked], sure)
