"""What head office types after 规则, read into new rules and a sentence of what changes.

One wish or several with commas between them. Whatever would make no sense (bands that cross, windows nobody can
look through) is refused with what may be said instead.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, NamedTuple

from bot.domain.errors import UsageError
from bot.domain.segments.quantities import days, money_of, often, whole
from bot.domain.segments.rules import BASES, Band, Banding, Basis, Rules
from bot.domain.text import normal
from bot.domain.words import money

CAN_SAY = "可以说：高频 改 一周2次、高消费 8000元、消费 按单笔、频次 窗口 56天、沉睡 45天、新客 14天、五等分 按全链。"
LONGEST_DAYS = 1100

_Bands = Literal["spend", "frequency"]
_SCHEMES: dict[_Bands, str] = {"spend": "消费", "frequency": "频次"}
_SHORT: dict[_Bands, dict[str, str]] = {
    "spend": {"大客户": "high", "大客": "high", "高消费": "high", "中消费": "medium", "低消费": "low", "小客": "low"},
    "frequency": {"高频": "high", "稳定": "steady", "中频": "occasional", "偶尔": "occasional", "尝鲜": "occasional",
                  "间隔": "seldom", "低频": "seldom"},
}  # fmt: skip
_SCHEME_WORDS: tuple[tuple[str, _Bands], ...] = (
    ("消费", "spend"), ("金额", "spend"), ("花费", "spend"),
    ("频次", "frequency"), ("频率", "frequency"), ("次数", "frequency"),
)  # fmt: skip
_BASIS_WORDS: tuple[tuple[str, Basis], ...] = (
    ("单笔", "ticket"), ("单次", "ticket"), ("一笔", "ticket"), ("客单", "ticket"),
    ("累计", "sum"), ("总额", "sum"), ("合计", "sum"), ("总共", "sum"), ("加起来", "sum"),
)  # fmt: skip
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PARTS = re.compile(r"[,;。、!\n]+|(?:并且|而且|同时|另外)")
_FILLERS = re.compile(
    r"规则|改(?:成|为|到|一下)?|调(?:整)?(?:成|为|到)?|设(?:置)?(?:成|为)?|变成|定(?:为|在)"
    r"|请|把|将|吧|线|门槛|[:=的是按 ]"
)
_WINDOW = re.compile(r"窗口|最近|近(?=[\d一二两三四五六七八九十半])|看(?=[\d一二两三四五六七八九十半])")
_ROUND = re.compile(r"≥|满|超过|[没不未](?:有)?(?:来|买|消费|到店)|以上|以内|内|都?算|就")  # 超过45天没来算沉睡
_NEGATIVE = re.compile(r"(?:^|[^\d])-\s*[\d¥]|负[\d一二两三四五六七八九十]")
_FIFTHS = re.compile(r"五等分|五分位|分位|RFM|五档|等分", re.IGNORECASE)


class AlreadySoError(UsageError):
    """What is asked for is so."""


class Wish(NamedTuple):
    """New rules, and in words what is different from those before."""

    rules: Rules
    words: str


def read(text: str, rules: Rules) -> Wish:
    """The rules a person asks for; UsageError where it cannot be read, makes no sense or changes nothing."""
    said = _THOUSANDS.sub("", normal(text))
    if _NEGATIVE.search(said):
        raise UsageError(f"不能是负数。{CAN_SAY}")
    parts = [part for part in _PARTS.split(said) if _FILLERS.sub("", part)]
    if not parts:
        raise UsageError(f"想改什么？{CAN_SAY}")
    now, words = rules, []
    for nth, part in enumerate(parts, 1):
        wish = _read_one(_FILLERS.sub("", part), now)
        if wish is None:
            raise UsageError(f"{f'第{nth}句' if len(parts) > 1 else ''}没看懂。{CAN_SAY}")
        now = wish.rules
        words.append(wish.words)
    _sound(now)
    if now == rules:
        raise AlreadySoError("现在就是这样，不用改。")
    return Wish(now, "；".join(words))


def _read_one(said: str, rules: Rules) -> Wish | None:
    return next((wish for reader in _READERS if (wish := reader(said, rules))), None)


def _fifths(said: str, rules: Rules) -> Wish | None:
    """五等分 按全链, 五等分 按门店, 五等分 满100人."""
    if not _FIFTHS.search(said):
        return None
    if re.search(r"链|总部|全部|所有", said):
        return Wish(replace(rules, among="chain"), "五等分改成在全链里比")
    if re.search(r"店", said):
        return Wish(replace(rules, among="store"), "五等分改成在本店里比")
    people = whole(re.sub(r"[^\d零一二两三四五六七八九十百千]", "", _FIFTHS.sub("", said)))
    if people is None:
        raise UsageError("五等分按什么比？可以说：五等分 按全链、五等分 按门店、五等分 满100人。")
    return Wish(
        replace(rules, fewest=people), f"五等分：买过的满{people}人才分，之前满{rules.fewest}人；不够的按固定的线"
    )


def _window(said: str, rules: Rules) -> Wish | None:
    """频次 窗口 56天, 高频 最近两个月, 消费 一年: the bands keep their borders."""
    named = _WINDOW.search(said) is not None
    scheme, rest = _scheme(_WINDOW.sub("", said), rules)
    count, rate = days(rest, bare=named), often(rest)
    if scheme is None or (rate and rate.within_days) or not (named or (count and not _banded(said, rules))):
        return None
    banding = _banding(rules, scheme)
    if count is None or not 1 <= count <= LONGEST_DAYS:
        raise UsageError(f"窗口要在1天到{LONGEST_DAYS}天之间，可以说：频次 窗口 56天、消费 窗口 两年。")
    borders = "、".join(f"{band.name}满{_size(banding, band.least)}" for band in banding.bands if band.least)
    words = f"{_SCHEMES[scheme]}改看最近{count}天，之前看{banding.window_days}天；线不变：{borders}"
    return Wish(_with(rules, scheme, replace(banding, window_days=count)), words)


def _basis(said: str, rules: Rules) -> Wish | None:
    """消费 按单笔, 消费 按累计; frequency is always counted in days."""
    found = next(((word, basis) for word, basis in _BASIS_WORDS if word in said), None)
    if found is None:
        return None
    word, basis = found
    scheme, rest = _scheme(said.replace(word, "", 1), rules)
    if scheme == "frequency":
        raise UsageError("频次只按到店天数算；要改的是消费就说：消费 按单笔。")
    now = replace(rules, spend=replace(rules.spend, basis=basis))
    words = f"消费改按{BASES[basis]}算，之前按{BASES[rules.spend.basis]}；"
    if not rest.strip("算来最高"):
        return Wish(now, f"{words}线不变")
    banded = _band(said.replace(word, "", 1), now)
    return banded._replace(words=f"{words * (now != rules)}{banded.words}") if banded else None


def _life(said: str, rules: Rules) -> Wish | None:
    """沉睡 45天, 新客 14天, 周期 20天."""
    found = next((one for one in _LIVES if one[0].search(said)), None)
    if found is None:
        return None
    pattern, label, before, change = found
    count = days(_ROUND.sub("", pattern.sub("", said)), bare=True)
    if count is None:
        raise UsageError(f"{label}改成多少天？可以说：{label} 45天。")
    if not 1 <= count <= LONGEST_DAYS:
        raise UsageError(f"{label}要在1天到{LONGEST_DAYS}天之间。")
    return Wish(change(rules, count), f"{label}改成{count}天，之前{before(rules)}天")


_LIVES: tuple[tuple[re.Pattern[str], str, Callable[[Rules], int], Callable[[Rules, int], Rules]], ...] = (
    (re.compile(r"沉睡客?|睡眠客?"), "沉睡", lambda now: now.asleep_days, lambda now, n: replace(now, asleep_days=n)),
    (re.compile(r"新客户?|新人"), "新客", lambda now: now.new_days, lambda now, n: replace(now, new_days=n)),
    (
        re.compile(r"(?:常规|行业|品类|购买|一般)?(?:周期|间隔(?!客))"),
        "周期",
        lambda now: now.usual_days,
        lambda now, n: replace(now, usual_days=n),
    ),
)


def _band(said: str, rules: Rules) -> Wish | None:
    """高频 一周2次, 稳定客 5天, 高消费 8000; a rate without a name is the highest band's of frequency."""
    found = _banded(said, rules)
    if found is None:
        rate = often(said)
        found = ("frequency", rules.frequency.bands[0], said) if rate and rate.within_days else None
    if found is None:
        return None
    scheme, band, rest = found
    banding = _banding(rules, scheme)
    if band == banding.bands[-1]:
        raise UsageError(f"“{band.name}”是最低一档，没有自己的线：改“{banding.bands[-2].name}”的线就行。")
    least, meant = _least(scheme, band, rest, banding)
    bands = tuple(replace(one, least=least) if one == band else one for one in banding.bands)
    how = "来" if banding.basis == "days" else BASES[banding.basis]
    new, old = _size(banding, least), _size(banding, band.least)
    words = f"{band.name}：最近{banding.window_days}天{how}满{new}{meant}，之前满{old}"
    return Wish(_with(rules, scheme, replace(banding, bands=bands)), words)


