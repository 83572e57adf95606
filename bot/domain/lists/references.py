"""Which rows of a list a message names: 1, 2、4, 1-3, 第一个, 前三个, 除了2, 其他, 都; a quantity is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.language.patterns import Pattern
from bot.domain.text import number

MOST_ROWS = 30
"""A number above this is no row of any list."""

_HAN = "一二三四五六七八九十"
_ONE = rf"(?:\d{{1,2}}|[{_HAN}]{{1,3}})"
_NTH = (
    rf"(?:第{_ONE}(?:[个位名条号]|(?![次天周年月回遍季])) ?|#?{_ONE}(?:号(?![店柜楼线码机台桌门院])|(?:[那这]个"
    rf"|[那这]位))?)"
)
_RANGE = rf"{_NTH}(?: ?(?:-|~|—|到|至) ?{_NTH})?"
_LIST = rf"{_RANGE}(?:(?:(?<=[号个位])|(?:[ ,、/&+;.]|和|跟|与|及|还有|以及)+)(?:{_RANGE}))*"
_OTHERS = (
    r"(?:其[他它余]|剩[下余]|余下|别的|另外|后面的|剩)(?:的|人|客人|几|都|全|个|位"
    r"|[\d一二两三四五六七八九十]{1,2}(?:个|位))*"
)
_ALL = (
    r"(?:全部|全都|全|都|所有人?|大家|每个|个个|一共|[\d一二两三四五六七八九]{1,2}[个位](?:人"
    r"|客人)?(?=[都全]))(?:的|人|客人|都|全|已经|已)*"
)
_ENDS = rf"(?P<end>前面?|头|开头|最后|后面?|末尾?)(?P<count>\d{{1,2}}|[{_HAN}两])[个位条名]人?"
_BUT = (
    rf"(?:除了?|除开|除去|不算)(?P<but>{_LIST})(?P<wide>(?:以外|之外|外)?(?:[ ,]?其[他它余]|别的"
    rf"|剩下)?的?人?(?:[都全]|全部)?)"
)
_REFERENCE = Pattern(rf"{_BUT}|{_ENDS}|(?P<others>{_OTHERS})|(?P<all>{_ALL})|(?P<list>{_LIST})")
_CUE = Pattern(
    r"[ ,，。、.):：=~-]*(?:她|他|这个|客人|客户|也|都|就|已经?|还|又|先|刚)*(?:没|未|冇|无人|无法|关机|停机"
    r"|空号|占线|忙|打|拨|接|通|约|预|说|讲|话|要|让|叫"
    r"|别|不|唔|勿|拒|挂|搬|回|来|到店|到了|刚到|买|下单|成交|考虑|在|正|换|号[码是都也错不停空换没]|联|微信"
    r"|电话|短信|发|送|给|派|转|交|分给|归|明|后天|今|昨|晚|早|下[午周个次]|周|改"
    r"|过|再|嫌|太|贵|去|出|调|移|退|拉黑|把|被|骂|投|算|答|想|老公|人|我|是|ok|OK|好|完|搞|知|同|愿|可|行"
    r"|有|随|看|等|滚|烦|暂|年|月底|礼拜|星期|上午"
    r"|下午|中午|小|店长|错|写|搞)"
)
_MEASURE = Pattern(
    r"[个天日周年岁点时分秒块元角毛折杯件条双只盒瓶袋箱份套张次遍回趟人位名斤克米码]"
    r"|[寸店楼层度成倍种款月半支枚朵里公厘千百万多袋串碗包排桌批单季期级路座小层A-Za-z%°℃]|[.:]\d|折"
    r"|\+|\*|号[店柜楼线码机台桌门院]|[加减乘等比][\d等]"
)
_TITLED = Pattern(r"[一-龥](?:姐|哥|总|姨|叔|太|女士|先生|小姐)")
_IDIOM = Pattern(
    r"一(?:直|会|起|定|般|下|点|共|样|切|些|律|旦|边|[打说来接听看提]就)|五一|十一(?=[来放去])|三八|六一|一一"
)
_TIMELY = frozenset("周期拜点月年初第说约讲到等差满每共才近零几多上下")
_NAMED = Pattern(r"[小老阿大]周$")
_BOOKED = Pattern(r"(?:约|定|订)[了好在到的]*$")
_SEPARATORS = frozenset(" ,，。、;；!！/:：(（\n")


@dataclass(frozen=True, slots=True)
class Named:
    """What a reference says. `wide`: all rows that are not named elsewhere, apart from `but`; `every`: 都, 全部.

    `count` is how many others there are said to be (0: not said), `dated`: 「3号」 may as well be a day.
    """

    rows: tuple[int, ...] = ()
    wide: bool = False
    but: tuple[int, ...] = ()
    every: bool = False
    count: int = 0
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A reference and where it stands."""

    start: int
    end: int
    named: Named


def references(text: str, start: int | None, rows: Sequence[int]) -> list[Found]:
    """The references to rows; with `start`, only if the first stands there. Without it they are numbers after words."""
    found: list[Found] = []
    at, spoken = start or 0, False
    while match := _REFERENCE.search(text, at):
        one = _accepted(text, match, rows, first=start is not None and match.start() == start)
        if start is None:
            one = _closing(text, match, rows)
        elif one and not found and match.start() == start:
            spoken = _is_spoken(match.group())
        elif one and (not found or not _may_follow(match, found, one, spoken=spoken)):
            one = None
        if one:
            found.append(one)
        elif start is not None and not found:
            return []
        at = one.end if one else match.start() + _step(text, match.start())
    return found


