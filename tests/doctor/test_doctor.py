"""The command as an installer runs it: in an empty folder, in a shop where all is well, and for machines."""

import json
import re
from datetime import datetime
from pathlib import Path

from bot.doctor import CHECKS
from bot.doctor.looks.machine import FONT_FOLDERS, chinese_font
from bot.domain.calendar import holidays
from tests.support.cast import ZONE
from tests.support.command_line import run
from tests.support.platforms import SECRETS

HERE = Path(__file__).parent
FONT = "ok" if chinese_font(FONT_FOLDERS) else "warn"  # as this machine is
TODAY = datetime.now(ZONE)
NEXT = {TODAY.year + 1} if TODAY.month == 12 else set()  # asked for from December on
RESTS = "ok" if all(holidays.shipped().published(year) for year in {TODAY.year} | NEXT) else "warn"
MARKS = {"✓": "ok", "!": "warn", "✗": "fail"}


def shown(out: str) -> list[tuple[str, str]]:
    """State and title of each line with a mark."""
    return [(MARKS[mark], title) for mark, title in re.findall(r"^([✓!✗]) (.+?)：", out, re.MULTILINE)]


def test_an_empty_folder_is_told_what_to_do_in_order(tmp_path):
    tmp_path.chmod(0o700)

    done = run(tmp_path, "doctor", ZHANGGUI_HTTP="127.0.0.1:1")

    assert (done.code, done.err) == (1, "")
    assert shown(done.out) == [
        ("ok", "Python"),
        ("ok", "时区资料"),
        ("ok", "设置"),
        ("ok", "数据文件夹"),
        ("ok", "SQLite"),
        ("fail", "数据库"),
        ("fail", "门店"),
        ("fail", "员工"),
        ("fail", "渠道"),
        ("warn", "服务"),
        (FONT, "中文字体"),
        (RESTS, "放假安排"),
    ]
    commands = re.findall(r"(zhanggui \w+(?: \w+)?)", done.out)
    assert [one for place, one in enumerate(commands) if one not in commands[:place]] == [
        "zhanggui init",
        "zhanggui demo",
        "zhanggui store add",
        "zhanggui staff add",
        "zhanggui sandbox",
        "zhanggui run",
    ]
    assert done.out.splitlines()[-1].endswith("下一步（数据库）：zhanggui init --vertical tea --name 店名")
    assert list(tmp_path.iterdir()) == []


def test_all_is_well_beside_a_running_service(running, beside):
    done = run(running.service.folder, "doctor", **running.service.settings)

    wanted = [(FONT if check.name == "fonts" else "ok", check.title) for check in CHECKS if check.name not in ABSENT]
    assert shown(done.out) == wanted
    assert (done.code, done.err, done.out.splitlines()[-1] == "都好。") == (0, "", FONT == "ok")
    assert [secret for secret in SECRETS if secret in done.out] == []


ABSENT = {"smart_bot_callback", "pos_secret"}
"""What this installation does not have: a smart bot that is called back, tills."""


def test_machines_get_a_list_of_check_state_and_say(running, beside):
    done = run(running.service.folder, "doctor", "--json", **running.service.settings)

    told = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert [list(one) for one in told] == [["check", "state", "say"]] * len(told)
    assert [(one["check"], one["state"]) for one in told] == [
        (check.name, FONT if check.name == "fonts" else "ok") for check in CHECKS if check.name not in ABSENT
    ]


def test_machines_are_told_cause_and_mend_and_get_exit_one(tmp_path):
    done = run(tmp_path, "doctor", "--json", ZHANGGUI_TELEGRAM_TOKE="x")

    told = {one["check"]: one for one in json.loads(done.out)}
    assert (done.code, done.err) == (1, "")
    assert [(one["check"], one["state"]) for one in told.values()] == [
        ("python", "ok"),
        ("zones", "ok"),
        ("settings", "fail"),
    ]
    assert told["settings"]["say"] == (
        "设置有误：没有 ZHANGGUI_TELEGRAM_TOKE 这个设置，是不是 ZHANGGUI_TELEGRAM_TOKEN。\n"
        "改环境变量或 .env 里的这几行；每个设置是什么意思，看 .env.example。"
    )


def test_what_should_only_be_seen_to_ends_with_exit_zero(running, beside):
    running.where.telegram.set_privacy(on=True)
    try:
        done = run(running.service.folder, "--quiet", "doctor", **running.service.settings)
    finally:
        running.where.telegram.set_privacy(on=False)

    assert (done.code, done.err, shown(done.out)[:1]) == (0, "", [("warn", "Telegram 群隐私模式")])
    assert done.out.splitlines()[-1].endswith("要在群里用：@BotFather 发 /setprivacy → 选机器人 → Disable")


def test_quiet_leaves_out_what_is_well(tmp_path):
    tmp_path.chmod(0o700)

    done = run(tmp_path, "--quiet", "doctor", ZHANGGUI_HTTP="127.0.0.1:1")

    assert {state for state, _ in shown(done.out)} == {"warn", "fail"}


def test_nothing_is_changed_by_being_examined(running, beside):
    before = {path: path.stat().st_mtime_ns for path in running.service.folder.rglob("*.key")}
    asked = len(running.where.wecom.calls), len(running.where.telegram.calls)

    beside.findings()

    told = [call.path for call in list(running.where.wecom.calls)[asked[0] :]]
    assert sorted(told) == ["agent/get", "gettoken", "menu/get"]
    assert sorted(
        call.method for call in list(running.where.telegram.calls)[asked[1] :] if call.method != "getUpdates"
    ) == ["getMe", "getWebhookInfo"]
    assert {path: path.stat().st_mtime_ns for path in running.service.folder.rglob("*.key")} == before
    assert running.where.wecom.connected


def test_every_check_has_a_test_that_names_it():
    texts = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))

    assert [check.name for check in CHECKS if f'["{check.name}"]' not in texts] == []


def test_every_check_is_listed_in_the_order_it_is_mended(request):
    page = (HERE.parent.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    listed = re.findall(
        r"^\| `(\w+)` \| ([^|]+?) \|", page.partition("## Doctor")[2].partition("\n## ")[0], re.MULTILINE
    )

    assert listed == [(check.name, check.title) for check in CHECKS]
