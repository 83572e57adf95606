"""The settings of an installation: the only reader of the environment; every fault is told, all at once.

Each is `ZHANGGUI_NAME` in the environment or in `.env` (the environment wins); a secret may also stand in a file
named by `ZHANGGUI_NAME_FILE`. `python -m bot.settings` prints `.env.example`.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.errors import UnavailableError

_PREFIX = "ZHANGGUI_"
_DOTENV = ".env"
_TESTS = f"{_PREFIX}TEST_"  # the tests' own, never read here
_SECRET: dict[str, Any] = {"secret": True}
_UNKNOWABLE = "default_factory_not_called"  # pydantic's complaint of a default that rests on a faulty setting
_OF_CHANNELS = re.compile(  # not read yet, but an .env that has them is no misspelling
    rf"{_PREFIX}(HTTP|PUBLIC_URL|POS_SECRET(_FILE)?"
    r"|TELEGRAM_(API|MODE|PROXY|(TOKEN|SECRET)(_FILE)?)"
    r"|WECOM_(CORP_ID|AGENT_ID|API|BOT_ID|BOT_WS|(BOT_)?(SECRET|TOKEN|AES_KEY)(_FILE)?))"
)


def _database(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("要写成 sqlite:///文件 或 postgresql://用户:密码@主机/库名")
    return url


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("不是时区名，例：Asia/Shanghai") from error
    return name


class Settings(BaseSettings):
    """What an installation decides; whatever is passed in wins over the environment."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_file=_DOTENV,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
    )

    data: Path = Field(Path("var"), description="Folder of everything the bot keeps.")
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=lambda known: f"sqlite:///{known['data']}/zhanggui.db",
        description="sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME. By default a file in the data folder.",
        json_schema_extra=_SECRET,
        repr=False,
    )
    keys: Path = Field(
        default_factory=lambda known: known["data"] / "keys",
        description="Folder of the keys that seal what is known of customers. By default in the data folder.",
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "Asia/Shanghai", description="Time zone of a new chain; times without an offset are in it."
    )

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 — the fields, as the model's own signature has them
        """Refuse with every fault in one sentence, each with its setting's name, none with its value."""
        try:
            present = _present()
        except (OSError, UnicodeDecodeError) as error:
            raise UnavailableError(f"设置读不到：请把 {_DOTENV} 存成 UTF-8 的文本文件。") from error
        secrets, faults = _from_files(present)
        faults += _misspelt(present)
        try:
            super().__init__(**{**secrets, **given})
        except ValidationError as error:
            faults += [_worded(fault) for fault in error.errors() if fault["type"] != _UNKNOWABLE]
        if faults:
            raise UnavailableError(f"设置有误：{'；'.join(faults)}。")


def _present() -> dict[str, str]:
    """Every setting there is, by its name in capitals; an empty one is as good as none."""
    everything = {**dotenv_values(_DOTENV, encoding="utf-8"), **os.environ}
    named = ((name.upper(), value) for name, value in everything.items())
    return {name: value for name, value in named if value and name.startswith(_PREFIX)}


def _secrets() -> Iterator[str]:
    """The fields that may stand in a file of their own."""
    for field, about in Settings.model_fields.items():
        if about.json_schema_extra == _SECRET:
            yield field


def _from_files(present: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    found, faults = {}, []
    for field in _secrets():
        name = f"{_PREFIX}{field.upper()}"
        path = present.get(f"{name}_FILE")
        if path and name in present:
            faults.append(f"{name} 和 {name}_FILE 只能留一个")
        elif path:
            try:
                found[field] = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                faults.append(f"{name}_FILE 指的文件读不到")
    return found, faults


def _misspelt(present: Iterable[str]) -> list[str]:
    known = {f"{_PREFIX}{field.upper()}" for field in Settings.model_fields}
    known |= {f"{_PREFIX}{field.upper()}_FILE" for field in _secrets()}
    unknown = sorted(set(present) - known)
    return [
        f"没有 {name} 这个设置{_perhaps(name, known)}"
        for name in unknown
        if not name.startswith(_TESTS) and not _OF_CHANNELS.fullmatch(name)
    ]


def _perhaps(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.8)
    return f"，是不是 {near[0]}" if near else ""


def _worded(fault: Mapping[str, Any]) -> str:
    reason = fault.get("ctx", {}).get("error", "填得不对")
    return f"{_PREFIX}{str(fault['loc'][0]).upper()} {reason}"


def example() -> str:
    """The text of `.env.example`: every setting with what it means and what it is when left out."""
    left_out = Settings.model_construct()
    parts = ["# Settings of zhanggui: copy to .env and take away the # where you want something else.\n"]
    for field, about in Settings.model_fields.items():
        name = f"{_PREFIX}{field.upper()}"
        in_file = f" Or in a file: {name}_FILE." if about.json_schema_extra == _SECRET else ""
        parts.append(f"# {about.description}{in_file}\n#{name}={getattr(left_out, field)}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(example(), end="")  # noqa: T201 — the answer of a command
