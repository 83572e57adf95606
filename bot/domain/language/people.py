"""Who is meant: the customer, and the relatives, friends and pets around her."""

import re
from dataclasses import dataclass
from functools import cache

from bot.domain.language import lexicon
from bot.domain.language.names import Named, named
from bot.domain.language.patterns import Pattern
from bot.domain.language.values import Mention

_OWNED_BY = Pattern(r"(?:[她他家的俩只姐哥姨◇]|(?:^|[ ,。;!?])|一个|有个|养的|养了|有|只|条|给|跟|和|带)$")
_COMPOUND = Pattern(r"粮|条|砂|眼|罐|窝|薄荷|抓板|毛|圈|介绍|推荐|拉|椅|装|霜|王|湿巾|节|卡|车|乳液|粥|房")
_SELF = Pattern(r"她自己|他自己|她本人|他本人|本人|自己|大人(?:没|不|能)|(?<!其)[她他](?!家|们|的)")
_WITH = Pattern(r"(?:带着?|陪着?|和|跟|同|与|替|送|随)(?:她|他|了|着|俩|两个|个)?$")


@dataclass(frozen=True, slots=True)
class Relative:
    """A relative, friend or pet in the text; `of` is None where the customer herself is the one."""

    start: int
    end: int
    of: str | None


@cache
def _relatives() -> lexicon.Lexicon:
    return lexicon.grouped("relatives")


def customer(text: str) -> tuple[Mention, list[tuple[int, int]], bool]:
    """The customer spoken of, where she is named, and whether there are several of them."""
    found = named(text)
    spans = [(one.start, one.end) for one in found]
    chosen = _chosen(text, found)
    groups = _persons(text, chosen)
    if len(groups) > 1:
        return Mention(), spans, True
    return (groups[0] if groups else Mention()), spans, False


def _chosen(text: str, found: list[Named]) -> list[Named]:
    """Those meant, where the words correct themselves: 「是丁姐不是戴姐」."""
    meant = [one for one in found if not re.search(r"(?:不是|而不是|别是|不叫)$", text[: one.start])]
    if re.search(r"错|不是", text):
        right = [one for one in meant if re.search(r"(?:应该是|是|改成|记到|给)$", text[: one.start])]
        return right or meant
    return meant


def _persons(text: str, found: list[Named]) -> list[Mention]:
    """Mentions of one person side by side (丁女士2046) count once."""
    persons: list[Mention] = []
    last_end = -9
    for one in found:
        near = not re.search(
            r"[一-龥]",
            text[last_end : one.start].replace("的", "").replace("尾号", "").replace("那个", "").replace("手机", ""),
        )
        if persons and near and (merged := _merge(persons[-1], one.mention)):
            persons[-1] = merged
        elif not any(one.mention == other or _part(one.mention, other) for other in persons):
            persons.append(one.mention)
        last_end = one.end
    return persons


def _part(one: Mention, other: Mention) -> bool:
    return one.name is not None and one.name == other.name


def _merge(one: Mention, other: Mention) -> Mention | None:
    if (one.name and other.name) or (one.last4 and other.last4) or (one.phone and other.phone):
        return None
    return Mention(phone=one.phone or other.phone, last4=one.last4 or other.last4, name=one.name or other.name)


def relatives(masked: str) -> list[Relative]:
    """Who else is spoken of, and where the customer herself comes back, in order."""
    others = [Relative(hit.start, hit.end, hit.group) for hit in _relatives().find(masked) if _counts(masked, hit)]
    herself = [
        Relative(match.start(), match.end(), None)
        for match in _SELF.finditer(masked)
        if not any(one.start <= match.start() < one.end or match.end() == one.start for one in others)
    ]
    return sorted(others + herself, key=lambda one: one.start)


def _counts(text: str, hit: lexicon.Hit) -> bool:
    covering = lexicon.allergens().at(text, hit.start)
    if (covering and covering.end > hit.end) or _COMPOUND.match(text, hit.end):
        return False
    before = text[max(0, hit.start - 3) : hit.start]
    if hit.word[:1] in "二三头" and hit.word[1:] == "胎" and before.rstrip("了着上").endswith(("怀", "孕")):
        return False
    if hit.word == "妹" and before.endswith("姐"):
        return False
    return hit.word not in lexicon.words("need_owner") or _OWNED_BY.search(before) is not None


def beside(text: str, start: int) -> bool:
    """Whether somebody is only along (带着女儿来), not the subject of what follows."""
    return _WITH.search(text, max(0, start - 4), start) is not None
