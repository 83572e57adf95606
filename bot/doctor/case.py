"""Everything that was looked at, once and together: checks only judge it, and ask nobody again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from bot.settings import Settings

if TYPE_CHECKING:
    from bot.doctor.looks.echo import Echo
    from bot.doctor.looks.keys import Keys
    from bot.doctor.looks.machine import Machine
    from bot.doctor.looks.running import Running
    from bot.doctor.looks.setup import Setup
    from bot.doctor.looks.shop import Shop
    from bot.doctor.looks.smart_bot import SmartBot
    from bot.doctor.looks.telegram import Telegram
    from bot.doctor.looks.wecom import Wecom


@dataclass(frozen=True, slots=True)
class Case:
    """The machine, the settings, the shop, the service and the platforms as they are now.

    A platform that is not set up is None. `now` is the bot's time, which the sandbox moves; `ahead` how many
    seconds the machine's own clock is ahead of a platform's, None where no platform told the time. With a `fault`
    the settings could not be read, and stand for nothing.
    """

    settings: Settings
    machine: "Machine"
    now: datetime
    keys: "Keys"
    setup: "Setup"
    shop: "Shop"
    service: "Running"
    telegram: "Telegram | None" = None
    wecom: "Wecom | None" = None
    smart_bot: "SmartBot | None" = None
    echoes: Mapping[str, "Echo"] = field(default_factory=dict)
    ahead: float | None = None
    fault: str = ""
