"""Whether calling brought people back: two shares that differ by a draw, with the interval that few people leave."""

from dataclasses import dataclass
from math import sqrt

_Z = 1.959964
"""Of the normal distribution: 95 % of all such intervals hold the truth."""
FEW = 30
"""Fewer people than this in either group say nothing."""


@dataclass(frozen=True, slots=True)
class Effect:
    """How many more of those who were called came than would have come anyway: best guess, least and most."""

    more: int
    least: int
    most: int

    @property
    def sure(self) -> bool:
        """Whether nothing at all, too, is out of the question."""
        return self.least > 0 or self.most < 0


def effect(called: int, came: int, left: int, left_came: int) -> Effect | None:
    """Of `called` people `came` came, of `left` who were not called `left_came`; None where they are too few."""
    if min(called, left) < FEW:
        return None
    low, high = difference(came, called, left_came, left)
    return Effect(round(came - called * left_came / left), round(called * low), round(called * high))


def difference(came: int, called: int, left_came: int, left: int) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares.

    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in
    Medicine 17 (1998), method 10: Wilson's interval of each share, put together; right for small groups and shares
    near none or all.
    """
    one, other = came / called, left_came / left
    (low, high), (other_low, other_high) = wilson(came, called), wilson(left_came, left)
    gap = one - other
    return (
        gap - sqrt((one - low) ** 2 + (other_high - other) ** 2),
        gap + sqrt((high - one) ** 2 + (other - other_low) ** 2),
    )


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share by its score (E. B. Wilson, 1927)."""
    share, square = part / whole, _Z**2
    middle = share + square / (2 * whole)
    reach = _Z * sqrt(share * (1 - share) / whole + square / (4 * whole**2))
    return (middle - reach) / (1 + square / whole), (middle + reach) / (1 + square / whole)
