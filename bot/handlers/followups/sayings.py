"""What is typed behind 留 答应 提醒, taken apart: for whom, what, until when; or what became of an open one. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from bot.domain import phones
from bot.domain.calendar import spoken
from bot.domain.due import due
from bot.domain.errors import UsageError
from bot.domain.language.values import NOBODY, Mention
from bot.domain.text import normal, number, spoken_digits

Deed = Literal["", "show", "done", "void", "later"]

_TOKEN = re.compile(r"#([0-9a-f]{32})\s*(.*)", re.DOTALL)
_ROW = re.compile(r"号#([0-9a-f]{32})\s*(.*)", re.DOTALL)
_NUMBERED = re.compile(r"[#第]?\s*(\d{1,5})\s*[号#]?[ ,，、:：]*(.*)", re.DOTALL)

_N = r"(?:(?<!\d)\d{1,3}|[一二两三四五六七八九十半]{1,3})"
_DAY = (
    rf"(?:{spoken.MOON}|{spoken.FEAST}"
    r"|今[天儿日晚早]|今(?!年)|明[天儿日晚早]|大?后[天日]"
    r"|(?<!上)(?<!上个)(?:下下?|这|本)?个?(?:周|礼拜|星期)(?:[一二三四五六日天末]|[1-7](?![\d:点]))"
    r"|(?:下下?|这|本)个?(?:周|礼拜|星期)|20\d\d[-/.年]\d\d?[-/.月]\d\d?[号日]?"
    r"|(?:[今明]年)?[0-9一二三四五六七八九十]{1,3}月[0-9一二三四五六七八九十]{1,3}[号日]?"
    r"|\d{1,2}[-/.]\d{1,2}(?![\d元块点%折])|下?个?月[底末初中]|下个?月(?:[0-9一二三四五六七八九十]{1,3}[号日])?|年[底末]"
    rf"|[0-9一二三四五六七八九十]{{1,3}}[号日]|{_N}个?(?:半)?(?:天|小时|钟头|分钟|周|星期|礼拜|月)(?:之后|以后|之内|以内|后|内)?)"
)
_PART = r"(?:凌晨|早上|早|上午|中午|下午|傍晚|晚上|晚)"
_CLOCK = rf"(?:{_N}[点时](?:钟|半|[一三]刻|{_N}分?)?|\d\d?:\d\d)"
WHEN = rf"(?:{_DAY}[ 的]?{_PART}?[ 的]?{_CLOCK}?|{_PART}[ 的]?{_CLOCK}?|{_CLOCK})(?:之?前|以前|为止)?"
"""A moment in words, as a pattern: 周五, 明天下午三点, 28号前."""
_COMES = r"(?:[她他]?(?:再|会|要)?(?:过?来)?(?:拿|取|提|试|买|付)走?)?"
_SPAN = rf"{_N}个?(?:半)?(?:天|小时|钟头|分钟|周|星期|礼拜|月)"
_UNTIL = re.compile(
    rf"[ ,，]*(?:(?:保留|留|放|等)?(?:到|至)\s*(?={WHEN})|(?:保留|留|放|等)着?\s*(?={_SPAN}))({WHEN}){_COMES}[ ,，]*"
)
_CHUNK = re.compile(rf"(?:^|(?<=[ ,，]))(?:[她他](?:说|会|要)?)?({WHEN}){_COMES}(?=[ ,，]|$)[ ,，]*")
_ANYWHERE = re.compile(WHEN)
_UNREADABLE = re.compile(r"(?:^|[ ,，])(?:留|放|等)?(?:到|至)\s*(\S+)\s*$")
_DAYS = re.compile(rf"({_N})(?:天|日)")
_PAST = re.compile(
    rf"(?:^|(?<=[ ,，到至]))(?:大?前[天日]|昨[天日晚儿]|上上?个?(?:周|礼拜|星期)[一二三四五六日天末]?|上个?月|{_N}天前)"
)
_NEXT_YEAR = timedelta(days=200)
"""A day of the month that would be farther off than this was more likely meant for this year, and is over."""

_YEARS = re.compile(r"[\d今明]年|20\d\d[-/.]")

_MOON = re.compile("(?:农历|阴历)(?!新?年)")
_MINUS = re.compile(r"(?:^|(?<=[ ,，]))[-−–—负](?=$|[ ,，])")
"""What is left of -5分钟 without its time."""

_FRAME = re.compile(r"^(?:着|一下|了|好)*(?:[一1][条件个双份盒瓶套杯支只袋箱块张台])?(?=\S{2})")

_BEFORE = (
    r"(?:她|他|客人|人家|客户|都|已经?|刚才?|早就?|今天|昨天|昨晚"
    r"|上午|下午|晚上|自己|来|给她|打电话|电话|微信|\s)*"
)
_AFTER = r"(?:[了啦的过]|掉|好了|完了)*(?:[ ,，。;；].*)?"
_DONE = re.compile(
    rf"{_BEFORE}(?:拿走|取走|提走|领走|买走|带走|拿|取|提|领|买|付|办|做|回[电访复话信]?|打|联系|说|讲|告诉她?|通知她?|给|送|发|寄|搞定|完成|完"
    rf"|好|解决|处理|行|到|done|ok)(?:[了啦]|走了?|过了?|好了?|完了?|到了?|她了)?{_AFTER}",
    re.DOTALL | re.IGNORECASE,
)
_MARKED = re.compile("[了过啦走好完]|搞定|完成|解决")  # without: 8000 回电 is somebody and what is to be done
_VOID = re.compile(
    rf"{_BEFORE}(?:取消|作废|不要|不留|不用|放回去?|退回去?|没来[拿取]?|不来[拿取]?|删|算|不做|不办)(?:[了掉]|吧)*{_AFTER}",
    re.DOTALL,
)
_LATER = re.compile(
    r"(?:再|先)?(?:延|推|改|拖|挪|顺延|往后|留|放|等|到|至)(?:迟|后|期|长|到|至|成|在|一下|延|推)*\s*(.*)", re.DOTALL
)
_WHOM_HEAD = re.compile(
    r"(?:(?:给|帮|替)\s*(?:尾号)?\s*(?P<glued>\d{4})(?!\d)|(?:尾号)?\s*(?P<apart>\d{4})(?:的|(?=[ ,，:：])|$))"
    r"[ ,，:：]*(?P<rest>.*)",
    re.DOTALL,
)
_WHOM_TAIL = re.compile(r"(.*?)(?:(?:^|[ ,，])|(?:给|帮|替|是)\s*(?:尾号)?\s*|尾号)(\d{4})(?:的)?$", re.DOTALL)
_WHOM_WITHIN = re.compile(r"(?:给|帮|替|打给|联系|找|约)\s*(?:尾号)?\s*(\d{4})(?![\d元块年月])(?:的)?")
_GLUED = re.compile(r"(\d{4})(?=[^\d ,，.:：/元块号款个件条月年点分])(.*)", re.DOTALL)
_NAMED = re.compile(
    r"(?:^|(?<=[ ,，])|(?<=[^ ,，])(?=给))(?:给|帮|替)\s*([她他]|[一-龥A-Za-z]{1,6}?)的?"
    r"(?:$|(?=[ ,，])|(?=留))[ ,，留]*"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed: an open one by `number` (or `row`, a token) and what became of it; or something new.

    `whom` is a token or words; `text` the words of the thing with its time still in them.
    """

    text: str = ""
    token: str = ""
    whom: Mention = NOBODY
    number: int = 0
    row: str = ""
    deed: Deed = ""
    when: str = ""


