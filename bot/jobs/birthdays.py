"""Birthdays and anniversaries: some days before and on the day, to whoever looks after her."""

from bot.jobs.mornings import lists
from bot.schedule import JobContext, Write, job


@job("birthdays", "生日提醒", at="10:00")
def birthdays(ctx: JobContext) -> Write:
    """The list of the day of whoever has a birthday in it, birthdays first."""
    return lists(ctx, "birthday")
