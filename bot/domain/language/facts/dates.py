"""Birthdays and anniversaries, as month and day, lunar day, weekday or days from now."""

import re

from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import Sentence
from bot.domain.language.values import Statement
from bot.domain.text import number

_N = r"[\d一二三四五六七八九十两廿卅]"
_BIRTH = Pattern(
    r"生日|过生|阳历|农历|阴历|新历|生辰|诞辰|出生|寿辰|大寿|寿宴|过寿|做寿|破蛋|周岁|百日|满月|生的(?=$"
    r"|[ ,])|岁礼|B-?day|birthday",
    re.IGNORECASE,
)
_WEDDING = Pattern(
    r"纪念日|结婚(?:日|\d|[一二三四五六七八九十]+周年|周年|那天)|周年(?!庆)|领的?证|扯的?证|婚期|结婚(?=.{0,6}(?:号|月))"
    r"|金婚|银婚|订婚(?:日)?"
)
_NOT_BIRTH = Pattern(
    r"生日(?:礼|券|蛋糕|会|福利|快乐|帽|卡|月|优惠|惊喜|派对|餐|积分|双倍|趴|那天(?:的|来))|送.{0,4}生日|预产期|产检"
)
_LUNAR = Pattern(
    rf"(?:农历|阴历|旧历|老历|古历|老黄历)(?:生日)?(?:是|的|:| )*(正|冬|腊|{_N}{{1,2}})月(?:的)?(初"
    rf"|{_N})?({_N}{{1,3}})?(?:号|日)?"
)
_LUNAR_DAY = Pattern(
    rf"(正|冬|腊|{_N}{{1,2}})月(初{_N}|廿{_N}|十{_N}(?!号|日)|二十{_N}?(?!号|日)|三十(?!号|日))|(正|冬"
    rf"|腊)月({_N}{{1,3}})"
)
_YMD = Pattern(rf"(?<!\d)((?:19|20)?\d{{2}})(?:年|[-./])({_N}{{1,3}})(?:月|[-./])({_N}{{1,3}})(?:日|号|$|(?=[^\d]))")
_YMD_PLAIN = Pattern(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_MD = Pattern(
    rf"(?<![\d.])({_N}{{1,3}})月份?({_N}{{1,3}})(?:日|号|$|(?=[^\d月年]))|(?<![\d./-])(1[0-2]"
    rf"|0?[1-9])[./-](3[01]|[12]\d|0?[1-9])(?![\d./-])"
)
_MMDD = Pattern(r"(?<!\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_WEEKDAY = Pattern(r"(下下?个?|这个?|本)?(?:周|礼拜|星期)([一二三四五六日天末])")
_MONTH_DAY = Pattern(rf"(下个?月|这个?月|本月)({_N}{{1,3}})(?:号|日)")
_RELATIVE = (("大后天", 3), ("后天", 2), ("明天", 1), ("明儿", 1), ("明日", 1), ("今天", 0), ("今儿", 0), ("今日", 0))
_IN_DAYS = Pattern(rf"(?:还有|再过|过)({_N}{{1,2}})天")
_DAYS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 7, "天": 7, "末": 6}
_MONTHS = {"正": 1, "冬": 11, "腊": 12}
_FESTIVALS = (
    ("元旦", "01-01"),
    ("情人节", "02-14"),
    ("妇女节", "03-08"),
    ("三八节", "03-08"),
    ("劳动节", "05-01"),
    ("五一", "05-01"),
    ("儿童节", "06-01"),
    ("六一", "06-01"),
    ("建军节", "08-01"),
    ("教师节", "09-10"),
    ("国庆", "10-01"),
    ("双十一", "11-11"),
    ("平安夜", "12-24"),
    ("圣诞", "12-25"),
    ("跨年", "12-31"),
    ("大年初一", "lunar:01-01"),
    ("元宵", "lunar:01-15"),
    ("端午", "lunar:05-05"),
    ("七夕", "lunar:07-07"),
    ("中秋", "lunar:08-15"),
    ("重阳", "lunar:09-09"),
    ("除夕", "lunar:12-30"),
    ("小年", "lunar:12-23"),
    ("520", "05-20"),
)


def statements(sentence: Sentence) -> list[Statement]:
    """Birthdays and anniversaries with whose they are."""
    found: list[Statement] = []
    for index, clause in enumerate(sentence.clauses):
        birth = _BIRTH.search(clause.text)
        wedding = _WEDDING.search(clause.text)
        if not birth and not wedding:
            continue
        kind = "birthday" if birth and not (wedding and not _BIRTH.search(clause.text)) else "anniversary"
        if kind == "birthday" and _NOT_BIRTH.search(clause.text) and not read(clause.text):
            continue
        value = _value(sentence, index)
        if value:
            of = sentence.owner(clause.start + (birth or wedding).start() + 1) if birth or wedding else None  # type: ignore[union-attr]
            found.append(Statement(kind, value, of=of if kind == "birthday" else None))
    return found


def _value(sentence: Sentence, index: int) -> str | None:
    """The date in the clause itself, or in the one behind or before it that tells nothing else."""
    text = sentence.clauses[index].text
    if _NOT_BIRTH.search(text) and not re.search(r"生日(?!礼|券|蛋糕|会员|卡)", text):
        return None
    if value := read(text):
        return value
    for other in (index + 1, index - 1):
        if 0 <= other < len(sentence.clauses):
            near = sentence.clauses[other].text
            if len(near) <= 12 and not _BIRTH.search(near) and (value := read(near)):
                return value
    return None


def read(text: str) -> str | None:
    """The first date of a phrase in the notation of the contract; None without one."""
    for reader in (_lunar, _year_month_day, _month_day, _festival, _coming, _weekday):
        if value := reader(text):
            return value
    return None


def _lunar(text: str) -> str | None:
    if match := _LUNAR.search(text):
        return _date(
            "lunar:",
            _month(match[1]),
            number(_day(match[3] or "")) if match[2] == "初" else number(_day((match[2] or "") + (match[3] or ""))),
        )
    if match := _LUNAR_DAY.search(text):
        return _date("lunar:", _month(match[1] or match[3]), number(_day((match[2] or match[4]).removeprefix("初"))))
    return None


def _day(words: str) -> str:
    return words.replace("廿", "二十").replace("卅", "三十")


def _month(words: str) -> int | None:
    return _MONTHS.get(words) or number(words)


def _date(prefix: str, month: int | None, day: int | None) -> str | None:
    if month and day and 1 <= month <= 12 and 1 <= day <= 31:
        return f"{prefix}{month:02d}-{day:02d}"
    return None


def _year_month_day(text: str) -> str | None:
    match = _YMD.search(text) or _YMD_PLAIN.search(text)
    if not match:
        return None
    year = int(match[1])
    year += 0 if year > 99 else 1900 if year > 30 else 2000
    return _date(f"{year}-", number(match[2]), number(match[3]))


def _month_day(text: str) -> str | None:
    match = _MD.search(text)
    if match:
        return _date("", number(match[1] or match[3]), number(match[2] or match[4]))
    match = _MMDD.search(text)
    return f"{match[1]}-{match[2]}" if match else None


def _festival(text: str) -> str | None:
    return next((date for word, date in _FESTIVALS if word in text), None)


def _coming(text: str) -> str | None:
    if match := _MONTH_DAY.search(text):
        return f"{'nextmonth' if match[1].startswith('下') else 'month'}:{number(match[2]):02d}"
    for word, days in _RELATIVE:
        if word in text:
            return f"rel:+{days}"
    match = _IN_DAYS.search(text)
    return f"rel:+{number(match[1])}" if match else None


def _weekday(text: str) -> str | None:
    match = _WEEKDAY.search(text)
    if not match:
        return None
    return f"{'nextweek' if (match[1] or '').startswith('下') else 'weekday'}:{_DAYS[match[2]]}"
