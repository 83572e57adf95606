"""The recall list: whom to call today, for everybody on duty and, masked, for the store's group."""

from bot.jobs.mornings import lists
from bot.schedule import JobContext, Write, job


@job("recall", "召回名单", at="10:00")
def recall(ctx: JobContext) -> Write:
    """Everybody's list of the day."""
    return lists(ctx, "recall")
