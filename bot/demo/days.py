"""The two years before the demo's moment, day by day, in the chain's time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

HISTORY_DAYS = 731
OPENING, CLOSING = 9 * 60 + 30, 22 * 60  # minutes of the local day
LAST_SALE = 22 * 60 + 10  # of the day before the demo, in the first store


@dataclass(frozen=True)
class Calendar:
    """Days are ordinals; `today` is the demo's day, on which nothing has been bought yet."""

    at: datetime
    zone: ZoneInfo

    @cached_property
    def local(self) -> date:
        """The demo's local day."""
        return self.at.astimezone(self.zone).date()

    @cached_property
    def today(self) -> int:
        """Its ordinal."""
        return self.local.toordinal()

    @cached_property
    def _first(self) -> int:
        return self.today - HISTORY_DAYS

    @cached_property
    def _midnights(self) -> list[datetime]:
        days = (date.fromordinal(self._first + n) for n in range(HISTORY_DAYS + 1))
        return [datetime.combine(day, time(), self.zone).astimezone(UTC) for day in days]

    @cached_property
    def _months(self) -> list[int]:
        return [date.fromordinal(self._first + n).month for n in range(HISTORY_DAYS + 1)]

    def moment(self, day: int, minute: float) -> datetime:
        """A minute of a day within the two years (or today), to the second."""
        return self._midnights[day - self._first] + timedelta(seconds=int(minute * 60))

    def today_plus(self, days: int, minute: int) -> datetime:
        """A minute of a day that is still to come."""
        day = datetime.combine(self.local + timedelta(days=days), time(), self.zone)
        return day.astimezone(UTC) + timedelta(minutes=minute)

    def month(self, day: int) -> int:
        """The month of a day within the two years."""
        return self._months[day - self._first]

    @staticmethod
    def weekday(day: int) -> str:
        """1 for Monday to 7 for Sunday."""
        return "7123456"[day % 7]

    @cached_property
    def this_month(self) -> int:
        """The first day of the demo's month."""
        return self.local.replace(day=1).toordinal()

    def months_ago(self, months: int) -> date:
        """The first day of the month so many months before the demo's."""
        years, month = divmod(self.local.year * 12 + self.local.month - 1 - months, 12)
        return date(years, month + 1, 1)


def months_old(born: int, day: int) -> float:
    """The age on a day of a child born on another, in months."""
    return (day - born) / 30.4
