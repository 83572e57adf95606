"""Allergies: said outright, corrected, denied and removed.

Nothing is written for a substance that the words deny; a joke is no substance.
"""

import re
from dataclasses import replace
from functools import cache
from itertools import islice

from bot.domain.language import lexicon, repair, words
from bot.domain.language.facts import findings
from bot.domain.language.facts.findings import TRIGGER
from bot.domain.language.lexicon import Hit
from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import MASK, Clause, Sentence, group_at_end, group_at_start, only_substances
from bot.domain.language.values import Statement

_GAP = Pattern(
    r"(?:都|也|还|会|有|很|超|真|确实|应该|好像|可能|一直|从小|天生|容易|轻微|轻度|中度|重度|严重|特别"
    r"|比较|有点|有些|类|及制品|制品|产品|食品|引起|导致|引发"
    r"|什么的|等|之类|那些|这些|这类|那类|全|全部|统统|是|就|的|这种|东西|里|过|到|[一再]?(?:吃|喝|碰"
    r"|闻|用|沾|抹|涂|穿|戴|擦|敷|打|接触)(?:了|点|多)?|以后|之后|后|完|多了|出来"
    r"|查出|测出"
    r"|[ ,、]|极其|非常|急性|我怀疑|怀疑|估计|大概|听说|据说|成分|[她他])*"
)
_FILL = Pattern(
    r"(?:[的源原史物有是为于就主要包括清单对吃喝:◇ ,]|东西|食物|药物|成分|种类|那个|这个|[一两三几]样|[一二三两]种"
    r"|目前|分别|还有|一个)*"
)
_DENY = Pattern(
    r"(?:不|没|没有|无|未|从不|不会|不算|不叫|不怎么|不再|没啥|没什么|并非|非|不太|不存在|从来不|从没|未见"
    r"|不具备)(?:再|曾|有过|怎么|任何|什么|啥)?$"
)
_DENY_SLOT = Pattern(
    r"(?:没有?|无|不是|并不是|不对|不会对|不可能对|没有对|未发现|不存在|又不是|哪是|才不是|并非|没说对|没说过|没讲过|没提过"
    r"|没有说对|不再对)(?:什么|任何|啥|对|真的?|吃|喝)*$"
)
_REMOVE = Pattern(
    r"删|作废|撤掉|撤了|取消|划掉|划了|去掉|抹掉|清掉|清了|拿掉|消掉|消了|(?:记|登|标|写|搞|填|录|弄|听"
    r"|备注)(?:错|岔|串|反)|瞎记|乱记|瞎写|乱写|乱登|瞎登|误记|误登|误标|是?错的|有误|不属实|是假的|不是真的"
    r"|不作数|不算数|拿下|注销|解除|不用标|别标|别再标|移除|去除|抹了|下掉|改掉|更正|不对|不准|没这回事"
    r"|没有的事|不属实|不成立|可以去|摘掉|摘了|勾掉|无效"
)
_OLD = Pattern(
    r"以前|之前|原来|上次|系统|档案|资料|备注|记的|登的|标的|写的|那条|记录|登记的|老的|旧的|当时|早先|去年"
    r"|卡上|本子上|登了|记了|标了|写了|显示|挂着|里头|里有"
)
_WHO_DENIED = Pattern(
    r"(?:不是|并非|不是说|不叫|不算|谈不上|称不上|算不上|说不上)(?:真的?|什么|对[^,。 ]{0,8}|那种|所谓的?|真正)?过敏"
)
_OPENERS = Pattern(
    r".*(?:对|吃|喝|用|穿|戴|碰|闻|沾|抹|涂|擦|◇|[她他]|说|是|有|叫|[，,、 ]|记|备注|登记|确诊|查出|发现|怀疑"
    r"|因为|就|得了|患|属于|关于|一种|那个|这个|点|了)(?=.)"
)
_EDGE = Pattern(
    r"^(?:的|了|那个|这个|什么|一种|某种|某|一些|各种|所有|任何|有点|有些|严重|轻度|重度|轻微|特别|很|非常"
    r"|超级?|真|好像|应该|可能|怀疑|从小|天生|一直|以前|现在|最近|突然|也|都|还|就|又|老|总|会|是|对|跟|和|与"
    r"|[她他◇ ,])+|(?:的|类|都|也|还|就|会|很|有点|严重|了|特别|轻微|比较|真|容易|好像|应该|可能|有些|之类"
    r"|什么|等|确实|是|老|总|[她他◇ ,])+$"
)
_SPLIT = Pattern(r"[、,和跟与及或/+& ]|还有|以及|外加")
_PERSON = Pattern(
    r"[不别没]|[她他我你]|老公|老婆|妈|爸|儿子|女儿|孩子|妹妹|弟弟|姐姐|哥哥|闺蜜|朋友|宝宝|奶奶|爷爷|婆婆|孙"
)
_BOTH = Pattern(r"[她他◇](?:自己)?(?:和|跟|与|同|俩)[^,。]{0,8}都")
_INSTEAD = Pattern(r"^(?:其实|应该|准确|更正|不对|哦|说错|实际|真正|后来)")
_WISHED = Pattern(r"(?:爱[吃喝]?|喜欢[吃喝]?|推荐|要|来|点|加|换成?|买|[吃喝]|只[吃喝要])$")
_ENTRY_GOES = Pattern(r"的?[那这][条个项].{0,4}(?:删|作废|撤|取消|划掉|去掉|抹掉|清掉|拿掉)")
_NO_LONGER = Pattern(r"(?:反应)?了(?![吗吧呢?么嘛])(?=$|[,。;! 的啊])")
_LONGEST = 8
_MOST = 6


