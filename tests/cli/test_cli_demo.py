"""`zhanggui demo`: made once, thrown away only when asked and only if it is a demo."""

import re

import httpx
import pytest

from tests.support.command_line import AT, make_demo, run


def test_the_demo_is_made_once_and_anew_only_when_asked(here):
    again = here("demo", "--make-only")

    assert (again.code, again.err) == (0, "")
    assert "演示连锁已经在了，订单到 2026-11-21" in again.out
    here("demo", "--make-only", "--fresh", "--customers", "30", "--at", "2026-11-20T10:00")
    assert "订单到 2026-11-19" in here("store", "list").out


def test_the_demo_leaves_a_real_shop_alone(empty):
    empty("init")
    empty("store", "add", "001", "徐汇店")

    done = empty("demo", "--make-only", "--fresh")

    assert (done.code, done.out) == (1, "")
    assert empty("store", "list").out.startswith("001  徐汇店")


def test_the_demo_without_a_terminal_reads_lines_to_their_end(here):
    done = here("--quiet", "demo", "--at", AT, said="好的\n")

    assert (done.code, done.out) == (0, "小王> 好的\n（不回话）\n\n")


def test_long_work_says_a_line_a_tenth_where_there_is_no_terminal(empty):
    done = empty("demo", "--make-only", "--customers", "400", "--at", AT)

    assert done.err.splitlines() == ["建演示连锁 50 %", "建演示连锁 100 %"]
    assert empty("--quiet", "demo", "--make-only").err == ""


def test_the_page_of_phones_stands_beside_the_demo_and_goes_with_it(tmp_path):
    make_demo(tmp_path)

    done = run(tmp_path, "demo", said="好的\n")

    (address,) = re.findall(r"网页手机：(http://127\.0\.0\.1:\d+)", done.out)
    assert done.code == 0
    assert done.out.endswith("小王> 好的\n（不回话）\n\n")
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, trust_env=False)
