"""When nobody is disturbed: the hours of the night, a person's own quiet, and how many digests a day are enough."""

from datetime import datetime, time, timedelta, tzinfo

BEGINS, ENDS = time(21), time(8)
DIGESTS_A_DAY = 2
PUSHES_A_DAY = 12
"""Digests and words of colleagues together; what is urgent comes always."""
_AT_THE_LATEST = timedelta(hours=2)  # after the night's end: with that day's first digest, or else by itself


_LIST = time(10, 5)  # by then the list of ten is there


def with_the_list(local: datetime) -> datetime | None:
    """Until when what need not come at this minute waits, to come with the day's list; None later in the day."""
    return local.replace(hour=_LIST.hour, minute=_LIST.minute) if local.time() < _LIST else None


def is_quiet(local: datetime) -> bool:
    """Whether this local time is in the night's quiet hours."""
    return local.time() >= BEGINS or local.time() < ENDS


def goes_at(moment: datetime, zone: tzinfo, busy_until: datetime | None = None) -> datetime:
    """The first moment, not before this one, at which what is not urgent may disturb her."""
    at = max(moment, busy_until or moment)
    local = at.astimezone(zone)
    if not is_quiet(local):
        return at
    day = local.date() + timedelta(days=1) if local.time() >= BEGINS else local.date()
    return datetime.combine(day, ENDS, zone).astimezone(moment.tzinfo)


def next_day(now: datetime, zone: tzinfo) -> datetime:
    """By when at the latest goes what was too much for today."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return (datetime.combine(tomorrow, ENDS, zone) + _AT_THE_LATEST).astimezone(now.tzinfo)


def day_began(now: datetime, zone: tzinfo) -> datetime:
    """Midnight of the local day, in UTC's place."""
    return datetime.combine(now.astimezone(zone).date(), time(0), zone).astimezone(now.tzinfo)
