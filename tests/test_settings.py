"""Settings come from the environment, `.env` and files; a mistake is told in words, all of them at once."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.domain.errors import UnavailableError
from bot.settings import Settings, example


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No .env and no settings but those of the test."""
    monkeypatch.chdir(tmp_path)


def shown(settings: Settings) -> dict[str, str]:
    """The settings of the shop itself; those of the channels are off unless set."""
    return {name: str(getattr(settings, name)) for name in ("data", "database_url", "keys", "timezone")}


def refusal() -> str:
    with pytest.raises(UnavailableError) as refused:
        Settings()
    return refused.value.say


def test_without_any_setting_everything_is_in_var() -> None:
    assert shown(Settings()) == {
        "data": "var",
        "database_url": "sqlite:///var/zhanggui.db",
        "keys": "var/keys",
        "timezone": "Asia/Shanghai",
    }


def test_another_data_folder_takes_database_and_keys_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHANGGUI_DATA", "/srv/shop")

    settings = Settings()

    assert settings.database_url == "sqlite:////srv/shop/zhanggui.db"
    assert settings.keys == Path("/srv/shop/keys")


def test_given_wins_over_environment_over_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("ZHANGGUI_DATA=a\nZHANGGUI_KEYS=a-keys\nZHANGGUI_TIMEZONE=Asia/Tokyo\n", encoding="utf-8")
    monkeypatch.setenv("ZHANGGUI_DATA", "b")
    monkeypatch.setenv("ZHANGGUI_KEYS", "b-keys")

    assert shown(Settings(data=Path("c"))) == {
        "data": "c",
        "database_url": "sqlite:///c/zhanggui.db",
        "keys": "b-keys",
        "timezone": "Asia/Tokyo",
    }


def test_an_empty_setting_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHANGGUI_TIMEZONE", "")

    assert Settings().timezone == "Asia/Shanghai"


def test_the_database_address_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("url").write_text("postgresql://shop:secret@db/shop\n", encoding="utf-8")
    monkeypatch.setenv("ZHANGGUI_DATABASE_URL_FILE", "url")

    assert Settings().database_url == "postgresql://shop:secret@db/shop"


def test_a_secret_does_not_show_in_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHANGGUI_DATABASE_URL", "postgresql://shop:secret@db/shop")

    assert "secret" not in repr(Settings())


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().timezone = "Asia/Tokyo"


def test_every_fault_is_told_at_once_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHANGGUI_DATBASE_URL", "secret")
    monkeypatch.setenv("ZHANGGUI_WALLPAPER", "secret")
    monkeypatch.setenv("ZHANGGUI_TIMEZONE", "secret")
    monkeypatch.setenv("ZHANGGUI_DATABASE_URL", "mysql://secret")

    assert refusal() == (
        "设置有误：没有 ZHANGGUI_DATBASE_URL 这个设置，是不是 ZHANGGUI_DATABASE_URL；"
        "没有 ZHANGGUI_WALLPAPER 这个设置；"
        "ZHANGGUI_DATABASE_URL 要写成 sqlite:///文件 或 postgresql://用户:密码@主机/库名；"
        "ZHANGGUI_TIMEZONE 不是时区名，例：Asia/Shanghai。"
    )


def test_a_misspelt_name_in_dotenv_is_told_too() -> None:
    Path(".env").write_text("ZHANGGUI_KEY=x\n", encoding="utf-8")

    assert refusal() == "设置有误：没有 ZHANGGUI_KEY 这个设置，是不是 ZHANGGUI_KEYS。"


def test_a_secret_twice_or_in_no_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHANGGUI_DATABASE_URL_FILE", "nowhere")
    assert refusal() == "设置有误：ZHANGGUI_DATABASE_URL_FILE 指的文件读不到。"

    monkeypatch.setenv("ZHANGGUI_DATABASE_URL", "sqlite:///x.db")
    assert refusal() == "设置有误：ZHANGGUI_DATABASE_URL 和 ZHANGGUI_DATABASE_URL_FILE 只能留一个。"


def test_a_dotenv_in_another_encoding_is_refused_in_words() -> None:
    Path(".env").write_bytes("ZHANGGUI_DATA=数据\n".encode("gb18030"))

    assert refusal() == "设置读不到：请把 .env 存成 UTF-8 的文本文件。"


def test_a_secret_of_a_channel_may_stand_in_a_file_and_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("token").write_text("7000000001:secret\n", encoding="utf-8")
    monkeypatch.setenv("ZHANGGUI_TELEGRAM_TOKEN_FILE", "token")

    settings = Settings()

    assert settings.telegram_token == "7000000001:secret"
    assert "secret'" not in repr(settings)
    assert "7000000001" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("HTTP", "8080", "要写成 地址:端口，例：127.0.0.1:8080"),
        ("PUBLIC_URL", "bot.example.com", "要写成 https://主机"),
        ("TELEGRAM_API", "telegram.example", "要写成 https://主机"),
        ("WECOM_BOT_WS", "https://x", "要写成 wss://主机/路径"),
        ("TELEGRAM_MODE", "push", "填得不对"),
        ("WECOM_AGENT_ID", "掌柜", "填得不对"),
    ],
)
def test_a_setting_of_a_channel_that_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(f"ZHANGGUI_{name}", value)

    assert refusal() == f"设置有误：ZHANGGUI_{name} {reason}。"


def test_the_example_file_is_the_models_own_words() -> None:
    assert (Path(__file__).parent.parent / ".env.example").read_text(encoding="utf-8") == example()


def test_the_example_read_back_is_the_default() -> None:
    Path(".env").write_text(example().replace("\n#ZHANGGUI_", "\nZHANGGUI_"), encoding="utf-8")

    assert Settings() == Settings(_env_file=None)