def _step(text: str, at: int) -> int:
    """How far to go on after something that is no reference: a run of digits is skipped whole."""
    run = re.compile(r"\d+").match(text, at)
    return len(run.group()) if run else 1


def _is_spoken(said: str) -> bool:
    return not any(char.isdecimal() for char in said)


def _may_follow(match: re.Match[str], found: Sequence[Found], one: Found, *, spoken: bool) -> bool:
    """Figures in words are rows only in a message that counts in words, and only once."""
    if match["list"] is None or not _is_spoken(match["list"]) or "第" in match["list"]:
        return True
    return (
        spoken and bool(one.named.rows) and not {row for other in found for row in other.named.rows} & {*one.named.rows}
    )


def _accepted(text: str, match: re.Match[str], rows: Sequence[int], *, first: bool) -> Found | None:
    start, end = match.span()
    if match["but"]:
        but, wide = _numbers(match["but"]), bool(match["wide"].strip())
        return Found(start, end, Named(() if wide else but, wide, but)) if but else None
    if match["end"]:
        return _at_end(match, rows)
    if match["others"]:
        return _the_others(text, match)
    if match["all"]:
        return _everybody(match, rows) if first else None
    return _listed(text, match, first=first)


def _at_end(match: re.Match[str], rows: Sequence[int]) -> Found | None:
    count = number(match["count"]) or 0
    if not 0 < count <= len(rows):
        return None
    taken = rows[:count] if match["end"][0] in "前头开" else rows[-count:]
    return Found(match.start(), match.end(), Named(tuple(taken)))


def _the_others(text: str, match: re.Match[str]) -> Found | None:
    if not _CUE.match(text, match.end()):
        return None
    counted = re.search(rf"\d+|[{_HAN}两]+", match.group())
    return Found(*match.span(), Named(wide=True, count=(number(counted.group()) or 0) if counted else 0))


def _everybody(match: re.Match[str], rows: Sequence[int]) -> Found | None:
    counted = re.match(r"[\d一二两三四五六七八九]+", match.group())
    if counted and number(counted.group()) != len(rows):
        return None
    return Found(*match.span(), Named(wide=True, every=True))


def _listed(text: str, match: re.Match[str], *, first: bool) -> Found | None:
    start, end = match.span()
    before = text[start - 1] if start else " "
    if (
        before.isdecimal()
        or (before.isascii() and before.isalpha())
        or (before in _TIMELY - frozenset("点") and not _NAMED.search(text[:start]))
    ):
        return None
    if (before in ".:-#" and start > 1 and text[start - 2].isdecimal()) or _BOOKED.search(text[:start]):
        return None
    end = _trimmed(text, start, end)
    said = text[start:end]
    numbers = _numbers(said)
    if not numbers or (_IDIOM.match(text, start) and "第" not in said):
        return None
    cue = _CUE.match(text, end) is not None
    apart = first or before in _SEPARATORS
    if not cue and (not apart or _is_spoken(said) or (_MEASURE.match(text, end) and not _TITLED.match(text, end))):
        return None
    if before == "点" and not cue:
        return None
    return Found(start, end, Named(numbers, dated=said.endswith("号")))


def _trimmed(text: str, start: int, end: int) -> int:
    """The end of the list without a last number that belongs to what follows: 「1 2 3点来」, 「2 138…」."""
    said = text[start:end]
    if (end < len(text) and text[end].isdecimal()) or (_MEASURE.match(text, end) and not _CUE.match(text, end)):
        cut = re.match(rf"(.*[^\d{_HAN}第#])?[\d{_HAN}第#号]+$", said)
        return start + len((cut[1] or "").rstrip(" ,、/&+;.和跟与及")) if cut else end
    return end


def _closing(text: str, match: re.Match[str], rows: Sequence[int]) -> Found | None:
    """A list of numbers after its words: it ends the message or stands before the next words."""
    if match["end"]:
        return _at_end(match, rows)
    if match["list"] is None or _is_spoken(match["list"]):
        return None
    start, end = match.span()
    before = text[start - 1] if start else " "
    if before.isdecimal() or before in _TIMELY or (before.isascii() and before.isalpha()):
        return None
    if end < len(text) and text[end] not in " ,，。;；、!！":
        return None
    numbers = _numbers(match["list"])
    return Found(start, end, Named(numbers)) if numbers else None


def _numbers(said: str) -> tuple[int, ...]:
    """The rows of a list as typed: `1-3` is three, 一三五 are three; none if one of them is no row's number."""
    rows: list[int] = []
    pattern = rf"({_ONE})[^\d{_HAN}-]{{0,2}}?(?: ?(?:-|~|—|到|至) ?第?({_ONE}))?"
    for match in re.finditer(pattern, said):
        first, last = _figures(match[1]), _figures(match[2] or "")
        if match[2]:
            if len(first) != 1 or len(last) != 1 or not first[0] < last[0] <= MOST_ROWS:
                return ()
            rows += range(first[0], last[0] + 1)
        else:
            rows += first
    if not rows or any(not 0 <= row <= MOST_ROWS for row in rows):
        return ()
    return tuple(dict.fromkeys(rows))


def _figures(said: str) -> list[int]:
    if said.isdecimal():
        return [int(said)]
    if "十" in said:
        return [number(said) or MOST_ROWS + 1]
    found = [_HAN.index(char) + 1 for char in said]
    return found if found == sorted(set(found)) else [MOST_ROWS + 1]
