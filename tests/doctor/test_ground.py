"""What must be right before anything else, each made wrong in turn: Python, time zones, settings, the data folder."""

import os
import sys
import zoneinfo

import pytest

MB = 1 << 20


def test_an_old_python_is_replaced(clinic):
    found = clinic.findings({"python": (3, 10, 14)})["python"]

    assert (found.state, found.cause) == ("fail", "3.10.14 太旧，要 3.11 以上。")
    assert found.mends == ("装上新的 Python，删掉 .venv，再运行 make setup。",)


def test_without_the_rules_of_time_zones_days_would_be_wrong(clinic, monkeypatch):
    for name in ("tzdata", "tzdata.zoneinfo", "tzdata.zoneinfo.Asia"):
        monkeypatch.setitem(sys.modules, name, None)
    zoneinfo.reset_tzpath(to=[])
    try:
        found = clinic.findings()["zones"]
    finally:
        zoneinfo.reset_tzpath()

    assert (found.state, found.cause) == ("fail", "这台机器没有时区资料，日期会算错。")


def test_every_wrong_setting_is_named_at_once_and_nothing_else_is_looked_at(clinic):
    found = clinic.findings(http="8080", telegram_mode="both", telegram_tokn="x")

    assert found["settings"].state == "fail"
    assert found["settings"].cause == (
        "设置有误：没有 ZHANGGUI_TELEGRAM_TOKN 这个设置，是不是 ZHANGGUI_TELEGRAM_TOKEN；"
        "ZHANGGUI_HTTP 要写成 地址:端口，例：127.0.0.1:8080；ZHANGGUI_TELEGRAM_MODE 填得不对。"
    )
    assert list(found) == ["python", "zones", "settings"]


def test_a_data_folder_that_cannot_be_written_is_named(clinic):
    (clinic.folder / "taken").write_text("a file")

    found = clinic.findings(data="taken/var")["data"]

    assert (found.state, found.cause) == (
        "fail",
        f"taken/var 写不进去：{clinic.folder}/taken 不是文件夹，或者没有写的权限。",
    )


@pytest.mark.parametrize(("free", "state"), [(100 * MB, "fail"), (500 * MB, "warn"), (5000 * MB, "ok")])
def test_a_full_disk_is_told_before_it_is_full(clinic, free, state):
    (clinic.folder / "var").mkdir(mode=0o700)

    assert clinic.findings({"free": lambda _: free})["data"].state == state


def test_a_data_folder_others_can_read_is_closed(clinic):
    (clinic.folder / "var").mkdir()
    (clinic.folder / "var").chmod(0o755)

    found = clinic.findings()["data"]

    assert (found.state, found.cause, found.mends) == ("warn", "var 这台机器上的别人也能看。", ("chmod 700 var",))


def test_whoever_is_not_the_services_user_is_told(clinic, monkeypatch):
    (clinic.folder / "var").mkdir(mode=0o700)
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)

    found = clinic.findings()["data"]

    assert (found.state, found.cause) == ("warn", f"var 是另一个用户（uid {me}）的，你在用 uid {me + 1} 运行。")
