"""The rules of the layers in words: every border and window, what fills a hole, what waits, who changed what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.chat import Reply
from bot.domain import words
from bot.domain.segments.labels import SCHEMES, Scheme
from bot.domain.segments.rules import BASES, Banding, Rules
from bot.domain.shop import Staff

_MONTH, _WEEK = 28, 7
_MOST_MOVES, _MOST_STORES = 8, 3
_STATES = {"waiting": "今晚生效", "live": "在用", "past": "已换下", "dropped": "没有生效"}


@dataclass(frozen=True, slots=True)
class Noted:
    """A change on record: where (empty: the whole chain), in what words, of whom, when, what became of it, and why."""

    where: str
    change: str
    author: str
    at: datetime
    state: str
    reason: str = ""

    def say(self, now: datetime, zone: tzinfo) -> str:
        """徐汇店 高频奶茶党：… · 总部 今天15:00 · 今晚生效 · 因为…."""
        parts = [
            f"{self.where} {self.change}".strip(),
            f"{self.author} {words.clock(self.at, now, zone)}",
            _STATES[self.state],
            f"因为{self.reason}" if self.reason else "",
        ]
        return " · ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Move:
    """People who go from one label to another by a change."""

    scheme: Scheme
    before: str
    after: str
    people: int


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a change would do: moves in words of their labels, people moved by store, fen a month more, who pays."""

    change: str
    moves: Sequence[Move]
    by_store: Mapping[str, int]
    budget_fen: int
    also: Sequence[str] = ()


def whole(rules: Rules, where: str, since: str) -> list[str]:
    """All of a set of rules, a line a border."""
    return [
        f"规则 · {where}（{since}）",
        *_bands("frequency", rules),
        *_bands("spend", rules),
        *_stages(rules),
        *_fifths(rules),
    ]


def _bands(scheme: Scheme, rules: Rules) -> list[str]:
    banding = rules.frequency if scheme == "frequency" else rules.spend
    amount = words.money if banding.basis != "days" else _days
    lines = [f"【{SCHEMES[scheme]}】近{banding.window_days}天{BASES[banding.basis]}"]
    for place, band in enumerate(banding.bands):
        upper = banding.bands[place - 1].least if place else None
        filled = "（默认补档）" if band.filled else ""
        lines.append(f"· {band.name}：{_range(band.least, upper, amount, banding)}{filled}")
    if banding.sleeps:
        lines.append(f"· 沉睡：{rules.asleep_days}天没来，不管来过几天")
    if scheme == "frequency":
        lines.append(f"· 新客：第一次来在{rules.new_days}天内，还不够{banding.bands[0].name}的")
    return lines


def _range(least: int, upper: int | None, amount: Callable[[int], str], banding: Banding) -> str:
    if upper is None:
        pace = f"（约一周{least * _WEEK // _MONTH}次）" if _is_weekly(least, banding) else ""
        return f"{amount(least)}以上{pace}"
    if banding.basis == "days":
        last = upper - 1
        return amount(least) if last == least else f"{least}到{amount(last)}"
    return f"{amount(least)}以上，不到{amount(upper)}" if least else f"不到{amount(upper)}"


