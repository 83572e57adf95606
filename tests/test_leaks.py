"""After a busy day nothing personal lies about: not in the database, its log, our logs, caches or temporary files."""

import logging
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

import bot.handlers
from bot.chat import Incoming
from bot.commands import collect
from bot.db import tables
from bot.db.core.engine import Database
from bot.dispatch import Dispatcher
from tests.support.cast import address
from tests.support.world import world

SAID = (
    ("小王", "查 13800138000"),
    ("小王", "她对花生也过敏 三分糖去冰 不吃香菜 娃周六生日"),
    ("小王", "1"),
    ("小王", "记 喜欢靠窗的雅座 答应周五给她留灰直筒裤"),
    ("小王", "客诉 奶茶里有根头发 她气得说不来了"),
    ("小王", "3"),
    ("店长", "我的"),
    ("小王", "电话 8000 她的外套落在店里"),
    ("小王", "改 名字 王小芳"),
    ("小王", "改 地址 梧桐路十二弄三号"),
    ("小王", "改 手机 13911114444"),
    ("小王", "查 wangxiaofang"),
    ("小王", "建 愿意 13911113391 欧阳明月 介绍来的 张姐"),
    ("小王", "临 金毛阿姨 燕麦奶不加糖"),
    ("店长", "并 2203 7715"),
    ("店长", "1"),
    ("店长", "撤"),
    ("小王", "撤"),
    ("外店", "查 13911113391"),
    ("小王", "asdf 王小芳 13911113391 咋回事"),
)
SECRETS = (
    "13800138000", "13911114444", "13911113391", "800138000", "911114444", "1391111", "1380013",
    "王芳", "王小芳", "陈洁", "周敏", "欧阳明月", "小王", "小李",
    "wangfang", "wang fang", "wangxiaofang", "ouyang", "chenjie",
    "花生", "香菜", "靠窗", "灰直筒裤", "头发", "外套", "梧桐路", "金毛阿姨", "雅座", "过敏",
)  # fmt: skip


def busy_day(database: Database, now: datetime) -> None:
    """Everything in SAID through the real dispatcher, with a failing message among them."""
    world(database, now)
    dispatcher = Dispatcher(database, collect(bot.handlers))
    for number, (person, words) in enumerate(SAID):
        dispatcher.handle(Incoming(f"leak-{number}", address(person), words, now))


def found_in(blob: bytes) -> list[str]:
    low = blob.lower()
    forms = {
        secret: (secret.encode(), secret.encode("utf-16-le"), ascii(secret)[1:-1].lower().encode())
        for secret in SECRETS
    }
    return [secret for secret, ways in forms.items() if any(way.lower() in low for way in ways)]


@pytest.fixture
def log_file(tmp_path: Path):
    """Everything any library logs, at DEBUG."""
    path = tmp_path / "debug.log"
    handler = logging.FileHandler(path)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield path
    root.removeHandler(handler)
    root.setLevel(before)
    handler.close()


def test_no_row_holds_anything_personal(database: Database, now: datetime, log_file: Path) -> None:
    busy_day(database, now)

    with database.reading() as conn:
        rows = [
            repr(tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)).encode()
            + b"".join(bytes(value) for value in row if isinstance(value, bytes | memoryview))
            for table in tables.metadata.sorted_tables
            if table.name not in ("products", "stores")
            for row in conn.execute(select(table))
        ]

    assert len(rows) > 100
    assert found_in(b"\n".join(rows)) == []
    assert found_in(log_file.read_bytes()) == []


CHILD = """
import logging, sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo
logging.basicConfig(level=logging.DEBUG, filename=sys.argv[2])
from bot.db.core import schema
from bot.db.core.engine import open_database
from tests.support import engines
from tests.test_leaks import busy_day
database = open_database(f"sqlite:///{sys.argv[1]}/shop.db", engines.KEYS)
schema.ensure(database)
busy_day(database, datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai")))
import os; os._exit(0)  # as a crash leaves it: the write-ahead log still there
"""


def test_no_file_of_a_run_holds_anything_personal(tmp_path: Path) -> None:
    data, temporary = tmp_path / "data", tmp_path / "tmp"
    data.mkdir()
    temporary.mkdir()
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(data), str(tmp_path / "child.log")],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        check=False,
    )
    files = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert child.returncode == 0, child.stderr.decode()
    assert {"shop.db", "shop.db-wal", "child.log"} <= {path.name for path in files}
    assert {str(path): leaks for path in files if (leaks := found_in(path.read_bytes()))} == {}
    assert found_in(child.stdout + child.stderr) == []


def test_the_search_itself_finds_what_is_there(database: Database, now: datetime) -> None:
    world(database, now)

    with database.reading() as conn:
        opened = conn.execute(text("select '13800138000' || '王芳'")).scalar()

    assert found_in(opened.encode()) == ["13800138000", "800138000", "1380013", "王芳"]
