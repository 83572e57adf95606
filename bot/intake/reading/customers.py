"""Rows of customer files read into the columns of a customer, what is known of her and what she agreed to."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bot.domain import birthdays, cells
from bot.domain.cells import CellError
from bot.domain.language import consents, problems
from bot.domain.language.values import Statement
from bot.intake.reading.orders import NOON
from bot.intake.reading.rows import Cells, Reader
from bot.intake.reading.shops import words_of
from bot.intake.reading.texts import Who, who, words

_GENDERS = words("""
female: 女 女士 小姐 f woman 2
male: 男 先生 m man 1
""")
_ANSWERS = words("""
yes: 是 有 同意 已同意 已授权 允许 接受 可以 y true t 1 √ ✓ agree agreed opt-in optin
no: 否 无 不 不同意 未同意 未授权 拒绝 不接受 n false f 0 × x ✗ opt-out optout
""")
_CALENDARS = words("""
lunar: 农历 阴历 旧历 是 yes y true 1
""")
_LISTS = ("allergy", "avoid", "preference", "size")
_NOTES = ("referrer", "note")
_LONGEST = 500  # as one message in the chat
_FREE = ("note", "alias", "source", "job", "allergy", "avoid", "preference")
_UNKEPT = {
    "insult": "备注里有客人看到会难受的话：请改成事实再导",
    "id_card": "备注里像有身份证号（不能存）：请删掉再导",
    "bank_card": "备注里像有银行卡号（不能存）：请删掉再导",
}
_PLAIN = ("name", "alias", "source", "level", "email", "address", "job")


class Said(NamedTuple):
    """A fact; `pending` where she must say yes to it first."""

    kind: str
    value: str
    pending: bool


class Aside(NamedTuple):
    """What a row says beside plain columns: store and guide as written, facts, a yes or no to being contacted.

    That yes is not one to keeping her health data: such a fact waits for her own.
    """

    store: str
    guide: str
    facts: tuple[Said, ...]
    consent: bool | None


def customer_reader(zone: ZoneInfo) -> Reader[Who]:
    """What reads one row; days are local to `zone`."""
    return partial(_read, zone=zone)


def _read(row: Cells, zone: ZoneInfo) -> tuple[Who, dict[str, Any], tuple[Aside]]:
    person = who(row.get("customer_no", ""), row.get("phone", ""))
    if not any(person):
        raise CellError("手机号和会员号都空着：请至少填一个")
    _clean(row)
    values: dict[str, Any] = {name: row.get(name) for name in _PLAIN} | {
        "customer_no": person.number,
        "phone": person.phone,
        "gender": _GENDERS.get(row.get("gender", "").lower()),
        "birthday": _birthday(row.get("birthday", ""), row.get("lunar", "")),
        "points": _points(row.get("points", "")),
        "created_at": _joined(row.get("created_on", ""), zone),
    }
    store = cells.store_code(row["store"]) if row.get("store") else ""
    aside = Aside(store, row.get("guide", ""), tuple(_facts(row)), _yes_or_no(row.get("consent", "")))
    return person, {name: value for name, value in values.items() if value not in (None, "")}, (aside,)


def _clean(row: Cells) -> None:
    """Refuse what must not be kept, as the chat does."""
    if any(len(cell) > _LONGEST for cell in row.values()):
        raise CellError(f"有一格超过 {_LONGEST} 个字：请写短些再导")
    for column in _FREE:
        found = problems(row.get(column, ""))
        if found:
            raise CellError(_UNKEPT[found[0]])


def _facts(row: Cells) -> list[Said]:
    said = [(kind, word) for kind in _LISTS for word in words_of(row.get(kind, "")) if _ANSWERS.get(word) != "no"]
    said += [(kind, row[kind]) for kind in _NOTES if row.get(kind)]
    return [Said(kind, value, bool(consents(Statement(kind, value)))) for kind, value in dict.fromkeys(said)]


def _birthday(cell: str, calendar: str) -> str:
    if not cell:
        return ""
    lunar = calendar.lower() in _CALENDARS
    read = birthdays.read(f"农历{cell}" if lunar else cell)
    if read is None:
        raise CellError("生日看不懂：请写成 1990-03-05，农历写成 农历八月初二")
    return read.text()


def _points(cell: str) -> int | None:
    milli = cells.quantity_milli(cell)
    return None if milli is None else milli // 1000


def _joined(cell: str, zone: ZoneInfo) -> datetime | None:
    if not cell:
        return None
    on: date = cells.when(cell)[0]
    return datetime.combine(on, NOON, zone).astimezone(UTC)


def _yes_or_no(cell: str) -> bool | None:
    word = cell.lower()
    if not word:
        return None
    if word in _ANSWERS:
        return _ANSWERS[word] == "yes"
    raise CellError("是否同意看不懂：请写 是 或 否")
