"""Purchases of a customer, counted back from one day."""

from datetime import date, timedelta

from bot.domain.segments.measures import Bought

TODAY = date(2026, 11, 22)


def ago(days: int) -> date:
    """The day so many days before."""
    return TODAY - timedelta(days)


def bought(*days: int, fen: int | None = 1800) -> list[Bought]:
    """A purchase on each of the days, so many days ago."""
    return [Bought(ago(one), fen) for one in days]
