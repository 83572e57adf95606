"""Groups of customers in words: how many, what they buy and miss; nothing where so few are that one could be meant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.chat import Choice, Reply
from bot.domain import words
from bot.domain.segments.attributes import ATTRIBUTES, Attribute, names
from bot.domain.segments.crowds import Habits
from bot.domain.segments.labels import SCHEMES, Scheme

FEWEST_HERE, FEWEST_CHAIN = 5, 10
_UNKNOWN = "没记"


@dataclass(frozen=True, slots=True)
class Size:
    """A label with how many it holds, and how many more than yesterday (None: nothing to compare with)."""

    name: str
    people: int
    more: int | None

    def say(self) -> str:
        """高频奶茶党 212（−3）."""
        change = f"（{'+' if self.more > 0 else '−'}{abs(self.more)}）" if self.more else ""
        return f"{self.name} {words.thousands(self.people)}{change}"


def overview(where: str, note: str, sizes: Mapping[Scheme, Sequence[Size]], choices: Sequence[Choice]) -> Reply:
    """Every scheme with its sizes, a line each."""
    lines = [f"{where} · {note}" if note else where]
    lines += [f"【{SCHEMES[scheme]}】{'　'.join(one.say() for one in held)}" for scheme, held in sizes.items() if held]
    return Reply("\n".join(lines), tuple(choices), focus=False, keeps_menu=not choices)


def detail(title: str, people: int, habits: Habits, *, bought: bool = True) -> Reply:
    """What one group of so many buys, spends and misses; averages are of those who came in the last 28 days.

    Of those who never `bought` nothing is said that would sound as if they had once come.
    """
    lines = [f"{title}：{words.thousands(people)}人"]
    if habits.people < people:
        lines.append(f"（按其中匀着挑的{habits.people}人算）")
    if habits.came:
        each, ticket = habits.spent_fen // habits.came, habits.spent_fen // habits.tickets
        came = f"近28天来过{habits.came}人，人均{habits.visits / habits.came:.1f}天"
        lines.append(f"{came}、{words.money(each)}，均单{words.money(ticket)}")
    else:
        lines.append("近28天都没来" if bought else "一单都还没买过；没买过不算流失")
    when = "近28天常买" if habits.lately else "以前常买"
    among = habits.came if habits.lately else habits.people
    if habits.items:
        lines.append(f"{when}：{words.join(f'{name} {_percent(count, among)}%' for name, count in habits.items)}")
    if habits.falling:
        fell = (f"{name}（{was}人→{now}人）" for name, was, now in habits.falling)
        lines.append(f"买得少了：{words.join(fell)}")
    if habits.wishes:
        lines.append(f"问过没有的：{words.join(f'{value}（{count}人）' for value, count in habits.wishes)}")
    return Reply("\n".join(lines), focus=False, keeps_menu=True)


def few(title: str, people: int, fewest: int) -> Reply:
    """A group in which one person could be meant."""
    said = f"{title}：{people}人，" if people else f"{title}：现在没有人"
    return Reply(f"{said}少于{fewest}人不显示明细。" if people else f"{said}。", focus=False, keeps_menu=True)


def counted(title: str, size: Size) -> Reply:
    """A group to whom only its number is told."""
    change = (
        ""
        if size.more is None
        else "，和昨天一样"
        if not size.more
        else f"，比昨天{'多' if size.more > 0 else '少'}{abs(size.more)}人"
    )
    said = f"{title}：{words.thousands(size.people)}人{change}。买什么、花多少，店长能看。"
    return Reply(said, focus=False, keeps_menu=True)


def known(where: str, what: Attribute, counts: Mapping[str, int], fewest: int, only: Collection[str] = ()) -> Reply:
    """The people of a store by what is known of them; small groups stand together. `only` these are listed."""
    total, named = sum(counts.values()), names(what)
    if total < fewest:
        return few(f"{where} {ATTRIBUTES[what]}", total, fewest)
    listed = list(named) if named else sorted(counts, key=lambda one: (not one, -counts[one], one))
    large = [code for code in listed if counts.get(code, 0) >= fewest]
    if only:
        return _some(
            f"{where} {ATTRIBUTES[what]}，按段算：",
            {one: counts.get(one, 0) for one in only},
            names(what) or {},
            fewest,
        )
    rest = total - sum(counts[code] for code in large)
    lines = [f"{where} {ATTRIBUTES[what]}（{words.thousands(total)}人，14岁以下不算）："]
    lines += [
        f"· {named[code] if named else code or _UNKNOWN} {counts[code]}人 {_percent(counts[code], total)}%"
        for code in large
    ]
    lines += [f"· 其余各种都少于{fewest}人，一共{rest}人"] if rest >= fewest else []
    if len(lines) == 1:
        lines.append(f"每种都少于{fewest}人，不显示明细。")
    return Reply("\n".join(lines), focus=False, keeps_menu=True)


def _some(title: str, counts: Mapping[str, int], named: Mapping[str, str], fewest: int) -> Reply:
    """Some kinds, as many as are in each; of small groups that they are."""
    lines = [
        f"· {named[code]} {f'{words.thousands(people)}人' if people >= fewest else f'少于{fewest}人，不显示'}"
        for code, people in counts.items()
    ]
    return Reply("\n".join([title, *lines]), focus=False, keeps_menu=True)


def as_of(on: date, today: date) -> str:
    """分层到11-20, said where that is not today."""
    return "" if on == today else f"分层到{on:%m-%d}"


def _percent(count: int, among: int) -> int:
    return (200 * count + among) // (2 * among)
