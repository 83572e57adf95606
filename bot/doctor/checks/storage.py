"""The database and its keys: a library that loses nothing, a database that opens, keys that open what is in it."""

import shlex
from pathlib import Path

from bot.doctor.case import Case
from bot.doctor.finding import Verdict, check, fail, ok, warn

SQLITE = (3, 51, 3)
_BACKPORTS = ((3, 44, 6), (3, 50, 7))  # same first two numbers, the same fix
POSTGRESQL = 140000
_ENCODED = "密码里的 @ : / 要写成 %40 %3A %2F。"
_INIT = (
    "zhanggui init --vertical tea --name 店名",
    "行业（--vertical）还有 fashion jewellery supermarket beauty baby；想先玩一玩：zhanggui demo",
)


@check("SQLite")
def sqlite(case: Case) -> Verdict | None:
    """The library has the fix without which commits can be lost."""
    if not case.settings.database_url.startswith("sqlite"):
        return None
    found = case.machine.sqlite
    version = ".".join(map(str, found)) or "没有能用的"
    if found >= SQLITE or any(found[:2] == fixed[:2] and found >= fixed for fixed in _BACKPORTS):
        return ok(version)
    return fail(
        f"SQLite {version}：要 3.51.3 以上（或 3.50.7、3.44.6），旧版会丢数据。",
        "运行 .venv/bin/pip install pysqlite3（Linux arm64：sqlcipher3）；",
        "或改用 PostgreSQL：设 ZHANGGUI_DATABASE_URL。",
    )


@check("数据库")
def database(case: Case) -> Verdict:
    """The database is there and opens."""
    shop = case.shop
    scheme, _, file = case.settings.database_url.partition(":///")
    place = file if scheme == "sqlite" else "PostgreSQL"  # whose address may hold a password
    if shop.postgresql and shop.postgresql < POSTGRESQL:
        return fail(
            f"PostgreSQL {shop.postgresql // 10000} 太旧，要 14 以上。", "升级数据库服务器，再运行 zhanggui doctor。"
        )
    if shop.state in _CLOSED:
        cause, mend = _CLOSED[shop.state]
        return fail(f"{cause}（{place}）", mend)
    if shop.state == "absent":
        return fail("还没有建店：没有数据库，也没有密钥。", *_INIT)
    return ok(f"{place} {shop.postgresql // 10000}" if shop.postgresql else place)


_CLOSED = {
    "address": (
        "数据库地址看不懂。",
        "ZHANGGUI_DATABASE_URL 写成 sqlite:///文件 或 postgresql://用户:密码@主机/库名；" + _ENCODED,
    ),
    "password": (
        "数据库不认这个用户或密码。",
        "核对 ZHANGGUI_DATABASE_URL 里的用户和密码；" + _ENCODED,
    ),
    "name": (
        "服务器上没有这个库或用户。",
        "请数据库管理员建好：createuser -P zhanggui，再 createdb -O zhanggui zhanggui。",
    ),
    "unreached": (
        "连不上数据库。",
        "看 PostgreSQL 有没有在运行，ZHANGGUI_DATABASE_URL 里的主机和端口对不对，防火墙放没放行。",
    ),
    "damaged": ("数据库文件坏了，或者不是数据库。", "先停服务，把文件另存一份，再从备份拷回来。"),
    "unreadable": ("数据库文件打不开。", "用 ls -l 看它是谁的，用跑服务的那个用户来运行；文件和文件夹都要能写。"),
}


@check("数据库版本")
def schema(case: Case) -> Verdict | None:
    """The schema is the one this program was written for."""
    found, newest = case.shop.schema
    if case.shop.state == "older":
        return warn(
            f"数据库是旧版 {found}，程序要 {newest}。",
            "先备份，再重新启动 zhanggui run：启动时自动升级（zhanggui store list 也会）。",
        )
    if case.shop.state == "newer":
        return fail(f"数据库（{found}）比程序（{newest}）新。", "升级程序：放上新版，运行 make setup，再启动。")
    return ok(found) if found else None


@check("密钥")
def keys(case: Case) -> Verdict | None:
    """The keys are there, whole, closed to others, and those of this database."""
    folder, held = case.settings.keys, case.keys
    if held.state != "fine":
        return _no_keys(case)
    if not case.shop.fits_keys:
        return fail(
            "密钥和数据库不是一家的，资料打不开。", f"把这个数据库原来的密钥拷回 {folder}，或改 ZHANGGUI_KEYS。"
        )
    if held.copies:
        return warn(
            f"密钥和数据库备份放在了一起（{held.copies[0]}）：谁拿到备份就看得到全部资料。",
            "把密钥的那一份移到别处（保险柜、密码管理器），再从备份里删掉。",
        )
    if held.open_to_others:
        return warn("密钥文件夹别人也能看到。", *(_close(path) for path in held.open_to_others))
    return ok(f"{held.count} 把，别人读不到。丢了资料就打不开：请确认别处另存了一份")


def _no_keys(case: Case) -> Verdict | None:
    folder, held = case.settings.keys, case.keys
    if held.state == "open":
        return fail("密钥别人也能读。", *(_close(path) for path in held.open_to_others))
    if held.state == "unreadable":
        return fail(f"{folder} 读不了。", "用跑服务的那个用户来运行：sudo -u zhanggui zhanggui doctor")
    if held.state == "broken":
        return fail(f"{folder} 里有坏的密钥文件。", "从另存的那一份拷回来；每个文件是一行 64 位的十六进制。")
    if case.shop.state not in {"open", "older", "newer"}:
        return None  # init makes both
    return fail(
        f"数据库里有资料，{folder} 里却没有密钥，资料打不开。",
        f"把原来的密钥文件夹拷回 {folder}；放在别处的话，设 ZHANGGUI_KEYS。别另建新的，新的打不开旧资料。",
    )


def _close(path: Path) -> str:
    return f"chmod {700 if path.is_dir() else 600} {shlex.quote(str(path))}"
