"""Which list a message speaks of: the one it quotes, the one shown last, else the newest one that is open."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.chat import Choice
from bot.db.core.engine import keys_of
from bot.db.lists import lists
from bot.db.lists.lists import List
from bot.domain.errors import NotFoundError
from bot.domain.lists import answers, outcomes
from bot.domain.lists.kinds import LEADERS, ON_LIST, read_tag
from bot.domain.lists.references import MOST_ROWS
from bot.domain.shop import Staff
from bot.domain.text import normal, number

NONE_OPEN = "现在没有要回的名单，发「名单」看现在的。"
LIFE = timedelta(days=3)
"""How long the digits of a list answer it; what quotes it does so for longer."""
_QUOTED_DAYS = 60
_WHY = re.compile(
    r"[/、]?(?:为什么|为啥|凭什么|why) *(?:是|有)? *#?第?(\d{1,2}|[一二三四五六七八九十])[位个号]?[?吗呢]*"
)
_GIVE = re.compile(r"[/、]?(?:派|指派|转派|分派)(?:给)? *([\d、,，和 ]*\d)[号位个]? *(?:给|到|→)? *([^\d ,，。]{1,12})")
_DIGIT = re.compile(r"#?第?(\d{1,2})[位个号]?")
_OF_CALLS = frozenset({"no_answer", "wrong_number", "stop"})
_OF_ROWS = _OF_CALLS | {"reached", "appointment", "later", "moved", "hand_over"}


def shown(choices: Sequence[Choice]) -> tuple[str, list[int]] | None:
    """The token and the positions of the list that these choices begin with; None where they are something else."""
    rows = [one for choice in choices if (one := ON_LIST.fullmatch(choice.command))]
    if not rows or not ON_LIST.fullmatch(choices[0].command):
        return None
    return rows[0][1], [int(one[2]) for one in rows]


def command(text: str, token: str, positions: Collection[int], *, digits: bool = False) -> str | None:
    """What words mean as an answer to a list; None where they are none. `digits`: a bare number is one as well."""
    plain = normal(text)
    if why := _WHY.fullmatch(plain):
        return f"名单因 #{token} {number(why[1])}"
    if give := _GIVE.fullmatch(plain):
        return f"名单答 #{token} {give[1].strip()}给{give[2].strip()}"
    bare = _DIGIT.fullmatch(plain)
    if bare and digits and int(bare[1]) in positions:
        return f"名单答 #{token} {int(bare[1])}"
    if answers.read(text, positions) is not None:
        return f"名单答 #{token} {text.strip()}"
    return None


def tells_rows(text: str, *, several: bool = False) -> bool:
    """Whether a message can be nothing but outcomes of numbered rows: two of them, or one that tells of a call."""
    read = answers.read(text, range(1, MOST_ROWS + 1))
    if read is None or not read.done:
        return False
    count, told = sum(len(one.rows) for one in read.done), {one.outcome for one in read.done}
    return bool(told & _OF_ROWS) if count > 1 else not several and told <= _OF_CALLS


def misses(text: str, positions: Collection[int]) -> bool:
    """Whether an answer names rows, and none that stands in the list."""
    read = answers.read(text, positions)
    return read is not None and bool(read.missing) and not read.done and not read.unclear


def quoted(conn: Connection, staff: Staff, text: str, quote: str, now: datetime) -> str | None:
    """What words mean to the list whose head they quote; an answer to a list that is not hers is refused."""
    tag = read_tag(quote)
    if tag is None or staff.store_id is None:
        return None
    since = now.astimezone(staff.zone).date() - timedelta(days=_QUOTED_DAYS)
    among = lists.of_store(conn, staff.store_id, since) if tag.of_store else lists.of_staff(conn, staff.id, since)
    one = lists.tagged(among, tag)
    if one is None:
        if answers.read(text, range(1, MOST_ROWS + 1)) is None:
            return None
        raise NotFoundError("引用的那张名单不是你的，或者太久了。发「名单」看你现在的。")
    positions = [row.position for row in lists.rows_of(conn, one.id)]
    return command(text, keys_of(conn).token(one.id, staff.id), positions, digits=True)


def newest(conn: Connection, staff: Staff, text: str, now: datetime, *, in_group: bool) -> str | None:
    """What words mean to the only list that this person may answer; several that have these rows: which is asked."""
    asks_why = _WHY.fullmatch(normal(text)) is not None
    if staff.store_id is None or not (asks_why or answers.read(text, range(1, MOST_ROWS + 1))):
        return None
    found: list[str] = []
    fitting: list[str] = []
    for one in answerable(conn, staff, now, in_group=in_group):
        rows = [row.position for row in lists.rows_of(conn, one.id)]
        said = command(text, keys_of(conn).token(one.id, staff.id), rows)
        if said:
            found.append(said)
            fitting += [said] if _fits(text, rows) else []
    if len(fitting) > 1 and not asks_why:
        return f"名单选 {text.strip()}"
    return next(iter([*fitting, *found]), None)


def unnumbered(conn: Connection, staff: Staff, text: str, now: datetime) -> str | None:
    """The question whom an outcome is of that names no row, while somebody of her newest list is to be called."""
    said = outcomes.bare(normal(text))
    if staff.store_id is None or not outcomes.of_call(said):
        return None
    found = [one for one in open_for(conn, staff, now) if one.staff_id == staff.id]
    return f"名单谁 #{keys_of(conn).token(found[0].id, staff.id)} {said}" if found else None


def _fits(text: str, rows: Collection[int]) -> bool:
    """Whether every row that a message names stands in the list."""
    if why := _WHY.fullmatch(normal(text)):
        return number(why[1]) in rows
    read = answers.read(text, rows)
    return read is not None and not read.missing


def answerable(conn: Connection, staff: Staff, now: datetime, *, in_group: bool = False) -> list[List]:
    """The lists that digits may mean: the open ones, but before her store's her own of today though it is done."""
    found = open_for(conn, staff, now, in_group=in_group)
    if in_group or any(one.staff_id == staff.id for one in found):
        return found
    finished = lists.of_staff(conn, staff.id, now.astimezone(staff.zone).date())[:1]
    return [*finished, *found] if staff.leads else finished or found


def open_for(conn: Connection, staff: Staff, now: datetime, *, in_group: bool = False) -> list[List]:
    """The lists of the last day with open rows that this person may answer: her own, else her store's.

    In a group the group's own come first.
    """
    since = now.astimezone(staff.zone).date() - LIFE + timedelta(days=1)
    own = _open(conn, lists.of_staff(conn, staff.id, since))
    own = [one for one in own if one.made_on == own[0].made_on]
    if own and not in_group:
        return own
    theirs = shared(conn, staff, now)
    return [theirs] if theirs else own


def shared(conn: Connection, staff: Staff, now: datetime) -> List | None:
    """The newest list of her store that has open rows: what its group was shown, else what its leader alone was."""
    since = now.astimezone(staff.zone).date() - LIFE + timedelta(days=1)
    found = _open(conn, lists.of_store(conn, staff.store_id or 0, since))
    shown_to_all = [one for one in found if one.kind not in LEADERS]
    return next(iter([*shown_to_all, *(found if staff.leads else [])]), None)


def _open(conn: Connection, found: Sequence[List]) -> list[List]:
    return [one for one in found if any(row.is_open for row in lists.rows_of(conn, one.id))]
