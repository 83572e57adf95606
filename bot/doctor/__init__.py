"""`zhanggui doctor`: what is wrong with an installation, why, and the exact next step; it changes nothing."""

from bot.doctor.diagnosis import CHECKS, examine
from bot.doctor.finding import Finding, State

__all__ = ["CHECKS", "Finding", "State", "examine"]
