"""Who is due for a call in a store, and why: a function a kind; who may not be called is left out later."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.actions.lists.asking import Asking, ask, of_one
from bot.actions.lists.place import Place
from bot.db.lists import contacts, due
from bot.db.lists.due import Buyer
from bot.db.segments import silence
from bot.domain import rhythm
from bot.domain.lists import ranking
from bot.domain.lists.cooldown import MOST_RETRIES
from bot.domain.lists.kinds import Kind
from bot.domain.lists.ranking import Candidate, Ranked
from bot.domain.lists.values import WORDS
from bot.domain.segments import layering
from bot.domain.segments.labels import LAYERS as LAYERS_SAID
from bot.domain.segments.rules import Rules

AWAY = ("leaving", "lost_big", "slowing", "asleep")
LAYERS: dict[Kind, tuple[str, ...]] = {"recall": AWAY, "leaving": ("leaving",), "upgrade": ("potential",)}
_RETRY_DAYS = 2
_FIRST = 1_000.0  # before whatever ranking gives


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody who is due. `reason` stands on her line, `evidence` is told on 为什么; higher scores come first.

    `care`: no offer with it. `what` and `day` are named in the words; `said` are words of their own. `layer` decides
    her play; `for_staff`: who began it. `last_on`: her last purchase, where it is for her absence that she is called.
    """

    customer_id: int
    kind: Kind
    score: float
    reason: str
    evidence: tuple[str, ...] = ()
    care: bool = False
    layer: str = ""
    what: str = ""
    day: str = ""
    said: tuple[str, ...] = ()
    for_staff: int | None = None
    last_on: date | None = None


Page = Asking[Iterable[Due]]
"""Some of those who are due, read when their turn comes: who is not wanted any more is never read."""


def page(dues: Iterable[Due]) -> Page:
    """Those who are known already."""
    yield from ()
    return dues


def away(place: Place, kind: Kind) -> Iterator[Page]:
    """Those of the layers of a kind, who to call first at the top; of recalls only who is beyond her rhythm.

    A page a layer: no layer's last comes after the next one's first.
    """
    if place.silent:
        return
    if place.chain.settings.segments_on is None:
        yield _unlabelled(place, kind)
        return
    for layer in sorted(LAYERS[kind], key=lambda one: -ranking.WORTH[one]):
        yield _of_layer(place, kind, layer)


def _of_layer(place: Place, kind: Kind, layer: str) -> Page:
    buyers = yield from of_one(due.of_layer, place.store.id, layer)
    return _ranked(place, kind, buyers or ())


def _unlabelled(place: Place, kind: Kind) -> Page:
    """Of a chain that no refresh has seen."""
    of_store = place.chain.rules.of(place.store.id)
    quiet = silence.silent_ordinals(place.conn, place.store.id, place.today)
    buyers = yield from of_one(due.everyone, place.store.id)
    found = (_labelled(place, one, of_store, quiet) for one in buyers or ())
    return _ranked(place, kind, [one for one in found if one.layer in LAYERS[kind]])


def _ranked(place: Place, kind: Kind, buyers: Iterable[Buyer]) -> Iterator[Due]:
    today, usual = place.today.toordinal(), place.usual_days
    ranked = ranking.rank([_candidate(one, today, usual) for one in buyers], usual)
    return (_away(one, kind, place.today) for one in ranked if kind == "upgrade" or one.score >= 1)


def _away(ranked: Ranked, kind: Kind, today: date) -> Due:
    one = ranked.candidate
    usual = f"平时{one.typical_gap_days}天来一次" if one.purchase_days > 2 else f"来过{one.purchase_days}次"
    late = one.since_days or 0
    since = f"已{late}天没来" if late > one.typical_gap_days else f"{late}天前来过"
    last = today - timedelta(days=late)
    return Due(
        one.customer_id,
        kind,
        ranked.score,
        f"{usual}，{_missing(one)}" if kind == "upgrade" else f"{usual}，{since}",
        ranking.dated(ranked, today),
        layer=one.layer,
        last_on=None if kind == "upgrade" else last,
    )


def _missing(one: Candidate) -> str:
    """What a customer who comes in her rhythm lacks for the best layer."""
    low = [what for what, fifth in (("花得再多些", one.m), ("来得再勤些", one.f)) if fifth < layering.HIGH]
    goal = f"到第{layering.HIGH}档就是{LAYERS_SAID['loyal']}"
    return f"消费第{one.m}档、来得第{one.f}档（共5档），{'、'.join(low)}，{'都' if len(low) > 1 else ''}{goal}"


def _labelled(place: Place, one: Buyer, of_store: Rules, quiet: Sequence[int]) -> Buyer:
    """A buyer whom no refresh has seen, by the fixed borders of the rules."""
    silent = sum(day > one.last_on for day in quiet)
    stage = rhythm.rhythm(
        one.purchase_days,
        date.fromordinal(one.first_on),
        date.fromordinal(one.last_on),
        one.gap_sum_days,
        one.gap_square_sum,
        place.today,
        usual_days=of_store.usual_days,
        silent_days=silent,
        new_days=of_store.new_days,
        asleep_days=of_store.asleep_days,
    ).stage
    cuts = layering.fixed(of_store)
    f = 1 + sum(one.purchase_days >= least for least in cuts.f)
    m = 1 + sum(one.spent_fen >= least for least in cuts.m)
    numbers = (one.purchase_days, one.first_on, one.last_on, one.gap_sum_days, one.gap_square_sum, one.spent_fen)
    return Buyer(one.id, *numbers, layering.layer(stage, f, m), f, m)


def _candidate(one: Buyer, today: int, usual_days: int) -> Candidate:
    row_id, times, _, last_on, gap_sum_days, _, spent_fen, layer, f, m = one
    typical, since = rhythm.typical_gap(times, gap_sum_days, usual_days), today - last_on
    return Candidate(row_id, layer, times, typical, max(0, since), spent_fen, f, m)


def retries(place: Place) -> Page:
    """Calls that were not answered, or put off until today: they go back to whoever made them."""
    start = place.start(place.today - timedelta(days=_RETRY_DAYS))
    found = yield from of_one(contacts.again, place.store.id, start, place.start(place.today + timedelta(days=1)))
    history = yield from ask(contacts.of, {one.customer_id for one in found or ()})
    dues = []
    for one in found or ():
        hers = history[one.customer_id]
        if hers[-1].id != one.id or one.again_at is None:
            continue
        tried = unanswered(hers)
        on = one.at.astimezone(place.zone)
        times = f"，第{tried}次没接" if one.outcome == "no_answer" and tried > 1 else ""
        at = one.again_at.astimezone(place.zone)
        when = f"{at.hour}点再打" if at.date() == place.today else "今天再打"
        evidence = (f"{on:%m-%d} {on.hour}:{on.minute:02} {WORDS[one.outcome]}{times}，最多再试{MOST_RETRIES}次",)
        reason = f"{on:%m-%d}{WORDS[one.outcome]}，{when}"
        dues.append(Due(one.customer_id, "recall", _FIRST, reason, evidence, for_staff=one.staff_id))
    return dues


def unanswered(hers: Sequence[contacts.Contact]) -> int:
    """How many of her newest contacts in a row were calls not answered."""
    count = 0
    for one in reversed(hers):
        if one.outcome == "no_answer":
            count += 1
        elif one.outcome not in ("later", "hand_over"):
            break
    return count
