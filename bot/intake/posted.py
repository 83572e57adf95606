"""Orders that a till posts as JSON: the same orders, lines and refusals as a file of them, counted the same way.

Either `{"store": …, "orders": [{…, "lines": [{…}]}]}` or a flat list of lines; fields are named as the columns.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete

from bot.db.core.engine import Database
from bot.db.tables import imports
from bot.domain.cells import CellError
from bot.domain.errors import UsageError
from bot.intake.desk import Desk
from bot.intake.options import Options, silent
from bot.intake.order_import import import_orders
from bot.intake.reading.lines import HEAD, LINE
from bot.intake.reading.orders import read_orders
from bot.intake.reading.texts import own_number
from bot.intake.refused import place, write_refused

FIELDS = ("order_no", *HEAD, *LINE)
MOST_LINES = 5000
_LONGEST = 500
_LOST = "\ufffd"  # a cell the reader takes for damaged: it refuses the line, and its order with it
_PLACES = {name: at for at, name in enumerate(FIELDS)}
_MOST_TOLD, _LONGEST_TOLD = 20, 40
_FLAT = -1  # the entry of every line that stands by itself: those of one order number are one order

_NOT_JSON = "不是 JSON：请用 UTF-8 发 JSON。"
_NOT_ORDERS = '要么是 {"store": …, "orders": […]}，要么是一列订单行。'
_NOT_OBJECT = "这一条不是对象：请写成 {字段: 值}"
_NO_LINES = "这一单没有商品行：请在 lines 里写上"
_NOT_TEXT = "{} 的值要是文字或数字，不超过 500 个字"


class TooManyError(UsageError):
    """More lines than one post may have."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of the lines of a post; `refused` are lines, counted from 1, with the reason.

    `ignored` are names of fields that mean nothing here; `remarks` are lines taken, but not the coupon they name.
    """

    read: int
    new: int
    changed: int
    unchanged: int
    refused: tuple[tuple[int, str], ...] = ()
    ignored: tuple[str, ...] = ()
    remarks: tuple[tuple[int, str], ...] = ()

    def again(self) -> "Posted":
        """What becomes of the very same post when it comes again: nothing new."""
        return replace(self, new=0, changed=0, unchanged=self.new + self.changed + self.unchanged)

    def as_json(self) -> dict[str, Any]:
        """The keys a till may rely on."""
        refused, remarks = (
            [{"line": at, "reason": why} for at, why in found] for found in (self.refused, self.remarks)
        )
        counts = {"read": self.read, "new": self.new, "changed": self.changed, "unchanged": self.unchanged}
        told = {**counts, "refused": refused, "ignored": [*self.ignored]}
        return {**told, "remarks": remarks} if remarks else told


@dataclass(slots=True)
class _Line:
    """One line of a post: its number from 1, its fields, what is wrong with it, the order entry it stood in."""

    number: int
    said: Mapping[str, Any]
    entry: int
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A post as read: rows like those of a file, with their numbers, and what is wrong with some, by place from 1.

    `replaced` lines are of orders that the same post tells once more, further down.
    """

    digest: bytes
    rows: list[list[str]]
    numbers: list[int]
    wrong: dict[int, str]
    replaced: int
    ignored: tuple[str, ...]


