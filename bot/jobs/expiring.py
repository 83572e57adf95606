"""Coupons that end within three days and were not used."""

from bot.jobs.mornings import lists
from bot.schedule import JobContext, Write, job


@job("expiring", "快到期的券", at="10:00")
def expiring(ctx: JobContext) -> Write:
    """The list of the day of whoever has a coupon about to end in it."""
    return lists(ctx, "expiring")
