"""Who of those that are due is listed, and for whom: caps, rests, her own wish, complaints and the hold-out decide."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from bot.actions.gate import not_wanted
from bot.actions.lists.asking import Asking, ask
from bot.actions.lists.candidates import Due, Page
from bot.actions.lists.place import Place
from bot.db.board.proposals import out_of_lists
from bot.db.lists import known
from bot.db.lists.known import Known
from bot.db.lists.lists import Why
from bot.db.lists.trials import Entry
from bot.domain.lists import cooldown, holdout
from bot.domain.lists.cooldown import Caps, Contact
from bot.domain.lists.kinds import Kind

NEVER = "别再联系"
BARRED = "⛔她说过别再联系，别打"
GREETINGS = ("birthday", "anniversary", "care")
"""What she is wished whether or not she may be sold anything."""
CLEANED = "两年没来，清理时移出了名单，再来买就恢复"
_FULL = "今天的名额满了，明天再排"
_WANTED: tuple[Kind, ...] = ("arrived",)
"""A call she asked for is no campaign: the hold-out has it too."""
_SPARE = 40
_APOLOGISE = "客诉没结，先道歉"
_MOST_LOOKED_AT = 400
CAPS = Caps()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Somebody who is listed, for whom (None: whoever claims her), with what is known of her."""

    due: Due
    staff_id: int | None
    known: Known


@dataclass(slots=True)
class Choice:
    """Those who were chosen, and those who were not, each with the reason why.

    `held`: who would have been chosen, and is of the hold-out.
    """

    taken: list[Chosen] = field(default_factory=list)
    left: list[tuple[Due, str]] = field(default_factory=list)
    held: list[Due] = field(default_factory=list)

    def entries(self) -> list[Entry]:
        """Whoever is due for staying away, as the draw found her."""
        drawn = [(one.due, True) for one in self.taken] + [(due, False) for due in self.held]
        return [Entry(due.customer_id, due.last_on, listed) for due, listed in drawn if due.last_on]


def refusal(place: Place, due: Due, hers: Known) -> str:
    """Why she is not listed; empty where she may be."""
    if any(fact.kind == "contact_rule" and fact.state == "live" and NEVER in fact.value for fact in hers.facts):
        return "她说过别再联系"
    if hers.contact_refused:
        return "她不同意联系"
    if hers.complains and due.kind not in GREETINGS:
        return "客诉没结，先不推活动"
    history = [Contact(one.at.astimezone(place.zone).date(), one.outcome) for one in hers.contacts]
    verdict = cooldown.may_contact(history, place.today, CAPS)
    if not verdict.allowed:
        return verdict.why
    return "还在休息期" if rests(place, hers) else ""


def is_held_out(place: Place, due: Due) -> bool:
    """Whether she is left out, so that the effect of lists can be measured; nobody who calls is told so."""
    salt = place.chain.settings.salt
    return bool(salt) and due.kind not in _WANTED and holdout.held_out(due.customer_id, salt.encode())


def rests(place: Place, hers: Known) -> bool:
    """Whether the last thing that was done with her is to be left alone for now."""
    newest = hers.contacts[-1] if hers.contacts else None
    return (
        newest is not None
        and newest.again_at is not None
        and newest.again_at.astimezone(place.zone).date() > place.today
    )


def gently(due: Due, hers: Known) -> Due:
    """The same with no offer, where she wants none or waits for an apology."""
    if hers.complains and not due.care:
        return replace(due, care=True, reason=f"{due.reason}，{_APOLOGISE}")
    if declines(hers):
        return replace(due, care=True, reason=f"{due.reason}，她不要券，只问候")
    return due


def declines(hers: Known) -> bool:
    """Whether she wants no offers."""
    return any(fact.kind == "contact_rule" and not_wanted(fact.value) for fact in hers.facts)


def still_so(why: Why, hers: Known) -> Why:
    """Why somebody stands in a list, as it is now: what she said, or complained of, since it was made comes first."""
    if any(fact.kind == "contact_rule" and NEVER in fact.value and fact.state == "live" for fact in hers.facts):
        return replace(why, reason=BARRED, offer="", words="")
    if hers.complains and _APOLOGISE not in why.reason:
        return replace(why, reason=f"{why.reason}，{_APOLOGISE}", offer="", words="")
    return why


Owner = Callable[[int | None], int | None]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What decides of somebody who is due; `guide`: her guide, and whether she can be called."""

    known: Known
    guide: tuple[int | None, bool] | None
    cleaned: bool


def _seen(conn: Connection, customer_ids: Sequence[int], now: datetime) -> dict[int, _Seen]:
    hers, guides = known.of(conn, customer_ids, now), known.guides(conn, customer_ids)
    gone = out_of_lists(conn, customer_ids)
    return {one: _Seen(hers[one], guides.get(one), one in gone) for one in customer_ids}


class Picking:
    """Takes customers one kind after the other, each customer once, as long as somebody has room for her."""

    def __init__(self, place: Place, owner: Owner, without: Iterable[int] = (), *, spare: int = _SPARE) -> None:
        """Take who a customer of a guide goes to (None: the pool); `without` are listed already.

        `spare` is how many more are looked at than there is room for.
        """
        self._place, self._owner, self._spare = place, owner, spare
        self.seen = set(without)
        self.choice = Choice()

    def take(self, pages: Iterable[Page], rooms: dict[int | None, int]) -> Asking[None]:
        """List those who are due, the first ones first; `rooms` is how many more each person (None: the pool) takes."""
        looked = 0
        for page in pages:
            if not any(rooms.values()):
                return
            rest = iter((yield from page))
            while (left := sum(rooms.values())) and looked < _MOST_LOOKED_AT:
                some = list(islice(rest, left + self._spare))
                if not some:
                    break
                looked += len(some)
                yield from self._look(some, rooms)

    def _look(self, some: Iterable[Due], rooms: dict[int | None, int]) -> Asking[None]:
        fresh = list(self._fresh(some))
        found = yield from ask(_seen, [due.customer_id for due in fresh], self._place.now)
        for due in fresh:
            self._one(due, found[due.customer_id], rooms)

    def _fresh(self, some: Iterable[Due]) -> Iterator[Due]:
        for due in some:
            if due.customer_id not in self.seen:
                self.seen.add(due.customer_id)
                yield due

    def _one(self, due: Due, her: _Seen, rooms: dict[int | None, int]) -> None:
        if her.guide is None or (due.layer and not her.guide[1]):
            return
        why = CLEANED if her.cleaned else refusal(self._place, due, her.known)
        if why:
            self.choice.left.append((due, why))
            return
        staff_id = due.for_staff if due.for_staff and due.for_staff in rooms else self._owner(her.guide[0])
        if not rooms.get(staff_id):
            self.choice.left.append((due, _FULL))
            self.seen.discard(due.customer_id)
            return
        if is_held_out(self._place, due):  # the last: nothing else keeps her out
            self.choice.held.append(due)
            return
        rooms[staff_id] -= 1
        self.choice.taken.append(Chosen(gently(due, her.known), staff_id, her.known))
