"""`zhanggui bench`: what the bot takes on this machine, beside a raw probe of the same run: trust the ratios."""

from bot.bench.figures import Figure, Report
from bot.bench.run import GROUPS, Sizes, measure

__all__ = ["GROUPS", "Figure", "Report", "Sizes", "measure"]
