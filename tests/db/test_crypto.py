"""Without its keys a database tells nothing of anybody; with them everything opens, and only where it belongs."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.db.core.crypto import Keyring, make_key, open_keys
from bot.db.core.engine import Database
from bot.db.tables import metadata
from bot.domain.errors import UnavailableError
from tests.support.dialogue import START
from tests.support.world import world

ONE = Keyring({1: b"1" * 32})
BOTH = Keyring({1: b"1" * 32, 2: b"2" * 32})
OTHER = Keyring({1: b"3" * 32})
PHONE = "+8613800138000"
ids = st.integers(1, 2**63 - 1)


@given(ids, st.text(), st.booleans())
def test_a_seal_opens_to_what_was_sealed(row_id: int, text: str, note: bool) -> None:  # noqa: FBT001
    assert ONE.unseal("customers.name", row_id, ONE.seal("customers.name", row_id, text, note=note)) == text


@given(ids, st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_json_too(row_id: int, value: object) -> None:
    assert ONE.unseal_json("facts.content", row_id, ONE.seal_json("facts.content", row_id, value)) == value


@pytest.mark.parametrize("blob", [None, b""])
def test_nothing_opens_to_nothing(blob: bytes | None) -> None:
    assert (ONE.unseal("t.c", 1, blob), ONE.unseal_json("t.c", 1, blob)) == ("", None)


@pytest.mark.parametrize(
    ("keys", "place", "row_id"), [(ONE, "customers.name", 8), (ONE, "customers.alias", 7), (OTHER, "customers.name", 7)]
)
def test_a_seal_opens_nowhere_else(keys: Keyring, place: str, row_id: int) -> None:
    with pytest.raises(UnavailableError, match="这份资料打不开"):
        keys.unseal(place, row_id, ONE.seal("customers.name", 7, "王芳"))


@given(st.data())
def test_a_seal_with_any_bit_changed_does_not_open(data: st.DataObject) -> None:
    blob = bytearray(ONE.seal("customers.name", 7, "王芳"))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(UnavailableError):
        ONE.unseal("customers.name", 7, bytes(blob))


def test_two_seals_of_one_text_differ_and_short_texts_look_alike() -> None:
    seals = [ONE.seal("customers.name", 7, name) for name in ("王芳", "王芳", "欧阳娜娜", "")]

    assert len(set(seals)) == 4
    assert len({len(seal) for seal in seals}) == 1


def test_notes_of_one_line_look_alike() -> None:
    assert len({len(ONE.seal("facts.content", 7, "辣" * size, note=True)) for size in range(21)}) == 1


def test_after_a_rotation_old_seals_open_and_new_ones_are_of_the_new_key() -> None:
    old, new = ONE.seal("t.c", 1, "芒果"), BOTH.seal("t.c", 1, "芒果")

    assert (BOTH.unseal("t.c", 1, old), BOTH.unseal("t.c", 1, new)) == ("芒果", "芒果")
    assert (old[1], new[1]) == (1, 2)
    with pytest.raises(UnavailableError):
        ONE.unseal("t.c", 1, new)


def test_after_a_rotation_both_blind_indexes_are_searched() -> None:
    assert BOTH.blinds("phone", PHONE) == (BOTH.blind("phone", PHONE), ONE.blind("phone", PHONE))
    assert ONE.blinds("phone", PHONE) == (ONE.blind("phone", PHONE), ONE.blind("phone", PHONE))


def test_a_blind_index_is_of_its_key_and_purpose() -> None:
    found = {
        ONE.blind("phone", PHONE),
        OTHER.blind("phone", PHONE),
        ONE.blind("last4", PHONE),
        ONE.blind("phone", PHONE[:-1]),
    }

    assert len(found) == 4
    assert len(ONE.blind("phone", PHONE, 8)) == 8


@given(ids, ids, ids)
def test_a_token_names_its_row_for_one_person_only(row_id: int, staff_id: int, other_id: int) -> None:
    token = ONE.token(row_id, staff_id)

    assert ONE.untoken(token, staff_id) == row_id
    assert BOTH.untoken(token, staff_id) == row_id
    assert ONE.untoken(token, other_id) == (row_id if other_id == staff_id else None)
    assert OTHER.untoken(token, staff_id) is None


@given(st.text() | st.binary(max_size=20).map(bytes.hex))
def test_a_forged_token_names_nobody(token: str) -> None:
    assert ONE.untoken(token, 7) is None


def test_keys_are_files_of_their_owner(tmp_path: Path) -> None:
    folder = tmp_path / "keys"

    made = make_key(folder), make_key(folder)

    keys = open_keys(folder)
    assert (made, keys.current) == ((1, 2), 2)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in sorted(folder.iterdir())] == [0o600, 0o600]
    assert open_keys(folder).unseal("t.c", 1, keys.seal("t.c", 1, "芒果")) == "芒果"


def test_keys_that_cannot_be_used_are_refused_with_what_to_do(tmp_path: Path) -> None:
    def refusal() -> str:
        with pytest.raises(UnavailableError) as refused:
            open_keys(tmp_path)
        return refused.value.say.replace(str(tmp_path), "…")

    assert refusal() == "没有密钥：… 里找不到密钥文件。新装请先运行 zhanggui init；换机请把原来的密钥文件夹拷回来。"
    make_key(tmp_path)
    (tmp_path / "01.key").chmod(0o644)
    assert refusal() == "密钥文件别人也能读：请运行 chmod 600 …/01.key"
    (tmp_path / "01.key").chmod(0o600)
    (tmp_path / "01.key").write_text("不是密钥")
    assert refusal() == "密钥文件坏了：…/01.key，请从备份拷回来。"
    (tmp_path / "01.key").write_text("00" * 31)
    assert refusal() == "密钥文件坏了：… 里有长度不对的密钥，请从备份拷回来。"


def test_a_stolen_database_names_nobody(database: Database) -> None:
    world(database, START)

    with database.reading() as conn:
        stolen = [value for table in metadata.sorted_tables for row in conn.execute(select(table)) for value in row]

    texts = [value.encode() if isinstance(value, str) else value for value in stolen if isinstance(value, str | bytes)]
    assert len(texts) > 100
    for secret in ("13800138000", "8000", "王芳", "小王", "06-18", "08-02", "allergy", "三分糖"):
        assert [text for text in texts if secret.encode() in text] == []