def parse_hold(text: str) -> Asked:
    """`灰直筒26 到礼拜六 给 8000`, `12 拿走了`, `12 延到周日`, or nothing: then what is open is listed."""
    asked = _parse(text)
    if asked.token or asked.deed or asked.whom or not (named := _NAMED.search(asked.text)):
        return asked
    whom = NOBODY if named[1] in "她他" else Mention(name=named[1])
    return Asked(_trim(f"{asked.text[: named.start()]} {asked.text[named.end() :]}"), whom=whom)


def parse_promise(text: str) -> Asked:
    """`8000 周五给回话`, `12 回了`, `12 延到周日`, or nothing; a name stays part of what is promised."""
    asked = _parse(text)
    if asked.deed or asked.token or asked.whom or not (glued := _GLUED.fullmatch(spoken_digits(asked.text))):
        return asked
    return Asked(_trim(asked.text[glued.start(2) :]), whom=Mention(last4=glued[1]))


def _parse(text: str) -> Asked:
    if row := _ROW.fullmatch(text.strip()):
        deed, when = _deed(normal(row[2]))
        if not deed:
            raise UsageError("这一步请按列表里的数字。")
        return Asked(row=row[1], deed=deed, when=when)
    if token := _TOKEN.fullmatch(text.strip()):
        return Asked(normal(token[2]), token=token[1])
    plain = normal(text)
    if found := _NUMBERED.fullmatch(plain):
        deed, when = _deed(found[2])
        if deed and (len(found[1]) < 4 or deed != "done" or _MARKED.search(found[2])):
            return Asked(number=int(found[1]), deed=deed, when=when)
    whom, rest = customer(plain)
    return Asked(rest, whom=whom)