def _is_weekly(least: int, banding: Banding) -> bool:
    return banding.basis == "days" and banding.window_days == _MONTH and least % (_MONTH // _WEEK) == 0


def _days(count: int) -> str:
    return f"{count}天"


def _stages(rules: Rules) -> list[str]:
    return [
        "【阶段】",
        f"· 新客：第一次购买在{rules.new_days}天内，不算沉睡",
        "· 常客、变慢：看她自己平时多久来一次",
        f"· 沉睡：{rules.asleep_days}天没来，并且超过平时间隔的3倍",
        "· 还没买过：没有订单，不算流失",
    ]


def _fifths(rules: Rules) -> list[str]:
    among = "本店" if rules.among == "store" else "全链"
    r, f, m = rules.ranks["r"], rules.ranks["f"], rules.ranks["m"]
    return [
        f"【分层】最近、次数、金额在{among}客人里五等分，再看阶段",
        f"· 买过的不到{rules.fewest}位时用固定分界（2到5档）：",
        f"　最近 {'/'.join(map(str, r))}天内，次数 {'/'.join(map(str, f))}天，金额 {'/'.join(map(words.money, m))}",
    ]


_LAYERS = {
    "loyal": "常客，次数和金额都在4档以上（五等分，5档最高）",
    "leaving": "来得变慢了，次数或金额在4档以上：要先问候",
    "potential": "常客，次数、金额有一样在4档以上，或两样都在3档以上",
    "ordinary": "常客，还不到潜力成长",
    "new": "第一次购买还在新客的天数里",
    "slowing": "来得变慢了，次数和金额都不到4档",
    "lost_big": "很久没来，金额在4档以上",
    "asleep": "很久没来，金额不到4档",
    "never": "没有订单，不算流失",
}


def meaning(scheme: Scheme, code: str, rules: Rules) -> list[str]:
    """What makes a label of a scheme, with its borders."""
    name = rules.names(scheme)[code]
    if scheme == "layer":
        return [f"【{SCHEMES[scheme]}】{name}：{_LAYERS[code]}", *_fifths(rules)]
    heading, *lines = _stages(rules) if scheme == "stage" else _bands(scheme, rules)
    mine = [line for line in lines if name in line.partition("：")[0]]
    return [heading, *(mine or lines)]


def differs(rules: Rules, other: Rules) -> list[str]:
    """The lines of rules that are otherwise in others: what makes a pilot one."""
    known = set(whole(other, "", ""))
    return [line.removeprefix("· ") for line in whole(rules, "", "") if line not in known]


@dataclass(frozen=True, slots=True)
class Shown:
    """What 规则 shows: rules line by line, those of pilots, what waits, what was changed last."""

    rules: Sequence[str]
    pilots: Mapping[str, Sequence[str]]
    waiting: Sequence[Noted]
    last: Sequence[Noted]


def shown(what: Shown, staff: Staff, now: datetime) -> Reply:
    """The rules in force, the pilots, what waits, and what was changed last."""
    lines = [*what.rules]
    lines += [f"试点 {store}：{'；'.join(different)}" for store, different in what.pilots.items()]
    lines += [f"⏳ {one.say(now, staff.zone)}" for one in what.waiting]
    if what.last:
        lines += ["最近改动：", *(f"· {one.say(now, staff.zone)}" for one in what.last)]
    if staff.role == "hq":
        lines.append("要改就说：规则 高频 改 一周2次（先看会移动多少人，再决定）")
    return Reply("\n".join(lines), focus=False, keeps_menu=True)


def record(changes: Sequence[Noted], staff: Staff, now: datetime) -> Reply:
    """Every change, newest first."""
    if not changes:
        return Reply("规则还没有改过，用的是行业默认。", focus=False, keeps_menu=True)
    lines = [f"规则改动，最近{len(changes)}次：", *(f"· {one.say(now, staff.zone)}" for one in changes)]
    return Reply("\n".join(lines), focus=False, keeps_menu=True)


def foreseen(found: Foreseen) -> list[str]:
    """What a change would do, before it is made."""
    lines = [f"改成：{found.change}", *found.also]
    if not found.moves:
        return [*lines, "没有人会因此换到别的层。"]
    lines += [
        f"· {SCHEMES[move.scheme]} {move.before}→{move.after} {words.thousands(move.people)}人"
        for move in found.moves[:_MOST_MOVES]
    ]
    if len(found.moves) > _MOST_MOVES:
        rest = sum(move.people for move in found.moves[_MOST_MOVES:])
        lines.append(f"· 其他 {words.thousands(rest)}人")
    stores = [f"{store} {words.thousands(count)}人" for store, count in list(found.by_store.items())[:_MOST_STORES]]
    more = f" 等{len(found.by_store)}家" if len(found.by_store) > _MOST_STORES else ""
    lines.append(f"最多的店：{words.join(stores)}{more}")
    sign = "+" if found.budget_fen >= 0 else ""
    lines.append(f"券预算 {sign}{words.money(found.budget_fen)}/月（每人每月一张，按现在各层的券）")
    return lines