def statements(sentence: Sentence) -> list[Statement]:
    """Every allergy that the message states, and every one that it asks to take back."""
    if not TRIGGER.search(sentence.masked) and not findings.hinted(sentence.masked):
        return []
    found: list[Statement] = []
    for index, clause in enumerate(sentence.clauses):
        for match in islice(TRIGGER.finditer(clause.text), _MOST):
            found += _said(sentence, index, match)
        instead = findings.of_clause(sentence, index)
        if instead and _INSTEAD.search(clause.text):
            found = [one for one in found if one.negated]
        found += instead
    found += findings.skin_test(sentence)
    if findings.outgrown(sentence.masked):
        return [replace(one, negated=True) for one in found]
    denied = findings.denied(sentence)
    return [one for one in found if one.negated or one.value not in denied]


def denied_outright(text: str) -> bool:
    """Whether the message says that it is no allergy at all: 「那不叫过敏」."""
    return _WHO_DENIED.search(text) is not None


def _said(sentence: Sentence, index: int, match: re.Match[str]) -> list[Statement]:
    clause = sentence.clauses[index]
    hits = sentence.substances(clause)
    left = clause.text[: match.start()]
    negative = _DENY.search(left) is not None
    end = len(_DENY.sub("", left))
    group = group_at_end(clause.text, hits, _GAP, end)
    values = [hit.word for hit in group]
    first = group[0].start if group else end
    if not values:
        values = _open(left[:end])
        first = max(0, left.find(values[0])) if values else end
    if group:
        values = _earlier(sentence, index, group, end) + values
    if not values and not negative:
        values, first = _later(sentence, index, match.end()), match.start()
    negative = negative or _DENY_SLOT.search(clause.text[:first]) is not None
    over = negative and _NO_LONGER.match(clause.text, match.end()) is not None
    if negative and not values:
        values = _back(sentence, index) if over else _dropped(sentence)
    removed = over or _removed(sentence, index, denied=negative) or (negative and _replaced(sentence, index))
    if negative and not removed:
        return []
    place = clause.start + (match.end() if _names_person(sentence, clause, match.end()) else match.start())
    of = _person_after(sentence, clause, match.end()) or sentence.owner(place)
    owners = [None, of] if of and _BOTH.search(clause.text, 0, match.start()) else [of]
    return [Statement("allergy", value, of=one, negated=removed) for value in values for one in owners]


def _back(sentence: Sentence, index: int) -> list[str]:
    """The substance of the clause before a bare 「不过敏了」."""
    return [hit.word for hit in sentence.substances(sentence.clauses[index - 1])] if index else []


def _dropped(sentence: Sentence) -> list[str]:
    """「榴莲那条删掉 … 她不过敏」: the substances whose entry is to go."""
    return [
        hit.word
        for clause in sentence.clauses
        for hit in sentence.substances(clause)
        if _ENTRY_GOES.match(clause.text, hit.end)
    ]


def _replaced(sentence: Sentence, index: int) -> bool:
    """「不是芒果过敏 是榴莲过敏」: another substance stands in the place of the denied one."""
    if not re.search(r"不是", sentence.clauses[index].text) or index + 1 >= len(sentence.clauses):
        return False
    following = sentence.clauses[index + 1]
    return findings.CORRECT.match(following.text) is not None and bool(sentence.substances(following))


def _names_person(sentence: Sentence, clause: Clause, end: int) -> bool:
    return _person_after(sentence, clause, end) is not None


def _person_after(sentence: Sentence, clause: Clause, end: int) -> str | None:
    """「过敏的是她外孙」: who stands behind the word."""
    match = re.match(r"(?:的|的人)?(?:其实|应该)?是", clause.text[end:])
    if not match:
        return None
    place = clause.start + end + match.end()
    near = [p for p in sentence.people if p.of and place <= p.start <= place + 3]
    return near[0].of if near else None