def read_post(content: bytes) -> Post:
    """Read what a till posted; raises UsageError where it is no list of orders, TooManyError where it is too long."""
    try:
        said = json.loads(content.decode(), parse_float=str, parse_int=str, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise UsageError(_NOT_JSON) from error
    store, entries, is_nested = _entries(said)
    lines: list[_Line] = []
    for line in _lines(entries, store, is_nested=is_nested):
        lines.append(line)
        if len(lines) > MOST_LINES:
            raise TooManyError(f"一次最多 {MOST_LINES} 行，请分几次发。")
    kept = _kept(lines) if is_nested else lines
    rows, wrong = [], {}
    for at, line in enumerate(kept, 1):
        row, bad = _row(line)
        rows.append(row)
        if bad:
            wrong[at] = bad
    digest = hashlib.sha256(content).digest()
    return Post(digest, rows, [line.number for line in kept], wrong, len(lines) - len(kept), _ignored(lines))


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _entries(said: Any) -> tuple[str, list[Any], bool]:  # noqa: ANN401 — whatever JSON can hold
    """The store for whoever names none, the entries, and whether they are orders with lines."""
    if isinstance(said, list):
        return "", said, False
    if isinstance(said, dict) and isinstance(said.get("orders"), list):
        store = said.get("store")
        if store is None or isinstance(store, str):
            return (store or "").strip(), said["orders"], True
    raise UsageError(_NOT_ORDERS)


def _lines(entries: list[Any], store: str, *, is_nested: bool) -> Iterator[_Line]:
    number = 0
    for at, entry in enumerate(entries):
        if not isinstance(entry, dict):
            number += 1
            yield _Line(number, {}, _FLAT, _NOT_OBJECT)
            continue
        head = {"store": store, **entry} if entry.get("store") is None else dict(entry)
        if not (is_nested and "lines" in head):
            number += 1
            yield _Line(number, head, _FLAT)
            continue
        found = head.pop("lines")
        if not isinstance(found, list) or not found:
            number += 1
            yield _Line(number, head, at, _NO_LINES)
            continue
        for line in found:
            number += 1
            is_object = isinstance(line, dict)
            yield _Line(number, {**head, **line} if is_object else head, at, "" if is_object else _NOT_OBJECT)


def _kept(lines: list[_Line]) -> list[_Line]:
    """Without the orders that stand further down again: the last word counts, as it does from post to post."""
    last: dict[str, int] = {}
    numbers = [_order_no(line) for line in lines]
    for order_no, line in zip(numbers, lines, strict=True):
        last[order_no] = line.entry
    return [line for order_no, line in zip(numbers, lines, strict=True) if not order_no or last[order_no] == line.entry]


def _order_no(line: _Line) -> str:
    said = line.said.get("order_no")
    try:
        return own_number(said, "单号") if isinstance(said, str) else ""
    except CellError:
        return ""


def _row(line: _Line) -> tuple[list[str], str]:
    """The cells of a line, and what is wrong with it."""
    row, wrong = [], line.wrong
    for name in FIELDS:
        said = line.said.get(name)
        if said is None:
            said = ""
        if not (isinstance(said, str) and len(said) <= _LONGEST and _is_text(said)):
            wrong, said = wrong or _NOT_TEXT.format(name), _LOST
        row.append(said)
    if wrong and _LOST not in row:
        row[_PLACES["pay_method"]] = _LOST
    return row, wrong


def _is_text(said: str) -> bool:
    """Whether a database takes it: JSON may hold halves of letters, and letters that are none."""
    try:
        return b"\0" not in said.encode()
    except UnicodeEncodeError:
        return False


def _ignored(lines: list[_Line]) -> tuple[str, ...]:
    names = sorted({name for line in lines for name in line.said} - _PLACES.keys())
    return tuple(name[:_LONGEST_TOLD].encode(errors="replace").decode() for name in names[:_MOST_TOLD])


def store_post(database: Database, post: Post, options: Options) -> Posted:
    """Store what was read; refused rows go into a file, as an import's do."""
    desk = Desk(database, options)
    file = read_orders(post.rows, _PLACES, len(FIELDS), desk.zone(), garbled=True)
    refused = file.gathered.refused
    refused.update(post.wrong)
    counts = import_orders(desk, file, post.digest, silent)
    desk.write(partial(_forget, digest=post.digest, key=options.key))
    remarks = file.gathered.remarks
    if refused or remarks:
        write_refused(_file_of(post, options), FIELDS, post.rows, {**remarks, **refused})
    return Posted(
        len(post.rows) + post.replaced,
        counts.new,
        counts.changed,
        counts.unchanged + post.replaced,
        tuple((post.numbers[at - 1], refused[at]) for at in sorted(refused)),
        post.ignored,
        tuple((post.numbers[at - 1], remarks[at]) for at in sorted(remarks)),
    )


def _forget(conn: Connection, digest: bytes, key: str) -> None:
    """Drop how far it got, now that it is through: tills post all day, and each post is another file."""
    conn.execute(
        delete(imports).where(imports.c.kind == "orders", imports.c.file_digest == digest, imports.c.options == key)
    )


def _file_of(post: Post, options: Options) -> Path:
    """Where refused rows go: a post that comes again and again has one file."""
    path = place(options.data, "orders", options.now, post.digest)
    return next(path.parent.glob(f"orders-*-{post.digest.hex()[:8]}.csv"), path)
