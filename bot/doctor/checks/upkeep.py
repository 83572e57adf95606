"""What keeps it well over the years: fonts for pictures, the till's secret, backups, the days off of a new year."""

import shlex
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.doctor.case import Case
from bot.doctor.finding import Verdict, check, fail, ok, warn
from bot.domain.calendar import holidays as calendar

_SHORT, _SHORTER = 32, 16  # characters
_OLD = timedelta(hours=24)
_CHINA, _DECEMBER = ZoneInfo("Asia/Shanghai"), 12
_MAKE = "换一个长的：openssl rand -hex 32，收银系统和 ZHANGGUI_POS_SECRET 两边一起换。"


@check("中文字体")
def fonts(case: Case) -> Verdict:
    """Pictures can have Chinese in them."""
    if case.machine.font:
        return ok(Path(case.machine.font).name)
    return warn(
        "没有中文字体，图片里的字会变成方块。",
        "Debian、Ubuntu：sudo apt install fonts-noto-cjk；CentOS：sudo dnf install google-noto-sans-cjk-fonts",
    )


@check("收银密码")
def pos_secret(case: Case) -> Verdict | None:
    """The secret tills sign with is no word to be guessed."""
    length = len(case.settings.pos_secret)
    if not length:
        return None
    if length < _SHORTER:
        return fail(f"ZHANGGUI_POS_SECRET 只有 {length} 位，猜得出来，别人能伪造订单。", _MAKE)
    if length < _SHORT:
        return warn(f"ZHANGGUI_POS_SECRET 只有 {length} 位。", _MAKE)
    return ok(f"{length} 位")


@check("备份")
def backup(case: Case) -> Verdict | None:
    """The database was copied within a day."""
    if case.shop.state not in {"open", "older", "newer"}:
        return None
    folder = case.settings.data / "backups"
    files = [path for path in folder.glob("*") if path.is_file()] if folder.is_dir() else []
    if not files:
        return warn(f"{folder} 里没有备份。", *_how(case, folder))
    newest = max(files, key=lambda path: path.stat().st_mtime)
    age = case.machine.time() - datetime.fromtimestamp(newest.stat().st_mtime, case.machine.time().tzinfo)
    said = f"最新的是 {newest.name}，{age / timedelta(hours=1):.0f} 小时前"
    return warn(f"{said}，超过 24 小时了。", *_how(case, folder)) if age > _OLD else ok(said)


def _how(case: Case, folder: Path) -> tuple[str, ...]:
    """The command there is for this engine, for today; the keys go elsewhere."""
    quoted, day = shlex.quote(str(folder)), f"{case.machine.time():%Y-%m-%d}"
    make = f"mkdir -p -m 700 {quoted}"
    if case.shop.engine == "sqlite":
        file = shlex.quote(case.settings.database_url.removeprefix("sqlite:///"))
        copy = f"sqlite3 {file} \"VACUUM INTO '{folder}/{day}.db'\""
    else:
        copy = f'pg_dump -Fc -f {quoted}/{day}.dump "$ZHANGGUI_DATABASE_URL"'
    return (f"{make} && {copy}", "写进 crontab 每天跑一次；密钥另外存，不和备份放一起。")


@check("放假安排")
def holidays(case: Case) -> Verdict:
    """The days off of this year are known, and from December on those of the next: they are published in November."""
    today = case.now.astimezone(_CHINA).date()
    years = [today.year, today.year + 1] if today.month == _DECEMBER else [today.year]
    unknown = [str(year) for year in years if not calendar.shipped().published(year)]
    if not unknown:
        return ok(f"{years[-1]} 年的有了")
    return warn(
        f"还没有 {'、'.join(unknown)} 年的放假安排：法定那几天认得，连休和调休上班的周末不认得，早报里会少提。",
        "国务院办公厅每年 11 月公布。升级到有它的版本。",
        "等不及就照 bot/domain/calendar/holidays.toml 里上一年的写法补上这一年。",
    )
