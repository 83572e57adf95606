"""Care by cycle, and what is nearly used up by her own interval."""

from bot.jobs.mornings import lists
from bot.schedule import JobContext, Write, job


@job("care", "关怀和快用完", at="10:00")
def care(ctx: JobContext) -> Write:
    """The list of the day of whoever has somebody to ask after in it."""
    return lists(ctx, "care", "replenish")
