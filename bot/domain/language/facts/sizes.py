"""Sizes by facet: tops, bottoms, shoes, rings, underwear, children's clothes."""

import re

from bot.domain import text as plain_text
from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import Clause, Sentence
from bot.domain.language.values import Statement

_LETTER = r"(?:[2-6]?X{1,4}L|X{1,3}S|XS|[SML]|[2-6]XL|均码)"
_FIGURE = r"\d{2,3}(?:\.5|码半|半)?"
_NUMBER = Pattern(
    r"(?<=[鞋码脚穿裤腰圈寸号服])[二三四五]十[一二三四五六七八九]?|[二三四五]十[一二三四五六七八九]?(?=码|号"
    r"|的鞋|的码)|一百[一二三四五]?(?:十)?(?=码|的童装)"
)
_SHOE = Pattern(
    rf"(?:鞋码?|脚|鞋子|运动鞋|皮鞋|靴子|凉鞋|白鞋)(?:子|码|号|穿|是|要|长|:|大|宽|瘦|窄|肥|胖"
    rf"|[ ,，])*({_FIGURE})(?!\d)|({_FIGURE})(?:码|号)?(?:的|半|大)*(?:[一-龥]{{0,3}})?(?:鞋|脚|靴)"
    rf"|穿({_FIGURE})(?:码|号)?的?鞋"
)
_SHOE_ALONE = Pattern(r"(?<!\d)((?:3[4-9]|4[0-7])(?:\.5|码半|半)?)(?:码|号)?(?!\d|[.岁%块元号月日斤公寸圈])")
_BOTTOM = Pattern(
    rf"(?:裤子?|裙子?|腰围?|牛仔裤|西裤|下装|下身|裤腰|裤码)(?:码|号|穿|是|要|的|:|[ ,])*({_LETTER}|2\.\d"
    rf"|[23]尺\d?|\d{{2}})(?!\d|cm|厘米|岁)|({_LETTER}|\d{{2}})码?(?:的)?(?:裤|裙)(?!子?(?:\d|[SMLX]))"
)
_TOP = Pattern(
    rf"(?:上衣|衣服|上装|上身|外套|衬衫|衬衣|T恤|卫衣|毛衣|大衣|羽绒服|针织衫|西装|连衣裙|裙装|大褂|工服|尺码"
    rf"|码)(?:码|号|穿|是|要|都|的|:|[ ,])*({_LETTER}|1[5-9][05]|3[7-9]|4[0-4])(?![A-Za-z0-9])"
    rf"|(?<![A-Za-z0-9])({_LETTER})码"
)
_WEARS = Pattern(
    rf"(?:穿|要|拿|换成?|改成?|改穿|得穿|是|只能穿|都是|都穿|[件条])(?:的是|的|个|了|到)?({_LETTER})(?:码"
    rf"|号)?(?![A-Za-z0-9])|(?<![A-Za-z0-9])({_LETTER})(?:的|码|号)(?![A-Za-z])"
    rf"|穿(1[5-9][05])(?!\d|斤|cm|厘米|[^,。 ]{{0,2}}鞋)"
)
_NOT_SIZE = Pattern(
    rf"(?:不是|不穿|不再穿)({_LETTER}|{_FIGURE})|({_LETTER}|{_FIGURE})(?:码|号)?的?(?:都|已经)?(?:穿不|太小|太大|小了|大了|紧了|松了)"
)
_RING = Pattern(
    r"(?:无名指|中指|食指|小指|戒指|对戒|手寸|戒圈|钻戒|婚戒|指圈|圈口)(?:[^0-9,，。 ]{0,4})[ ]?(\d{1,2}(?:\.5"
    r")?)(?:号|#|码)?(?!\d"
    r"|月|日|:)|(?<!\d)(\d{1,2}(?:\.5)?)(?:号|#)(?:的)?(?:戒指|手寸|戒圈|圈)"
)
_BRA = Pattern(
    r"(?<![A-Za-z0-9])((?:[6-9][05]|1[01][05]|3[2-9]|4[0-2])(?:/\d{2})?[A-Ha-h]{1,2})(?:罩杯|杯"
    r"|的)?(?![A-Za-z0-9])|([A-H])罩?杯"
)
_CHILD = Pattern(
    r"(?:童装|童鞋?|校服|衣服|身高|穿|尺码|童码|连体衣|爬服|宝宝装|外套|裤子|码)(?:穿|码|是|要|:|买"
    r"|[ ,])*((?:5[29]|6[06]|7[03]|80|90|1[0-7]0))(?:码|号|cm|的)?(?!\d|斤|公斤|块|元|kg)|(?<!\d)((?:5[29]"
    r"|6[06]|7[03]|80|90|1[0-7]0))码"
)
_CHILDREN = frozenset({"child", "grandchild"})
_AGE = Pattern(r"童|宝宝|娃|孩子|女儿|儿子|闺女|老大|老二|孙")


def statements(sentence: Sentence) -> list[Statement]:
    """All sizes of the message, each with whose it is."""
    found: list[Statement] = []
    for clause in sentence.clauses:
        for kind, value, place in _of_clause(sentence, clause):
            of = sentence.owner(clause.start + place)
            found.append(Statement("size", value, kind, of))
    return found


def _of_clause(sentence: Sentence, clause: Clause) -> list[tuple[str, str, int]]:
    text = _NUMBER.sub(lambda m: str(plain_text.number(m.group()) or m.group()), clause.text)
    text = re.sub(r"加大码|大码", "", text)
    gone = [m[1] or m[2] for m in _NOT_SIZE.finditer(text)]
    found: list[tuple[str, str, int]] = []
    for facet, pattern in (
        ("童装", _CHILD),
        ("内衣", _BRA),
        ("戒指", _RING),
        ("鞋码", _SHOE),
        ("下装", _BOTTOM),
        ("上装", _TOP),
        ("上装", _WEARS),
    ):
        for match in pattern.finditer(text):
            value = next(group for group in match.groups() if group)
            if _free(found, match, value) and value not in gone and _fits(sentence, clause, facet, match):
                found.append((facet, value, match.start(match.lastindex or 0)))
    return sorted(found, key=lambda one: one[2]) or _shoe_by_context(sentence, text, gone)


def _free(found: list[tuple[str, str, int]], match: re.Match[str], value: str) -> bool:
    place = match.start(match.lastindex or 0)
    return all(abs(place - other) >= min(len(value), len(word)) for _, word, other in found)


def _fits(sentence: Sentence, clause: Clause, facet: str, match: re.Match[str]) -> bool:
    if facet == "童装":
        child = sentence.owner(clause.start + match.end()) in _CHILDREN
        return (
            child
            or _AGE.search(sentence.text) is not None
            or (sentence.mention.name or "").endswith(("妈", "妈妈", "爸", "爸爸"))
        )
    if facet == "内衣":
        return match[2] is None or re.search(r"内衣|文胸|罩杯|胸", sentence.text) is not None
    return True


def _shoe_by_context(sentence: Sentence, text: str, gone: list[str]) -> list[tuple[str, str, int]]:
    """A bare 38 counts where the message is about shoes, or the figure is called a 码."""
    match = _SHOE_ALONE.search(text)
    if not match or match[1] in gone or not re.search(r"鞋|脚|靴|楦|\d码", sentence.text):
        return []
    named = (
        re.match(r"(?:码|号|半)", text[match.end(1) :])
        or len(text) <= match.end() - match.start() + 8
        or "半" in match[1]
    )
    money = re.search(r"[¥$￥第]$|等了?$|打$", text[: match.start()])
    return [("鞋码", match[1], match.start(1))] if named and not money else []
