"""The settings of an installation: the only reader of the environment; every fault is told, all at once.

Each is `ZHANGGUI_NAME` in the environment or in `.env` (the environment wins); a secret may also stand in a file
named by `ZHANGGUI_NAME_FILE`. `python -m bot.settings` prints `.env.example`.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, ValidationError, ValidationInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.errors import UnavailableError

_PREFIX = "ZHANGGUI_"
_DOTENV = ".env"
_TESTS = f"{_PREFIX}TEST_"  # the tests' own, never read here
_SECRET: dict[str, Any] = {"secret": True}
_UNKNOWABLE = "default_factory_not_called"  # pydantic's complaint of a default that rests on a faulty setting


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


def _address(url: str) -> str:
    if url and not url.startswith(("http://", "https://")):
        raise ValueError("要写成 https://主机")
    return url.rstrip("/")


def _socket(url: str) -> str:
    if url and not url.startswith(("ws://", "wss://")):
        raise ValueError("要写成 wss://主机/路径")
    return url


def _listen(place: str) -> str:
    host, colon, port = place.rpartition(":")
    if not (host and colon and port.isdecimal() and int(port) < 1 << 16):
        raise ValueError("要写成 地址:端口，例：127.0.0.1:8080")
    return place


def _hour(said: str) -> str:
    try:
        return said if said == "off" else f"{time.fromisoformat(said):%H:%M}"
    except ValueError as error:
        raise ValueError("要写成几点几分，例：03:30；不要它自己算就写 off") from error


def _signed(url: str, known: ValidationInfo) -> str:
    if url and not known.data.get("pos_secret"):
        raise ValueError("要和 ZHANGGUI_POS_SECRET 一起设")
    return url


Url = Annotated[str, AfterValidator(_address)]


def _secret(description: str) -> Any:  # noqa: ANN401 — a field's default, as pydantic has it
    return Field("", description=description, json_schema_extra=_SECRET, repr=False)


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
    http: Annotated[str, AfterValidator(_listen)] = Field(
        "127.0.0.1:8080", description="Where the HTTP server listens; put a reverse proxy with TLS before it."
    )
    public_url: Url = Field(
        "", description="The address platforms reach this server under, such as https://bot.example.com."
    )
    telegram_token: str = _secret("Telegram: the token @BotFather gave.")
    telegram_mode: Literal["poll", "webhook"] = Field(
        "poll", description="Telegram: poll needs no public address; webhook needs ZHANGGUI_PUBLIC_URL."
    )
    telegram_secret: str = _secret(
        "Telegram webhook: any word of letters and digits; Telegram shows it with every call."
    )
    telegram_api: Url = Field("", description="Telegram: another Bot API server, such as one of your own.")
    telegram_proxy: str = Field("", description="Telegram: a proxy, such as http://127.0.0.1:7890.", repr=False)
    wecom_corp_id: str = Field("", description="WeCom: 企业ID, from 我的企业.")
    wecom_agent_id: int | None = Field(None, description="WeCom app: AgentId.")
    wecom_secret: str = _secret("WeCom app: Secret.")
    wecom_token: str = _secret("WeCom app: Token of 接收消息.")
    wecom_aes_key: str = _secret("WeCom app: EncodingAESKey of 接收消息, 43 letters and digits.")
    wecom_api: Url = Field("", description="WeCom: another API address, such as a relay of your own.")
    wecom_contacts: bool = Field(
        False, description="WeCom: let zhanggui wecom read customers (客户联系), remark, tag and prepare messages."
    )
    wecom_bot_id: str = Field("", description="WeCom smart bot (智能机器人): Bot ID.")
    wecom_bot_secret: str = _secret("WeCom smart bot: Secret of the long connection (no public address needed).")
    wecom_bot_name: str = Field("掌柜", description="WeCom smart bot: its name, as people @ it in groups.")
    wecom_bot_ws: Annotated[str, AfterValidator(_socket)] = Field(
        "", description="WeCom smart bot: another address of the long connection."
    )
    wecom_bot_token: str = _secret("WeCom smart bot, callback instead of long connection: Token.")
    wecom_bot_aes_key: str = _secret("WeCom smart bot, callback instead of long connection: EncodingAESKey.")
    pos_secret: str = _secret("The key a POS signs POST /orders and /coupons/redeem with; without it both are closed.")
    pos_webhook: Annotated[Url, AfterValidator(_signed)] = Field(
        "",
        description="Where a POS wants to hear what becomes of coupons, signed with ZHANGGUI_POS_SECRET.",
        repr=False,
    )
    refresh_at: Annotated[str, AfterValidator(_hour)] = Field(
        "03:30", description="From when on the layers are computed each night, local time; off: not by zhanggui run."
    )
    clock: Path | None = Field(None, description="Sandbox: a file with the seconds to add to the time.")

    @property
    def pictures(self) -> Path:
        """Where pictures for answers are made; none stays longer than a day."""
        return self.data / "pictures"

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
    return [f"没有 {name} 这个设置{_perhaps(name, known)}" for name in unknown if not name.startswith(_TESTS)]


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
        value = getattr(left_out, field)
        shown = {None: "", False: "off", True: "on"}.get(value, value)
        parts.append(f"# {about.description}{in_file}\n#{name}={shown}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(example(), end="")  # noqa: T201 — the answer of a command