def _least(scheme: _Bands, band: Band, said: str, banding: Banding) -> tuple[int, str]:
    """The border that is asked for, and the rate it was said as; a part of a day is one day more."""
    if scheme == "spend":
        fen = money_of(said)
        if fen is None:
            raise UsageError(f"“{band.name}”改成多少钱？可以说：高消费 8000元。")
        return fen, ""
    rate = often(said)
    if rate is None:
        raise UsageError(f"“{band.name}”改成多少？可以说：高频 一周2次、高频 8天。")
    if not rate.within_days:
        return rate.times, ""
    return -(-rate.times * banding.window_days // rate.within_days), f"（{rate.said}）"


_READERS: tuple[Callable[[str, Rules], Wish | None], ...] = (_fifths, _window, _basis, _life, _band)


def _banded(said: str, rules: Rules) -> tuple[_Bands, Band, str] | None:
    """The band that is named, by its own name first, and what is left of the words."""
    names = [
        (name, scheme, band)
        for scheme in _SCHEMES
        for band in _banding(rules, scheme).bands
        for name in (band.name, *(word for word, code in _SHORT[scheme].items() if code == band.code))
    ]
    for name, scheme, band in sorted(names, key=lambda one: -len(one[0])):
        if name in said:
            return scheme, band, re.sub(r"^[客族党]", "", said.replace(name, "", 1))
    return None


def _scheme(said: str, rules: Rules) -> tuple[_Bands | None, str]:
    """The scheme that is meant, by one of its bands or its own name, and what is left of the words."""
    if found := _banded(said, rules):
        return found[0], found[2]
    for word, scheme in _SCHEME_WORDS:
        if word in said:
            return scheme, said.replace(word, "", 1)
    return None, said


def _banding(rules: Rules, scheme: _Bands) -> Banding:
    return rules.spend if scheme == "spend" else rules.frequency


def _size(banding: Banding, least: int) -> str:
    return f"{least}天" if banding.basis == "days" else money(least)


def _with(rules: Rules, scheme: _Bands, banding: Banding) -> Rules:
    return replace(rules, spend=banding) if scheme == "spend" else replace(rules, frequency=banding)


def _sound(rules: Rules) -> None:
    """Refuse rules by which nobody could be ranked."""
    for scheme in _SCHEMES:
        banding = _banding(rules, scheme)
        for above, below in zip(banding.bands, banding.bands[1:], strict=False):
            if above.least <= below.least:
                raise UsageError(
                    f"线交叉了：“{above.name}”满{_size(banding, above.least)}，要比“{below.name}”的"
                    f"{_size(banding, below.least)}高。可以两条一起改，中间用逗号。"
                )
        top = banding.bands[0]
        if banding.basis == "days" and top.least > banding.window_days:
            raise UsageError(f"{banding.window_days}天里来不了{top.least}天（一天算一次）。改少些，或先改频次的窗口。")
    if rules.asleep_days <= rules.new_days:
        raise UsageError(f"沉睡（{rules.asleep_days}天）要比新客（{rules.new_days}天）长。")
    if not 1 <= rules.fewest <= 100_000:
        raise UsageError("五等分的人数要在1到100000之间。")
