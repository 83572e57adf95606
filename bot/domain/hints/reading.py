"""A hint taken apart: 昨天退了针织衫那个姐姐 姓陈还是程 — when, what was done, with what, by whom.

What is recognised is taken out of the text step by step; what is left between the small words are the items.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from bot.domain.hints.past import past
from bot.domain.names.surnames import Gender, is_surname, told_gender
from bot.domain.text import normal

Action = Literal["buy", "return", "exchange", "collect", "try"]
Age = Literal["young", "old"]


@dataclass(frozen=True, slots=True)
class Hint:
    """What a hint tells. Days are local and inclusive, `slack_days` is how vague they were said; hours are half open.

    `items` may be goods or words she is remembered by, `looks` are what she wore or brought and what she is.
    """

    since: date | None = None
    until: date | None = None
    slack_days: int = 0
    hours: tuple[int, int] | None = None
    actions: frozenset[Action] = frozenset()
    items: tuple[str, ...] = ()
    looks: tuple[str, ...] = ()
    surnames: tuple[str, ...] = ()
    gender: Gender | None = None
    age: Age | None = None
    just_now: bool = False

    @property
    def tells_little(self) -> bool:
        """Whether only a gender or an age is left: that fits half the town."""
        return not (self.since or self.items or self.looks or self.surnames or self.just_now or self.actions)


_JUST_NOW = re.compile(r"刚才|刚刚|方才|适才|刚(?:走|来|进来|出去)|刚(?=[那这买退换在的])")
_CLOCKS: dict[str, tuple[int, int]] = {
    "早上|今早|昨早|一早|清早|清晨|早晨|上午|早(?=来|那|的)": (5, 12),
    "中午|午饭": (11, 14),
    "下午": (12, 18),
    "傍晚": (16, 20),
    "晚上|夜里|半夜|(?<=[昨今前])晚": (17, 24),
}
_BUY = (
    r"买(?:过|了|走|的|单|东西)*|购[买入][了过]?|下单|消费[了过]?|结账|[点拿]了|点过|充值?[了过]|办[了过]?(?=[一-龥])"
)
_ACTIONS: tuple[tuple[str, Action], ...] = (
    (r"退(?:掉|货|款|单|的|了|过)*", "return"),
    (r"(?:换|调)(?:货|码|色|尺码|颜色|的|了|过)+|换(?!季)", "exchange"),
    (r"(?:来)?取(?:货|走|的|了|过)+|(?:来)?取(?=[一-龥])|提货|自提", "collect"),
    (r"试(?:穿|戴|用|吃|喝|了|过|的)+", "try"),
    (_BUY, "buy"),
)
_THING = r"([一-龥a-z]{1,8}?)(?=[的那来买退换取试 ,。]|$)"
_WORN = re.compile(rf"(?<!试)(?:[穿戴背拎骑开染烫扎]着?|拿着){_THING}")
_WITH = re.compile(rf"[带牵抱推领]着?[了的]?{_THING}")
_ALTERNATIVE = re.compile(r"\s*(?:还是|或者?是?|要么|[、,/或])\s*姓?([一-龥])(?=[ ,。、吧的/]|还是|或|$)")
_PEOPLE: tuple[tuple[str, Gender | None, Age | None], ...] = (
    ("老奶奶|老太太|老婆婆|奶奶|阿姨|大妈|大娘|大婶|婆婆|姥姥|外婆", "female", "old"),
    ("老爷爷|老爷子|老先生|老头子?|老大爷|大爷|爷爷|大伯|外公|姥爷", "male", "old"),
    ("小姑娘|姑娘|女孩子?|小妹妹|小妹|女学生|女同学|妹子|妹妹", "female", "young"),
    ("小伙子?|男孩子?|小哥哥|小哥|男学生|男同学|小弟弟?|小鲜肉", "male", "young"),
    ("小姐姐|大姐|姐姐|美女|靓女|女士|小姐|女的|女生|女人|女客人?|妈妈|嫂子|大嫂|太太|夫人|富婆", "female", None),
    ("大哥|帅哥|哥哥|男的|男生|男人|男客人?|先生|爸爸|哥们|大叔|叔叔|大兄弟", "male", None),
    ("老人家?|老客人", None, "old"),
    ("学生|年轻人|小年轻|小朋友", None, "young"),
)  # fmt: skip
_KINDS_OF_PEOPLE: tuple[tuple[str, Gender | None], ...] = (
    ("宝妈|辣妈|孕妇|孕妈|新娘子?", "female"),
    ("宝爸|奶爸|新郎官?", "male"),
    ("情侣|夫妻|两口子|老外|外国人|双胞胎", None),
)
_TITLES = "女士|小姐|先生|阿姨|老师|师傅|老板|大姐|大哥|姐|哥|姨|叔|总|太太"
_TITLED = re.compile(rf"(?:(?<![一-龥])|(?<=[的位个]))([一-龥]{{1,2}}?)({_TITLES})")
_SHORT = re.compile(r"(?<=[那位个的])[姐妹姨婶哥叔](?=$|[ ,。])")
_SHORT_FEMALE = "姐妹姨婶"
_COUNTED = r"[一二两三四五六七八九十几俩仨\d]+[杯件条双个只盒罐瓶袋包张套斤块支份对箱次位口点]?"
_SMALL = re.compile(
    rf"{_COUNTED}|好多|很多|不少|一堆|挺|很|特别|比较|超级|个子|高高|瘦瘦|胖胖|戴眼镜|长头发|短头发"
    r"|客户|会员|顾客|客人|老客|人家|那人|这人|谁啊?|叫啥|叫什么|名字|尾号|多少|来着|记得|查一?下|找一?下|查|找|看看|看下"
    r"|给我|帮我|麻烦|打开|调出来|再|老是|总是|经常|每次|一直|好像|可能|应该|大概|还是|或者|要么|来过|过来|来的|来了|进店"
    r"|到店|来店|我们|咱们|店里|门店|上次|上回|那天|那会儿?|时候|东西|那种|这种|什么|一起|自己|专门|没有|有[个位]|是[个位]"
    r"|带着?|穿着?|[的了那这着吗呢啊吧呀嘛她他我你位个姓]|[来是过](?=$|[ ,。])|[^一-龥a-z0-9]+"
)
_COLOUR = re.compile(r"^[大浅深粉]?色?(?:[红黄蓝绿白黑紫灰粉橙棕米]色?|咖色|卡其色?|[金银]色)(?=[一-龥]{2})")


def read(text: str, today: date) -> Hint:
    """Read a hint as said on the local date `today`; what it does not tell stays empty."""
    rest = normal(text).lower()
    hint = Hint()
    for step in (_read_just_now, _read_days, _read_clock, _read_surnames, _read_worn, _read_people, _read_actions):
        rest, hint = step(rest, hint, today)
    pieces = [_COLOUR.sub("", piece) for piece in _SMALL.sub(" ", rest).split()]
    hint = replace(hint, items=tuple(dict.fromkeys(pieces)))
    if hint.since is None and (hint.just_now or hint.hours):
        hint = replace(hint, since=today, until=today)
    return hint


def _read_just_now(text: str, hint: Hint, today: date) -> tuple[str, Hint]:
    del today
    rest = _JUST_NOW.sub(" ", text)
    return rest, replace(hint, just_now=rest != text)


def _read_days(text: str, hint: Hint, today: date) -> tuple[str, Hint]:
    found = past(text, today)
    if found is None:
        return text, hint
    last = text[found.end - 1]
    rest = text[: found.start] + (f"今{last}" if last in "早晚" else " ") + text[found.end :]
    return rest, replace(hint, since=found.since, until=found.until, slack_days=found.slack_days)


def _read_clock(text: str, hint: Hint, today: date) -> tuple[str, Hint]:
    del today
    for words, hours in _CLOCKS.items():
        rest = re.sub(rf"今?(?:{words})", " ", text)
        if rest != text:
            return rest, replace(hint, hours=hours)
    return text, hint


def _read_surnames(text: str, hint: Hint, today: date) -> tuple[str, Hint]:
    del today
    found: list[str] = []
    rest = text
    while (start := rest.find("姓")) >= 0:
        end = start + 1
        if latin := re.match("[a-z]{1,6}", rest[end:]):
            found.append(latin[0])
            end += len(latin[0])
        for size in (2, 1):
            if end == start + 1 and is_surname(rest[end : end + size]):
                found.append(rest[end : end + size])
                end += size
        while end > start + 1 and (other := _ALTERNATIVE.match(rest, end)) and is_surname(other[1]):
            found.append(other[1])
            end = other.end()
        rest = rest[:start] + " " + rest[end:]
    gender = None
    if not found and (titled := _TITLED.search(rest)) and is_surname(titled[1]):
        found, gender = [titled[1]], told_gender(titled[2])
        rest = rest[: titled.start()] + " " + rest[titled.end() :]
    return rest, replace(hint, surnames=tuple(dict.fromkeys(found)), gender=gender)


def _read_worn(text: str, hint: Hint, today: date) -> tuple[str, Hint]:
    del today
    worn = [_SMALL.sub(" ", m[1]).split() for pattern in (_WORN, _WITH) for m in pattern.finditer(text)]
    rest = _WITH.sub(" ", _WORN.sub(" ", text))
    looks = tuple(dict.fromkeys(piece for pieces in worn for piece in pieces))
    return rest, replace(hint, looks=looks)


def _read_people(text: str, hint: Hint, today: date) -> tuple[str, Hint]:
    del today
    for words, gender in _KINDS_OF_PEOPLE:
        if match := re.search(words, text):
            text = text[: match.start()] + " " + text[match.end() :]
            hint = replace(hint, gender=hint.gender or gender, looks=(*hint.looks, match.group()))
    for words, gender, age in _PEOPLE:
        rest = re.sub(words, " ", text)
        if rest != text:
            text = rest
            hint = replace(hint, gender=hint.gender or gender, age=hint.age or age)
    if short := _SHORT.search(text):
        hint = replace(hint, gender=hint.gender or ("female" if short.group() in _SHORT_FEMALE else "male"))
        text = text[: short.start()] + " " + text[short.end() :]
    return text, hint


def _read_actions(text: str, hint: Hint, today: date) -> tuple[str, Hint]:
    del today
    found: set[Action] = set()
    for words, action in _ACTIONS:
        rest = re.sub(words, " ", text)
        if rest != text:
            text = rest
            found.add(action)
    return text, replace(hint, actions=frozenset(found))
