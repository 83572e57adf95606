"""Whom to call first: by layer, then by how far she is beyond her own rhythm; a rule of thumb that says so.

Layers come strictly in the order of WORTH; within one, the urgency times her fifths decides, then what she spent, then
the id. Whoever is still within her rhythm comes after all who are not. `rank` is what a model takes the place of: it
gets candidates and gives each with a score and the evidence in words.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from bot.domain.segments.labels import LAYERS
from bot.domain.words import money

WORTH: dict[str, int] = {
    layer: 20 * place
    for place, layer in enumerate(
        ("never", "new", "asleep", "ordinary", "slowing", "potential", "loyal", "lost_big", "leaving")
    )
}
"""Steps of 20: more than urgency (at most 1) times two fifths (at most 10) can make up for."""
RULE = "按经验规则排：先看价值，再看比平时晚了多少"
_STORE_GAPS = 2
"""How many gaps of her own the store's usual one weighs as much as."""
_MOST_URGENT, _LEAST_URGENT = 3.0, 0.3
_DIGITS = 6


class Candidate(NamedTuple):
    """What the order rests on; `typical_gap_days` from her rhythm, `since_days` None where she never bought."""

    customer_id: int
    layer: str
    purchase_days: int
    typical_gap_days: int
    since_days: int | None
    spent_fen: int
    f: int
    m: int


class Ranked(NamedTuple):
    """A candidate with her score, the highest first; `gap_days` is her gap drawn towards the store's."""

    candidate: Candidate
    score: float
    gap_days: float

    @property
    def evidence(self) -> tuple[str, ...]:
        """Why, in words of the trade."""
        since = self.candidate.since_days
        return _evidence(self.candidate, self.gap_days, None if since is None else since / self.gap_days)


def rank(candidates: Iterable[Candidate], store_gap_days: int) -> list[Ranked]:
    """The candidates in the order in which they are to be called; `store_gap_days` is the store's usual gap."""
    ranked = [_ranked(one, gap_days(one, store_gap_days)) for one in candidates]
    return sorted(ranked, key=lambda one: (-one[1], -one[0].spent_fen, one[0].customer_id))


def gap_days(one: Candidate, store_gap_days: int) -> float:
    """Her gap drawn towards the store's: the fewer visits, the nearer; at least a day."""
    own = one.purchase_days - 1 if one.purchase_days else 0
    gap = (own * one.typical_gap_days + _STORE_GAPS * store_gap_days) / (own + _STORE_GAPS)
    return gap if gap > 1 else 1.0


def dated(ranked: Ranked, today: date) -> tuple[str, ...]:
    """The evidence with the day she was last here, before the rule."""
    since = ranked.candidate.since_days
    *evidence, rule = ranked.evidence
    if since is None:
        return (*evidence, rule)
    last = today - timedelta(days=since)
    said = f"上次来是{last:%m-%d}" if last.year == today.year else f"上次来是{last}"
    return (*evidence, said, rule)


def _ranked(one: Candidate, gap: float) -> Ranked:
    _, layer, _, _, since_days, _, f, m = one
    worth = WORTH[layer]
    if since_days is None:
        score = worth / 100
    elif (stretch := since_days / gap) < 1:
        score = (worth + 10 * stretch) / 1000
    else:
        score = 1 + worth + _urgency(stretch) * (f + m)
    return Ranked(one, round(score, _DIGITS), gap)


def _urgency(stretch: float) -> float:
    """Rises until she is away for three gaps, then falls slowly: who is gone for long is harder to win back."""
    if stretch <= _MOST_URGENT:
        return stretch / _MOST_URGENT
    return max(_MOST_URGENT / stretch, _LEAST_URGENT)


def _evidence(one: Candidate, gap: float, stretch: float | None) -> tuple[str, ...]:
    layer = LAYERS[one.layer]
    if stretch is None or one.since_days is None:
        return (layer, RULE)
    place = f"{layer}：消费第{one.m}档、频次第{one.f}档（5档最高），共花了{money(max(one.spent_fen, 0))}"
    usual = f"平时{one.typical_gap_days}天来一次" if one.purchase_days > 2 else f"来过{one.purchase_days}次"
    if stretch < 1:
        return (place, f"{usual}，{one.since_days}天没来，还在节奏里", RULE)
    measured = f"按她和本店的节奏约{round(gap)}天一次，已到{stretch:.1f}倍"
    return (place, f"{usual}，已{one.since_days}天没来；{measured}", RULE)
