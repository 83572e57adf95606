"""A customer's own rhythm, from running statistics: how often she comes, how long she is away, her stage.

Stages; days on which the till was silent do not count as away. The 30 and the 60 days are settings of the rules
(bot/domain/segments); all borders are worked out in integers, so that whoever computes them comes to the same:

* `never` 还没买过: no purchase at all, which is not the same as having stopped.
* `new` 新客: first purchase at most 30 days ago; or one purchase day only, at most 1.5 usual gaps ago.
* `regular` 常客: away for at most 1.5 of her gaps and one standard deviation, or a week.
* `asleep` 沉睡: away for 60 days or more, and longer than both three of her gaps and the border of `regular`.
* `slowing` 变慢: everything between.
"""

from dataclasses import dataclass
from datetime import date
from math import isqrt, sqrt
from typing import Literal, NamedTuple

from bot.domain.words import ago

Stage = Literal["new", "regular", "slowing", "asleep", "never"]
STAGES: dict[str, str] = {
    "new": "新客",
    "regular": "常客",
    "slowing": "变慢",
    "asleep": "沉睡",
    "never": "还没买过",
}
NEW_DAYS = 30
_WEEK = 7
ASLEEP_DAYS = 60


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How she comes; `first_days`, `since_days` and `ratio` are None before a first purchase.

    `typical_gap_days` is at least 1, `spread` the standard deviation of her gaps in days, `ratio` is
    `since_days` in typical gaps.
    """

    purchase_days: int
    typical_gap_days: int
    spread: float
    first_days: int | None
    since_days: int | None
    ratio: float | None
    stage: Stage


def rhythm(  # noqa: PLR0913, PLR0917 - the columns of the running statistics
    purchase_days: int,
    first_on: date | None,
    last_on: date | None,
    gap_sum_days: int,
    gap_square_sum: int,
    today: date,
    *,
    usual_days: int = 30,
    silent_days: int = 0,
    new_days: int = NEW_DAYS,
    asleep_days: int = ASLEEP_DAYS,
) -> Rhythm:
    """Her rhythm as of `today`.

    Her mean gap and its spread are those of her own gaps and one more of `usual_days`, the category's: the
    fewer her own, the nearer to it. `silent_days`: days since her last visit for which the till told nothing.
    """
    patience = Patience.of(purchase_days, gap_sum_days, gap_square_sum, usual_days)
    spread = sqrt(patience.variance) / patience.gaps
    if purchase_days <= 0 or last_on is None or first_on is None:
        return Rhythm(0, patience.typical, spread, None, None, None, "never")
    first_days = max((today - first_on).days, 0)
    since = max((today - last_on).days - silent_days, 0)
    stage: Stage = "new" if purchase_days == 1 else "regular"
    if first_days <= new_days:
        stage = "new"
    elif since >= patience.asleep(asleep_days):
        stage = "asleep"
    elif since >= patience.slowing():
        stage = "slowing"
    return Rhythm(purchase_days, patience.typical, spread, first_days, since, since / patience.typical, stage)


def typical_gap(purchase_days: int, gap_sum_days: int, usual_days: int) -> int:
    """The mean of her own gaps and one usual one, rounded, halves up, at least 1."""
    gaps = max(1, purchase_days)
    return max(1, (2 * (gap_sum_days + usual_days) + gaps) // (2 * gaps))


class Patience(NamedTuple):
    """For how long a customer may be away; in integers, so that however it is computed the borders are the same.

    Of n `gaps` (her own and one usual one) with the sum S and the sum of squares Q: `typical` is S/n rounded, halves
    up, at least 1; `variance` is n·Q - S², the square of n standard deviations.
    """

    gaps: int
    typical: int
    variance: int

    @classmethod
    def of(cls, purchase_days: int, gap_sum_days: int, gap_square_sum: int, usual_days: int) -> "Patience":
        """From the running statistics and the category's cycle."""
        gaps = max(purchase_days - 1, 0) + 1
        total, squares = gap_sum_days + usual_days, gap_square_sum + usual_days**2
        return cls(gaps, typical_gap(purchase_days, gap_sum_days, usual_days), max(gaps * squares - total**2, 0))

    def slowing(self) -> int:
        """The first number of days away that is more than 1.5 typical gaps and one standard deviation, and a week."""
        doubled = 3 * self.typical + isqrt(4 * self.variance // self.gaps**2)
        return max(doubled // 2, _WEEK) + 1

    def asleep(self, asleep_days: int) -> int:
        """The first number of days away that is asleep: `asleep_days`, and more than all her borders."""
        return max(asleep_days, 3 * self.typical + 1, self.slowing())


def say(rhythm: Rhythm) -> str:
    """平时18天来一次，已41天没来; with one or two visits only what is known of them."""
    since, gap = rhythm.since_days, rhythm.typical_gap_days
    if since is None or rhythm.first_days is None:
        return STAGES["never"]
    if rhythm.purchase_days == 1:
        said = ago(rhythm.first_days)
        return f"第一次来是{said}" if rhythm.first_days <= NEW_DAYS else f"只来过一次，{said}"
    if gap == 1 and since <= 1:
        return "每天都来"
    usual = f"来过{rhythm.purchase_days}次" if rhythm.purchase_days == 2 else f"平时{gap}天来一次"
    usual = "平时每天来" if gap == 1 and rhythm.purchase_days > 2 else usual
    away = f"已{since}天没来" if since > gap else f"{ago(since)}来过"
    return f"{usual}，{away}"
