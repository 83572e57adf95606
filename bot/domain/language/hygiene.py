"""Words and numbers that must not be kept about a customer, and better words for them."""

import re
from functools import cache

from bot.domain import phones
from bot.domain.language import lexicon
from bot.domain.language.patterns import Pattern
from bot.domain.text import normal

_DIGITS = Pattern(r"(?<![\dA-Za-z])\d(?:[ -]?\d){12,18}(?![\d])")
_ID_18 = Pattern(r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])")
_ID_15 = Pattern(r"(?<!\d)[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)")
_CARD_NAME = Pattern(r"(?:卡号|银行卡|信用卡|储蓄卡|借记卡)[^\d,。!?]{0,8}$")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_QUOTED = Pattern(
    r"(?:店员|导购|收银|师傅|技师|服务员|你们|咱们?(?:的)?人|我们(?:的)?人|小哥|骑手|保安|店长"
    r"|小[王李张周陈刘赵孙吴])[^,。!?]{0,8}(?:骂|说|叫|喊|嘲笑|讽刺|嫌|吼|背后|当面|暗讽)|骂(?:她|他|人|了|我"
    r"|客)|说(?:她|他)(?:是|像)?|被(?:骂|说|叫|嘲)|(?:店员|导购|收银|师傅|技师|你们|态度)[^,。!?]{0,3}$"
)
_HARMLESS = Pattern(
    r"有病(?:史|历)|变态(?:辣|反应)|绿茶(?!婊)|沙雕(?:图)|老糊涂酒|土鳖虫|矮子(?:里)|聋哑|傻子瓜子|(?:生|患"
    r"|得|没)有病|要有病|冻疮|薅羊毛(?!党)|智障人士|残废军人|笨蛋杯|骂街|[同好故喜]事儿?多|[同好故喜]事多"
)
_BETTER = "只写事实，不写评价"
_ALWAYS_FOOD = frozenset({"韭菜", "绿茶", "肥羊"})


@cache
def _labels() -> lexicon.Lexicon:
    return lexicon.grouped("insults")


def problems(text: str) -> list[str]:
    """Codes of what must not be kept: `insult`, `id_card`, `bank_card`, each at most once."""
    plain = normal(text)
    found = []
    if _insults(plain):
        found.append("insult")
    identity = _identity(plain)
    if identity:
        found.append("id_card")
    if any(not _overlaps(span, identity) for span in _cards(plain)):
        found.append("bank_card")
    return found


def better(text: str) -> str:
    """What to write in place of a demeaning text; a text without a label stays as it is."""
    plain = normal(text)
    hits = _insults(plain)
    return (_BETTER if hits[0].group == "-" else hits[0].group) if hits else plain


def _insults(text: str) -> list[lexicon.Hit]:
    return [hit for hit in _labels().find(text) if not _quoted(text, hit) and not _harmless(text, hit)]


def _quoted(text: str, hit: lexicon.Hit) -> bool:
    """Said by staff to a customer: a complaint, to be kept as it was said."""
    return _QUOTED.search(text[max(0, hit.start - 14) : hit.start]) is not None


def _harmless(text: str, hit: lexicon.Hit) -> bool:
    if hit.word in _ALWAYS_FOOD:
        return True
    around = text[max(0, hit.start - 2) : hit.end + 3]
    return _HARMLESS.search(around) is not None


def _identity(text: str) -> list[tuple[int, int]]:
    found = [match.span() for match in _ID_18.finditer(text) if _checks(match.group())]
    return found + [match.span() for match in _ID_15.finditer(text)]


def _checks(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == number[-1].upper()


def _cards(text: str) -> list[tuple[int, int]]:
    """Runs of 13 to 19 figures, called a card number or passing its check, that are no telephone number."""
    calls = [(start, end) for _, start, end in phones.find(text)]
    found = []
    for match in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        named = _CARD_NAME.search(text, max(0, match.start() - 12), match.start())
        if len(digits) <= 19 and (named or _luhn(digits)) and not _overlaps(match.span(), calls):
            found.append(match.span())
    return found


def _luhn(digits: str) -> bool:
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def _overlaps(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)
