"""The whole examination: look at everything at once, then judge in the order an installer mends."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from bot.doctor.case import Case
from bot.doctor.checks import channels, ground, running, shop, smart_bot, storage, telegram, upkeep, wecom
from bot.doctor.finding import Check, Finding
from bot.doctor.looks.dates import look_at_clock, places
from bot.doctor.looks.echo import APP, BOT, Echo, look_for_echo
from bot.doctor.looks.keys import Keys, look_at_keys
from bot.doctor.looks.machine import Machine, this_machine
from bot.doctor.looks.running import Running, look_at_running
from bot.doctor.looks.setup import Setup, look_at_setup
from bot.doctor.looks.shop import Shop, look_at_shop
from bot.doctor.looks.smart_bot import look_at_smart_bot
from bot.doctor.looks.telegram import look_at_telegram
from bot.doctor.looks.wecom import look_at_wecom
from bot.domain.errors import UnavailableError
from bot.serve.clock import Clock
from bot.settings import Settings

_AT_ONCE = 12  # more than there is to look at: nobody waits for another's patience
_FIRST: tuple[Check, ...] = (ground.python, ground.zones, ground.settings)
CHECKS: tuple[Check, ...] = (
    *_FIRST,
    ground.data,
    storage.sqlite,
    storage.database,
    storage.schema,
    storage.keys,
    shop.stores,
    shop.staff,
    channels.channels,
    channels.clock,
    telegram.telegram,
    wecom.wecom,
    smart_bot.smart_bot,
    running.service,
    telegram.telegram_news,
    wecom.wecom_callback,
    wecom.wecom_trusted_ip,
    wecom.wecom_app,
    wecom.wecom_menu,
    smart_bot.smart_bot_callback,
    shop.bound,
    smart_bot.smart_bot_two_people,
    telegram.telegram_decision,
    telegram.telegram_privacy,
    shop.blocked,
    running.messages,
    running.pushes,
    running.jobs,
    upkeep.pos_secret,
    upkeep.backup,
    upkeep.fonts,
    upkeep.holidays,
)


def examine(read: Callable[[], Settings], machine: Machine | None = None) -> list[Finding]:
    """Every finding in the order of mending; with settings that cannot be read only what comes before them."""
    machine = machine or this_machine()
    for name in ("httpx", "httpcore", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)  # they write addresses with tokens in them
    try:
        settings = read()
    except UnavailableError as refusal:
        return _judge(_FIRST, _unreadable(machine, refusal.say))
    return _judge(CHECKS, look(settings, machine))


def _judge(checks: Sequence[Check], case: Case) -> list[Finding]:
    return [finding for check in checks if (finding := check.find(case))]


def _unreadable(machine: Machine, fault: str) -> Case:
    nothing = Settings.model_construct()
    return Case(nothing, machine, machine.time(), Keys("none"), Setup(), Shop("absent"), Running("off"), fault=fault)


def look(settings: Settings, machine: Machine) -> Case:
    """Look at everything; the service first, since what else may be asked depends on it."""
    now = Clock(settings.clock).now()
    serving = look_at_running(settings.http)
    keys = look_at_keys(settings.keys, settings.data / "backups")
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="doctor") as pool:
        shop_ = pool.submit(look_at_shop, settings.database_url, keys.ring, now)
        telegram_ = pool.submit(look_at_telegram, settings)
        wecom_ = pool.submit(look_at_wecom, settings)
        smart_bot_ = pool.submit(look_at_smart_bot, settings, serving)
        ahead = [pool.submit(look_at_clock, place, machine.time) for place in places(settings)]
        setup = pool.submit(look_at_setup, settings)
        echoes = {path: pool.submit(look_for_echo, settings, path, now) for path in _called_back(settings, serving)}
        return Case(
            settings=settings,
            machine=machine,
            now=now,
            keys=keys,
            setup=setup.result(),
            shop=shop_.result(),
            service=serving,
            telegram=telegram_.result(),
            wecom=wecom_.result(),
            smart_bot=smart_bot_.result(),
            echoes=_came(echoes),
            ahead=next((off for one in ahead if (off := one.result()) is not None), None),
        )


def _called_back(settings: Settings, serving: Running) -> list[str]:
    """The callback addresses somebody should answer at, while the service runs."""
    if serving.state != "ours":
        return []
    app = settings.wecom_token and settings.wecom_aes_key and settings.wecom_corp_id
    bot = settings.wecom_bot_token and settings.wecom_bot_aes_key and not settings.wecom_bot_secret
    return [path for path, wanted in ((APP, app), (BOT, bot)) if wanted]


def _came(echoes: dict[str, "Future[Echo | None]"]) -> dict[str, Echo]:
    return {path: echo for path, waiting in echoes.items() if (echo := waiting.result())}
