"""The database and its keys, each made wrong in turn."""

import shutil
import socket
import struct
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.db.core import schema
from bot.doctor.checks import storage
from bot.doctor.diagnosis import look
from bot.doctor.looks.machine import this_machine
from bot.settings import Settings
from tests.doctor.conftest import put_key
from tests.support import postgres
from tests.support.cast import add_cast


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ((3, 46, 1), "fail"),
        ((3, 51, 2), "fail"),
        ((3, 50, 6), "fail"),
        ((), "fail"),
        ((3, 51, 3), "ok"),
        ((3, 50, 7), "ok"),
        ((3, 44, 6), "ok"),
        ((3, 53, 0), "ok"),
    ],
)
def test_a_sqlite_that_can_lose_commits_is_refused(clinic, version, state):
    assert clinic.findings({"sqlite": version})["sqlite"].state == state


def test_where_nothing_is_init_comes_first(clinic):
    found = clinic.findings()

    assert (found["database"].state, found["database"].cause) == ("fail", "还没有建店：没有数据库，也没有密钥。")
    assert found["database"].mends[0] == "zhanggui init --vertical tea --name 店名"
    assert "keys" not in found


def test_a_database_without_a_shop_wants_init_too(clinic, empty_url):
    found = clinic.findings(database_url=empty_url)["database"]

    assert (found.state, found.mends[0]) == ("fail", "zhanggui init --vertical tea --name 店名")


def test_a_file_that_is_no_database_is_told(clinic):
    (clinic.folder / "shop.db").write_bytes(b"not a database at all " * 500)

    found = clinic.findings(database_url="sqlite:///shop.db")["database"]

    assert (found.state, found.cause) == ("fail", "数据库文件坏了，或者不是数据库。（shop.db）")


def test_an_address_that_cannot_be_read_is_told(clinic):
    found = clinic.findings(database_url="postgresql://u:p@host:port/name")["database"]

    assert (found.state, found.cause) == ("fail", "数据库地址看不懂。（PostgreSQL）")


def test_a_postgresql_that_is_not_there_is_told(clinic):
    found = clinic.findings(database_url="postgresql://u:secret-word@127.0.0.1:1/name")["database"]

    assert (found.state, found.cause) == ("fail", "连不上数据库。（PostgreSQL）")


def test_a_postgresql_without_that_database_is_told(clinic):
    url = make_url(postgres.address()).set(database="nowhere").render_as_string(hide_password=False)

    found = clinic.findings(database_url=url)["database"]

    assert (found.state, found.cause) == ("fail", "服务器上没有这个库或用户。（PostgreSQL）")


def test_a_wrong_password_is_told_without_repeating_it(clinic):
    with refusing_postgresql() as port:
        found = clinic.findings(database_url=f"postgresql://shop:secret-word@127.0.0.1:{port}/shop?sslmode=disable")

    assert (found["database"].state, found["database"].cause) == ("fail", "数据库不认这个用户或密码。（PostgreSQL）")
    assert [one.check for one in found.values() if "secret-word" in one.say] == []


@contextmanager
def refusing_postgresql():
    """A server that speaks PostgreSQL just far enough to refuse a password."""
    fields = b'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "shop"\0\0'
    with socket.create_server(("127.0.0.1", 0)) as line:

        def serve() -> None:
            while True:
                try:
                    client, _ = line.accept()
                except OSError:
                    return
                with client:
                    client.recv(1024)
                    client.sendall(b"E" + struct.pack("!i", len(fields) + 4) + fields)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield line.getsockname()[1]
        line.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@pytest.mark.parametrize("engine", ["postgresql"])
def test_an_old_postgresql_is_told(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    case = look(Settings(database_url=clinic.settings["ZHANGGUI_DATABASE_URL"], data=clinic.folder), this_machine())

    found = storage.database.find(replace(case, shop=replace(case.shop, postgresql=130012)))

    assert (found.state, found.cause) == ("fail", "PostgreSQL 13 太旧，要 14 以上。")


def test_an_older_schema_says_how_it_is_upgraded(clinic, shop):
    shop.transact(lambda conn: conn.execute(text("UPDATE alembic_version SET version_num = '0001'")))

    found = clinic.findings()

    assert (found["schema"].state, found["schema"].cause) == (
        "warn",
        f"数据库是旧版 0001，程序要 {schema.revisions()[-1]}。",
    )
    assert "stores" not in found


def test_a_newer_schema_wants_a_newer_program(clinic, shop):
    shop.transact(lambda conn: conn.execute(text("UPDATE alembic_version SET version_num = '9999'")))

    found = clinic.findings()["schema"]

    assert (found.state, found.cause) == ("fail", f"数据库（9999）比程序（{schema.revisions()[-1]}）新。")


def test_a_shop_without_its_keys_gets_the_old_ones_back(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    keys = clinic.settings["ZHANGGUI_KEYS"]
    shutil.rmtree(keys)

    found = clinic.findings()["keys"]

    assert (found.state, found.cause) == ("fail", f"数据库里有资料，{keys} 里却没有密钥，资料打不开。")


def test_keys_others_can_read_are_closed(clinic, shop):
    folder = clinic.folder / "keys"
    folder.chmod(0o750)
    (folder / "01.key").chmod(0o640)

    found = clinic.findings()["keys"]

    assert (found.state, found.mends) == ("fail", (f"chmod 700 {folder}", f"chmod 600 {folder}/01.key"))


def test_a_folder_of_keys_others_can_list_is_closed(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    folder = clinic.folder / "keys"
    folder.chmod(0o755)

    found = clinic.findings()["keys"]

    assert (found.state, found.mends) == ("warn", (f"chmod 700 {folder}",))


def test_a_broken_key_is_told(clinic, shop):
    (clinic.folder / "keys" / "01.key").write_text("half a k")

    assert clinic.findings()["keys"].cause == f"{clinic.folder}/keys 里有坏的密钥文件。"


def test_keys_of_another_shop_are_told(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    (clinic.folder / "keys" / "01.key").write_text("00" * 32)

    found = clinic.findings()["keys"]

    assert (found.state, found.cause) == ("fail", "密钥和数据库不是一家的，资料打不开。")


def test_keys_among_the_backups_are_moved(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    put_key(clinic.folder / "var" / "backups" / "keys")

    found = clinic.findings()["keys"]

    assert (found.state, found.cause) == (
        "warn",
        "密钥和数据库备份放在了一起（var/backups/keys/01.key）：谁拿到备份就看得到全部资料。",
    )
