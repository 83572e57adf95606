"""What a group of customers does, as numbers: counts of people, never a person."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """What a group does, of `people` looked at: `came` bought in the last 28 days, on `visits` days, for `spent_fen`.

    `items`: products with how many of them bought each, in those days or (`lately` False) among the newest lines of
    each. `falling`: product, people in the 28 days before, people now. `wishes`: what people asked for in vain.
    """

    people: int
    came: int
    visits: int
    tickets: int
    spent_fen: int
    lately: bool
    items: Sequence[tuple[str, int]]
    falling: Sequence[tuple[str, int, int]]
    wishes: Sequence[tuple[str, int]]