def _deed(words: str) -> tuple[Deed, str]:
    """What is said to have become of one: with nothing, it is only shown."""
    if not words:
        return "show", ""
    if _VOID.fullmatch(words):
        return "void", ""
    if _CHUNK.fullmatch(words):
        return "later", words
    if (later := _LATER.fullmatch(words)) and (not later[1] or _ANYWHERE.search(later[1])):
        return "later", later[1]
    return ("done", "") if _DONE.fullmatch(words) else ("", "")


def customer(text: str) -> tuple[Mention, str]:
    """Whom a text names by a number at its head or end, and the text without it."""
    figures = spoken_digits(text)
    found = list(phones.find(figures))
    if (head := _WHOM_HEAD.fullmatch(figures)) and not any(start == 0 for _, start, _ in found):
        return Mention(last4=head["glued"] or head["apart"]), _trim(text[head.start("rest") :])
    for phone, start, end in found:
        before = re.sub(r"(?:给|帮|替)\s*$", "", text[:start])
        return Mention(phone=phone.national), _trim(f"{before} {text[end:]}")
    if tail := _WHOM_TAIL.fullmatch(figures):
        return Mention(last4=tail[2]), _trim(text[: tail.end(1)])
    if within := _WHOM_WITHIN.search(figures):
        return Mention(last4=within[1]), _trim(f"{text[: within.start()]} {text[within.end() :]}")
    return NOBODY, text


def _trim(text: str) -> str:
    return re.sub(r" +", " ", text).strip(" ，,:：的")


@dataclass(frozen=True, slots=True)
class Timed:
    """A thing, and the moment said with it; None where none was said."""

    text: str
    at: datetime | None


def held(text: str, now: datetime, zone: tzinfo) -> Timed:
    """A hold's goods and the moment until which: after 到, or words apart; figures in a product's name are none.

    Raises UsageError for a day nobody can read, or one that is over.
    """
    until = [*_UNTIL.finditer(text)] or [*_CHUNK.finditer(text)]
    if not until:
        _refuse_past(text)
        if vague := _UNREADABLE.search(text):
            raise UsageError(f"没听懂留到什么时候（{vague[1][:10]}）。写「到周六」「到28号」这样。")
        return Timed(_goods(text), None)
    return _taken(text, until, now, zone, goods=True)


def promised(text: str, now: datetime, zone: tzinfo) -> Timed:
    """A promise's or a reminder's words and its moment, wherever it stands. Raises UsageError for one that is over."""
    found = [*_CHUNK.finditer(text)] or [*_ANYWHERE.finditer(text)]
    if found:
        return _taken(text, found, now, zone, goods=False)
    _refuse_past(text)
    return Timed(text.strip(" ，,"), None)


def _refuse_past(text: str) -> None:
    """A day that is over is no day to do anything on, and one by the moon that nobody can read none at all."""
    if _MOON.search(text):
        raise UsageError("农历的日子没看懂，写「农历八月十五」这样。")
    if past := _PAST.search(text):
        raise UsageError(f"{past[0]}已经过了，写以后的日子，例：周六、28号、明天下午3点。")


def _taken(text: str, found: Sequence[re.Match[str]], now: datetime, zone: tzinfo, *, goods: bool) -> Timed:
    """The text without its time. Two apart (周五 …3点) are read as one."""
    said = " ".join(one[1] if one.re is not _ANYWHERE else one[0] for one in found).strip()
    at = due(said, now, zone)
    if at is None:
        raise UsageError(f"「{said[:12]}」已经过了或者看不懂，写以后的日子，例：周六、28号、明天下午3点。")
    if at - now > _NEXT_YEAR and not _YEARS.search(said):
        raise UsageError(f"今年的「{said[:12]}」已经过了。真是明年的话，写上：明年{said[:12]}。")
    rest = text
    for one in reversed(found):
        rest = f"{rest[: one.start()]} {rest[one.end() :]}"
    if _MOON.search(rest) or _MINUS.search(rest):
        raise UsageError("时间没看懂，写以后的日子，例：周六、28号、农历八月十五。")
    rest = re.sub(r" +", " ", rest).strip(" ，,")
    return Timed(_goods(rest) if goods else rest, at)


def _goods(text: str) -> str:
    """The goods without the words that frame them: 一条灰直筒26."""
    return _FRAME.sub("", text.strip(" ，,的"))


def put_off(when: str, was: datetime | None, now: datetime, zone: tzinfo) -> datetime | None:
    """The moment that 延到周日, 延三天 or 周日 means for one due at `was`; None where no time is read.

    So many days count from when it was due, or from now where that is over.
    """
    if found := _DAYS.fullmatch(when.strip()):
        count = number(found[1])
        if count:
            return max(was or now, now) + timedelta(days=count)
    return due(when, now, zone) if when else None