def _earlier(sentence: Sentence, index: int, group: list[Hit], end: int) -> list[str]:
    """Substances of clauses before, when the last one closes a list: 「对芒果，花生，虾都过敏」."""
    clause = sentence.clauses[index]
    lead = clause.text[: group[0].start]
    closes = re.search(r"都|全|统统", clause.text[group[-1].end : end]) is not None or lead.startswith(
        ("和", "还有", "跟")
    )
    values: list[str] = []
    while index and not lead.strip(MASK + "和还有跟"):
        index -= 1
        before = sentence.clauses[index]
        hits = sentence.substances(before)
        towards = re.match(r"^[◇她他说也还 ]*对", before.text)
        lead_in = sentence.clauses[index - 1].text if index else ""
        listed = before.closing in (" ", ",") and _listed_alone(before.text, hits) and not _WISHED.search(lead_in)
        if not only_substances(before.text, hits) or not (closes or towards or listed or "," in before.closing):
            break
        values = [hit.word for hit in hits] + values
        closes = bool(closes or towards or listed)
    return values if closes else []


def _listed_alone(text: str, hits: list[Hit]) -> bool:
    """Whether a clause holds one substance and not a word more."""
    return bool(hits) and hits[0].start == 0 and hits[-1].end == len(text)


def _later(sentence: Sentence, index: int, end: int) -> list[str]:
    """Substances behind the word: 「过敏原是尘螨」, 「过敏：芒果、虾」."""
    clause = sentence.clauses[index]
    hits = sentence.substances(clause)
    values = [hit.word for hit in group_at_start(clause.text, hits, _FILL, end)]
    rest = "" if _FILL.fullmatch(clause.text, end) else clause.text[end:]
    for following in sentence.clauses[index + 1 : index + 6]:
        hits = sentence.substances(following)
        if rest and not values:
            break
        if not only_substances(following.text, hits):
            break
        values += [hit.word for hit in hits]
    return values


def _open(left: str) -> list[str]:
    """Unknown words right before 过敏, cut out by the dictionary and weighed by the list of non-substances."""
    opened = _OPENERS.match(left[-24:])
    stub = left[-24:][opened.end() :] if opened else left[-24:]
    values = []
    for piece in _SPLIT.split(stub):
        word = _core(piece)
        if (
            word
            and MASK not in word
            and (1 < len(word) <= _LONGEST or left.endswith(f"对{word}"))
            and re.search(r"[一-龥A-Za-z]", word)
        ):
            values.append(repair.homophone(word) or word)
    return [value for value in values if not joke(value) and not _PERSON.search(value)]


def _core(piece: str) -> str:
    trimmed = ""
    while trimmed != piece:
        trimmed, piece = piece, _EDGE.sub("", piece)
    if not piece or joke(piece):
        return ""
    kept: list[str] = []
    for token in reversed(words.cut(piece)):
        if joke(token) or token in lexicon.words("stops"):
            break
        kept.insert(0, token)
    return "".join(kept)


def joke(word: str) -> bool:
    """Whether it is something nobody is really allergic to, or no substance."""
    return word.lower() in lexicon.words("not_allergens")


def joking(sentence: Sentence) -> bool:
    """「对早班过敏」: the only thing before the word is a joke, and no substance is near."""
    if any(sentence.substances(clause) for clause in sentence.clauses):
        return False
    for clause in sentence.clauses:
        if match := TRIGGER.search(clause.text):
            stub = clause.text[: match.start()][-12:]
            return any(word in stub for word in _jokes() if len(word) > 1)
    return False


@cache
def _jokes() -> frozenset[str]:
    return frozenset(lexicon.lines("not_allergens")[0].split())


def _removed(sentence: Sentence, index: int, *, denied: bool) -> bool:
    """Whether the guide asks to take this allergy out of the file."""
    clause = sentence.clauses[index]
    after = [c.text for c in sentence.clauses[index + 1 : index + 3]]
    stop = next((i for i, text in enumerate(after) if TRIGGER.search(text) and not _REMOVE.search(text)), len(after))
    nearby = " ".join(after[:stop])
    if denied:
        return re.search(rf"(?<!别)(?:{_REMOVE.pattern})", re.sub(r"不对(?=[^,。 ])", "", sentence.masked)) is not None
    if findings.CORRECT.match(clause.text):
        return False
    if _REMOVE.search(clause.text):
        return True
    before = " ".join(c.text for c in sentence.clauses[max(0, index - 1) : index])
    old = _OLD.search(clause.text) or _OLD.search(before)
    return bool(_REMOVE.search(nearby) and (old or re.match(r".{0,3}(?:删|作废|去掉|划掉|取消|这条|那条)", nearby)))
