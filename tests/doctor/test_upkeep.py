"""What keeps it well over the years, each made wrong in turn: fonts, the till's secret, backups, days off."""

import os
import time
from datetime import UTC, datetime

import pytest

from bot.doctor.looks.machine import chinese_font
from tests.support.cast import add_cast


def test_without_a_chinese_font_the_package_is_named(clinic):
    found = clinic.findings({"font": chinese_font([clinic.folder], lister="no-such-program")})["fonts"]

    assert (found.state, found.cause) == ("warn", "没有中文字体，图片里的字会变成方块。")
    assert "apt install fonts-noto-cjk" in found.mends[0]


def test_a_chinese_font_is_found_by_its_name(clinic):
    (clinic.folder / "truetype").mkdir()
    (clinic.folder / "truetype" / "DejaVuSans.ttf").touch()
    (clinic.folder / "truetype" / "wqy-zenhei.ttc").touch()

    found = clinic.findings({"font": chinese_font([clinic.folder], lister="no-such-program")})["fonts"]

    assert (found.state, found.cause) == ("ok", "wqy-zenhei.ttc")


@pytest.mark.parametrize(("length", "state"), [(8, "fail"), (20, "warn"), (64, "ok")])
def test_a_short_secret_of_the_tills_is_made_longer(clinic, length, state):
    found = clinic.findings(pos_secret="x" * length)["pos_secret"]

    assert found.state == state
    assert "xxxx" not in found.say


def test_a_shop_that_was_never_backed_up_is_told_how(clinic, shop, now, engine):
    shop.transact(lambda conn: add_cast(conn, now))

    found = clinic.findings()["backup"]

    assert (found.state, found.cause) == ("warn", "var/backups 里没有备份。")
    assert ("VACUUM INTO" in found.mends[0], "pg_dump" in found.mends[0]) == (engine == "sqlite", engine != "sqlite")


@pytest.mark.parametrize(("hours", "state"), [(2, "ok"), (30, "warn")])
def test_a_backup_is_old_after_a_day(clinic, shop, now, hours, state):
    shop.transact(lambda conn: add_cast(conn, now))
    folder = clinic.folder / "var" / "backups"
    folder.mkdir(parents=True)
    (folder / "shop.db").touch()
    os.utime(folder / "shop.db", (time.time() - hours * 3600,) * 2)

    found = clinic.findings()["backup"]

    assert found.state == state
    assert found.cause.startswith(f"最新的是 shop.db，{hours} 小时前")


@pytest.mark.parametrize(
    ("day", "state", "cause"),
    [
        ("2026-11-30T15:59", "ok", "2026 年的有了"),
        ("2099-11-30T15:59", "warn", "还没有 2099 年的放假安排"),
        ("2099-11-30T16:00", "warn", "还没有 2099、2100 年的放假安排"),
        ("2025-12-01T00:00", "ok", "2026 年的有了"),
    ],
)
def test_the_days_off_of_the_next_year_are_wanted_from_december_on(clinic, day, state, cause):
    ahead = datetime.fromisoformat(day).replace(tzinfo=UTC) - datetime.now(UTC)
    (clinic.folder / "clock").write_text(str(ahead.total_seconds() + 1))

    found = clinic.findings(clock=str(clinic.folder / "clock"))["holidays"]

    assert found.state == state
    assert found.cause.startswith(cause)
    assert [("holidays.toml" in mend) for mend in found.mends] == [False, True] * (state == "warn")
