"""The settings of an installation: the only reader of the environment; every fault is told, all at once.

Each is `ZHANGGUI_NAME` in the environment or in `.env` (the environment wins); a secret may also stand in a file
named by `ZHANGGUI_NAME_FILE`. `python -m bot.settings` prints `.env.example`.
"""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.domain.errors import UnavailableError

PREFIX = "ZHANGGUI_"
_TESTS = f"{PREFIX}TEST_"  # the tests' own, never read here
_OTHERS = frozenset(  # of the channels and the service: known, so that an .env which has them is no misspelling
    f"{PREFIX}{name}"
    for name in (
        "HTTP",
        "PUBLIC_URL",
        "POS_SECRET",
        "TELEGRAM_TOKEN",
        "TELEGRAM_API",
        "TELEGRAM_MODE",
        "TELEGRAM_SECRET",
        "TELEGRAM_PROXY",
        "WECOM_CORP_ID",
        "WECOM_AGENT_ID",
        "WECOM_SECRET",
        "WECOM_TOKEN",
        "WECOM_AES_KEY",
        "WECOM_API",
        "WECOM_BOT_ID",
        "WECOM_BOT_SECRET",
        "WECOM_BOT_TOKEN",
        "WECOM_BOT_AES_KEY",
        "WECOM_BOT_WS",
    )
)


def _database(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("要写成 sqlite:///文件 或 postgresql://用户:密码@主机/库名")
    return url


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("不是时区名，例：Asia/Shanghai")
    return name


class Settings(BaseSettings):
    """What an installation decides; whatever is passed in wins over the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, validate_default=True)

    data: Path = Field(
        Path("var"),
        description="Folder of everything the bot keeps",
    )
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=lambda known: f"sqlite:///{known.get('data', 'var')}/zhanggui.db",
        description="Address of the database: sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME for several hosts",
        repr=False,
        json_schema_extra={"secret": True, "shown": "sqlite:///var/zhanggui.db"},
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "Asia/Shanghai",
        description="Time zone of a new chain; times without an offset are in it",
    )
    keys: Path = Field(
        default_factory=lambda known: known.get("data", Path("var")) / "keys",
        description="Folder of the keys that seal customers' data: keep a copy of it apart from the database's",
        json_schema_extra={"shown": "var/keys"},
    )

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 — the fields, as the model's own signature has them
        """Refuse with every fault in one sentence, each with its setting's name, none with its value."""
        found, faults = _read({**dotenv_values(".env"), **os.environ}, type(self))
        try:
            super().__init__(**{**found, **given})
        except ValidationError as error:
            faults += [_worded(fault) for fault in error.errors()]
        if faults:
            raise UnavailableError(f"设置有误：{'；'.join(faults)}。")

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, **_others: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `__init__` read."""
        return (init_settings,)
