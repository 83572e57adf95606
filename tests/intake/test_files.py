import gzip
from pathlib import Path

import pytest

from bot.domain.errors import UsageError
from bot.intake.reading import files
from bot.intake.reading.files import open_source

ROWS = [["单号", "顾客"], ["007", "𠮷野"]]


def _rows(tmp_path: Path, content: bytes) -> list[list[str]]:
    path = tmp_path / "file"
    path.write_bytes(content)
    return list(open_source(path).rows())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_table_reads_the_same_however_it_was_saved(tmp_path, encoding, delimiter, end, pack):
    content = "".join(delimiter.join(row) + end for row in ROWS).encode(encoding)

    assert _rows(tmp_path, pack(content)) == ROWS


def test_commas_in_quotes_do_not_decide_the_delimiter(tmp_path):
    assert _rows(tmp_path, b'"a,b,c";d\n1;2\n') == [["a,b,c", "d"], ["1", "2"]]


def test_a_cell_may_hold_line_breaks(tmp_path):
    assert _rows(tmp_path, b'a,b\n"1\n2",3\n') == [["a", "b"], ["1\n2", "3"]]


def test_blank_rows_do_not_count(tmp_path):
    assert _rows(tmp_path, b"\n\na,b\n,\n\n1,\n") == [["a", "b"], ["1", ""]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空的"),
        (gzip.compress(b"", mtime=0), "空的"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "压缩文件坏了"),
        (b"a,b\n1,\0\n", "编码认不出来"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "编码认不出来"),
        (b"a,b\n" + "ñé".encode("latin-1") + b"\xff\n", "编码认不出来"),
        ("客戶\n王芳\n".encode("big5") * 50, "编码认不出来"),
        (b'a,b\n"1,2\n' + b"x" * 140_000, "引号没有配对"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(tmp_path, content, said):
    with pytest.raises(UsageError, match=said):
        _rows(tmp_path, content)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match="打不开"):
        open_source(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_that_unpacks_too_large_is_refused(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(files, "MOST_BYTES", 1000)

    with pytest.raises(UsageError, match="太大"):
        _rows(tmp_path, pack(b"a,b\n" * 500))


def test_lost_letters_are_noticed(tmp_path):
    path = tmp_path / "file"
    path.write_text("单号,顾客\n1,王�\n", encoding="utf-8")

    assert open_source(path).garbled


def test_the_digest_is_of_the_content_not_of_its_packing(tmp_path):
    plain, packed = tmp_path / "a", tmp_path / "b"
    plain.write_bytes(b"a,b\n1,2\n")
    packed.write_bytes(gzip.compress(b"a,b\n1,2\n", mtime=0))

    assert open_source(plain).digest == open_source(packed).digest
