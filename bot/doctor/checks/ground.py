"""What must be right before anything else: Python, time zones, settings, the data folder."""

import os
import shlex
from pathlib import Path

from bot.doctor.case import Case
from bot.doctor.finding import Verdict, check, fail, ok, warn

PYTHON = (3, 11)
_LITTLE, _LESS = 1 << 30, 200 << 20
_CLEAN = "清理磁盘，至少空出 1 GB（先看旧备份和日志）。"


@check("Python")
def python(case: Case) -> Verdict:
    """The interpreter is new enough."""
    version = ".".join(map(str, case.machine.python))
    if case.machine.python[:2] >= PYTHON:
        return ok(version)
    return fail(f"{version} 太旧，要 3.11 以上。", "装上新的 Python，删掉 .venv，再运行 make setup。")


@check("时区资料")
def zones(case: Case) -> Verdict:
    """The rules of time zones are there."""
    if case.machine.has_zones:
        return ok("在")
    return fail(
        "这台机器没有时区资料，日期会算错。", "运行 .venv/bin/pip install tzdata（Debian 也可以 apt install tzdata）。"
    )


@check("设置")
def settings(case: Case) -> Verdict:
    """Every setting is one there is, with a value it can have; every fault at once."""
    if not case.fault:
        return ok("读得懂")
    return fail(case.fault, "改环境变量或 .env 里的这几行；每个设置是什么意思，看 .env.example。")


@check("数据文件夹")
def data(case: Case) -> Verdict:
    """The data folder can be written, has room, and is nobody else's to read."""
    folder = case.settings.data
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return fail(
            f"{folder} 写不进去：{there} 不是文件夹，或者没有写的权限。",
            f"用 ls -ld {shlex.quote(str(there))} 看它是谁的；改权限，或把 ZHANGGUI_DATA 指到能写的文件夹。",
        )
    free = case.machine.free(there)
    room = f"磁盘还剩 {free / (1 << 30):.1f} GB"
    if free < _LESS:
        return fail(f"{room}，随时会写不进去。", _CLEAN)
    if there != folder.absolute():
        return ok(f"还没有，会建在 {folder}；{room}")
    if (stranger := _exposed(folder)) is not None:
        return stranger
    return warn(f"{room}，不多了。", _CLEAN) if free < _LITTLE else ok(f"{folder}，{room}")


def _exposed(folder: Path) -> Verdict | None:
    """Whose it is besides ours."""
    seen = folder.stat()
    if hasattr(os, "geteuid") and seen.st_uid != os.geteuid():
        return warn(
            f"{folder} 是另一个用户（uid {seen.st_uid}）的，你在用 uid {os.geteuid()} 运行。",
            "用跑服务的那个用户来运行，不然新文件服务打不开：sudo -u zhanggui zhanggui doctor",
        )
    if seen.st_mode & 0o077:
        return warn(f"{folder} 这台机器上的别人也能看。", f"chmod 700 {shlex.quote(str(folder))}")
    return None
