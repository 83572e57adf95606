"""Whether a sentence about a coupon asks that it be given now, and to whom: only a plain imperative does.

Everything else (no, not yet, already, may I) is told apart so that it can be answered; when in doubt it is `unclear`.
"""

import re
from dataclasses import dataclass
from typing import Literal

from bot.domain.text import normal

Mood = Literal["gives", "asks", "refuses", "told", "later", "unclear"]
_VERB = "发|送|补|来|安排|申请|弄|搞|推|赠|派|加|塞|整|批"
_POLITE = "(?:(?:重新|另外|麻烦你?|帮我|帮忙|请|那就?|就|好的?|行|赶紧|快|现在|直接|再|也|先|顺便|还是|你)[ ,，]*)*"
_COUNT = "(?:一下|[一1]?[张个份]|点)?"
_SHE = "[她他它]|这位|那位|这个客人|客人|顾客|这位客人|人家|◇"
_PLAIN = (
    re.compile(
        rf"{_POLITE}(?:(?:给|帮|替|为)(?P<whom>[^,，。!！?？]{{1,12}}?)|(?P<she>{_SHE}))?(?:再|也|先|多)?"
        rf"(?:{_VERB}){{1,2}}(?P<which>(?!过|了|给).*)"
    ),
    re.compile(rf"{_POLITE}(?:{_VERB})(?:给)?(?P<she>{_SHE})(?P<which>(?!过|了).*)"),
    re.compile(rf"{_POLITE}(?:{_VERB})给(?P<whom>[^,，。!！?？ ]{{1,12}}?)(?P<which>(?:[ ,，]|{_COUNT[:-1]}(?=.)).*)"),
    re.compile(rf"{_POLITE}(?:把|将)(?P<which>.+?)(?:{_VERB})给(?P<whom>[^,，。!！?？ ]{{1,12}}?)吧?"),
)
_BEHIND = re.compile(rf"(?P<which>.+?)给(?P<whom>(?:{_SHE})|[^,，。!！?？ ]{{2,12}}?)吧?")
_SHE_ALONE = re.compile(rf"(?:{_SHE})(?:老人家)?")
_ASKS = re.compile(
    r"[?？]|吗|呢$|么$|(?:能|可|该|要|会|是|行)不(?:能|可以|该|要|会|是|行)|能否|是否|^(?:我|我们|她|他)?(?:还|现在)?(?:能|可以|应该|该)"
    r"(?!不)|有没有|什么券|啥券|哪(?:张|个|种|些)|几张|多少张|怎么发|好不好|行吗|合适"
)
_REFUSES = re.compile(
    rf"(?:别|不用|不要|不必|甭|莫|勿|不想|不需要|无需|没必要|不能|不许|不准|不可以|不该|暂时?不|先不|不再)[^,，。]{{0,12}}?(?:{_VERB}|券)"
    rf"|不(?:再|给|帮|替)?[^,，。]{{0,6}}?(?:{_VERB.replace('|来', '')})|取消|算了|停发|撤"
)
_TOLD = re.compile(
    rf"(?:发|送|补|赠|给)(?:给?(?:{_SHE}))?(?:过|了(?!吧))|已经?|昨|前天|上次|上回|上周|上个?月|之前|以前|刚刚?(?!好)|忘了?|忘记|不小心|误|错|没(?:有)?(?:{_VERB}"
    r"|收|给|用|领|拿)|收到|用了|领了|[她他人]说|客人说|[她他](?:问|想|要)"
)
_LATER = re.compile(
    "明天|明儿|后天|大后天|下周|下个?(?:礼拜|星期|月)|下次(?!券|用|来)|改天|过几天|过两天|过阵子|晚点|晚些|待会|等会|等一?下|回头|到时|以后"
    "|月底|月初|周末再|节后|生日(?:那天|当天|到了)|提醒|记得|别忘|等[她他]|如果|要是|的话|[周礼拜星期][一二三四五六日天]再?[给发]"
)
_TAIL = re.compile(rf"(?:{_VERB.replace('|来', '')})(?:给)?(?:{_SHE})?(?:过|了)?([^,，。!！?？]*)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sentence about a coupon is, whom it names (empty: whoever is spoken of) and which coupon, in its words."""

    mood: Mood
    whom: str = ""
    which: str = ""


def read(text: str) -> Asked:
    """The mood of a sentence about a coupon; whom and which only as far as it says."""
    plain = normal(text).strip(" 。.!！~")
    mood = _mood(plain)
    found = next((one for one in (pattern.fullmatch(plain) for pattern in _PLAIN) if one), None)
    if found is None or (mood and mood != "gives"):
        tail = _TAIL.search(plain)
        which = re.sub("^(?:发|了|过|的)+|[ 了吗呢吧没好不]+$", "", tail[1].partition(" ")[0]) if tail else ""
        return Asked(mood or "unclear", which=which)
    said = found.groupdict()
    which, whom = said.get("which") or "", said.get("whom") or ""
    which = re.sub(f"^(?:{_SHE})(?=.)", "", which)
    whom = re.sub("^(?:尾号|手机号?|客户|会员)|(?:的|那位|这位)$", "", whom)
    if not whom and (behind := _BEHIND.fullmatch(which)):
        which, whom = behind["which"], behind["whom"]
    return Asked("gives", "" if _SHE_ALONE.fullmatch(whom) else whom, which.strip())


def _mood(plain: str) -> Mood | None:
    """What the words around the verb make of it; None where they make nothing of it."""
    head = re.split(r"[,，。]| (?=[她他])", plain)[0]  # 给她发张半价 她说好
    every: tuple[tuple[Mood, re.Pattern[str], str], ...] = (
        ("asks", _ASKS, plain),
        ("told", re.compile(r"忘|不小心|误发|发错"), head),
        ("refuses", _REFUSES, head),
        ("told", _TOLD, head),
        ("later", _LATER, plain),
    )
    return next((mood for mood, pattern, where in every if pattern.search(where)), None)
