"""Allergies told by what happened: contact with a substance, then the body's answer."""

import re
from functools import cache

from bot.domain.language import families, lexicon
from bot.domain.language.lexicon import Hit, Lexicon
from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import Clause, Sentence, only_substances
from bot.domain.language.values import Statement

_CONTACT = Pattern(
    r"(?:吃|喝|碰|沾|用|抹|涂|擦|穿|戴|闻|敷|接触|贴|打|输|嚼|舔|摸|盖|睡|枕|染|烫|喷|洗|泡|服|挂|注射|尝|咬"
    r"|啃|嗑|含|点了|换了|上脸|上身|上嘴|沾到|碰到|误食|下肚|入口|佩戴|铺|滴)"
)
_LINK = Pattern(
    r"让|害得?|弄得|搞得|就|会|后|马上|立马|当场|立刻|直接|一[吃喝碰沾用抹涂擦穿戴闻敷贴打摸染]|就是|[了过]"
)
_NOT = Pattern(r"(?:没有?|不|不会|没怎么|没再|不再|从没|未)(?:起|出|出现|发|见|任何|什么|过|有|再|怎么|那么|是|觉得)*$")
_OVER = Pattern(r"^(?:好了|没了|消了$|治好|缓解|就好)")
_CAUSE = Pattern(
    r"(?:是|因为|由于|都怪|怪|可能是|应该是|怀疑是|估计是|说是|说可能是)(?:因为)?(?:[她他]|昨天|昨晚|上次"
    r"|那天|早上|晚上|中午)*(?:吃|喝|用|碰|沾|抹|涂|穿|戴|闻|打|染)?(?:了|过|完|到|多)?"
)
_FILL = (
    r"(?:[了过完点到着]|一点|一次|几口|一小?[口块片颗粒只杯碗勺]|半[杯碗块]|两[口块颗只个]"
    r"|咱们?家?|我们家?|你们?家|店里|这款|那款|那个|这个|上次|的|个|杯|碗|盘|份|瓶|支|顿|带)*"
)

_STOP = (
    r"就|会|后|之后|以后|时|的时候|嘴|脸|喉|嗓|浑身|全身|眼|脖|手|身上|身子|腿|胳膊|马上|立马|当场|回家|回去"
    r"|第二天|直接|晚上|当晚|半小时|没几分钟|皮肤|头皮|耳|鼻|肚|胃|头|心|上吐|起|肿|痒|红|她|他|又|都|便|立刻"
    r"|人|下午|不到|一会儿|长|出|开始|老|总|整|满|舌|腰|背|大腿|屁股|呼吸|疹|喘|打|过"
)

_OBJECT = Pattern(rf"{_CONTACT.pattern}{_FILL}([一-龥A-Za-z]{{2,8}}?)(?={_STOP}|$)")
_BANNED = Pattern(r"不能|不行|不可以|禁|不许|一律|千万")
_CARRIER = Pattern(r"(?:带|含|有|加)([一-龥]{1,5})的")
_BODY = Pattern(
    r"(?:脖子|脸|身上|满身|全身|浑身|一身|眼睛|眼圈|眼皮|手|手指|皮肤|胳膊|耳朵|耳垂|头皮|嘴|嘴巴|嘴角|舌头"
    r"|腿|背|肚皮|手腕|鼻子|喉咙|嗓子)(?:都|就|全|会|边|一圈|一片|全是|一大片|让|马上|立马|当场|又"
    r"|也|直接|上|里|周围|两边|后面)*(?:发|变|泛|通|起)?(?:红(?!色|的|点)|肿|痒|烂|麻(?!烦|辣|将"
    r"|酱)|疼|刺|紧(?=得|了|$)|紫|烧)"
)
_MODIFIED = Pattern(r"(?:那种|这种|的|成分的?|味的?|类的?)?")
_PART = Pattern(
    r"(?:[她他]|就|会|又|都)+|(?:嘴|唇|舌|脸|眼|鼻|耳|喉|嗓|脖|头皮|头发|皮肤|身|全身|浑身|满身|手|胳膊|腿|脚|背|腰|肚|胃|心|胸|屁股|额|下巴|头(?!孢)|两鬓|鬓|腮)"
)
_THAT_ONE = Pattern(
    r"^(?:就|是|应该是|可能是|上次|上回|昨天|前天|刚才|那天|早上|晚上|[她他]|吃的|喝的|用的|点的|买的)*(?:[那这][一]?|一)"
    r"[杯碗个款盒瓶块支片份次管颗包袋条件](?:[^,。!? ]{0,4})?$"
)
_BOUGHT = Pattern(r"要求?退|退货|赔|投诉|客诉|差评|要说法|质量|过期|变质|不新鲜|我们货|货有问题|坏了|馊|臭")


@cache
def _reactions() -> Lexicon:
    return lexicon.sections("reactions")


def statements(sentence: Sentence, said: list[Statement]) -> list[Statement]:
    """Allergies that a reaction tells, beyond those that are said outright."""
    found: list[Statement] = []
    for index, clause in enumerate(sentence.clauses):
        if reaction := _reaction(clause.text):
            found += _told(sentence, index, reaction)
    return [one for one in found if not _known(one, said)]


def any_reaction(text: str) -> bool:
    """Whether the text tells a bodily reaction."""
    return _reaction(text) is not None


def _reaction(text: str) -> Hit | None:
    """The first reaction that is not denied."""
    if match := _BODY.search(text):
        return Hit(match.start(), match.end(), match.group(), match.group(), "确定")
    for hit in _reactions().find(text):
        if not _NOT.search(text[max(0, hit.start - 6) : hit.start]) and not _OVER.match(text[hit.end :]):
            return hit
    return None


def _told(sentence: Sentence, index: int, reaction: Hit) -> list[Statement]:
    clause = sentence.clauses[index]
    values, place = _here(sentence, clause, reaction), clause.start + reaction.start
    if not values:
        values, place = _before(sentence, index, reaction)
    if not values:
        values, place = _after(sentence, index)
    sure = reaction.group in ("确定", "急")
    touched = any(_CONTACT.search(c.text) for c in sentence.clauses[max(0, index - 1) : index + 1])
    if not sure and not touched:
        return []
    if not sure and _BOUGHT.search(sentence.masked):
        return []
    kind = "avoid" if reaction.group == "轻" else "allergy"
    of = sentence.owner(place)
    return [Statement(kind, value, of=of) for value in values]


def _here(sentence: Sentence, clause: Clause, reaction: Hit) -> list[str]:
    """Substance and reaction in one clause: 「一喝豆奶就起疙瘩」, 「美甲胶她上回手指肿了」."""
    hits = [hit for hit in sentence.substances(clause) if hit.end <= reaction.start]
    between = clause.text[hits[-1].end : reaction.start] if hits else ""
    touched = _CONTACT.search(clause.text[: reaction.start])
    if hits and (touched or _LINK.search(between) or len(between) <= 8):
        return _row(clause.text, hits)
    if carrier := _CARRIER.search(clause.text, 0, reaction.start):
        return [carrier[1]]
    cause = _CAUSE.search(clause.text, reaction.end)
    late = [hit for hit in sentence.substances(clause) if cause and cause.end() <= hit.start <= cause.end() + 3]
    if late:
        return [late[0].word]
    return _object(sentence, clause.text[: reaction.start]) if touched else []


def _row(text: str, hits: list[Hit]) -> list[str]:
    """The last substances that stand in one list."""
    while (
        len(hits) > 1
        and _MODIFIED.fullmatch(text, hits[-2].end, hits[-1].start)
        and hits[-1].group in ("护理", "菜品", "谷物调味")
    ):
        hits = hits[:-1]
    kept = [hits[-1]]
    for hit in reversed(hits[:-1]):
        if not re.fullmatch(r"[、和跟与,及 ]|还有|或者?|", text[hit.end : kept[0].start]):
            break
        kept.insert(0, hit)
    return [hit.word for hit in kept]


def _object(sentence: Sentence, text: str) -> list[str]:
    """What was eaten, worn or put on, where the list does not know it."""
    if _BOUGHT.search(sentence.masked):
        return []
    found = [match[1].strip("的了个点") for match in _OBJECT.finditer(text)]
    found = [inner[-1].word if (inner := _inside(word)) else word for word in found if not _PART.match(word)]
    return [
        word
        for word in found[-1:]
        if (len(word) > 1 or lexicon.allergens().plain(word))
        and word not in lexicon.words("vague")
        and not re.search(r"那|这|地方|什么", word)
        and not _reactions().any(word)
    ]


def _inside(word: str) -> list[Hit]:
    """Known substances in an object; one of a single character only at its head."""
    return [hit for hit in lexicon.allergens().find(word) if hit.end - hit.start > 1 or not hit.start]


def _before(sentence: Sentence, index: int, reaction: Hit) -> tuple[list[str], int]:
    """The contact in one of the two clauses before."""
    for back in (index - 1, index - 2):
        if back < 0:
            break
        clause = sentence.clauses[back]
        hits = sentence.substances(clause)
        place = sentence.clauses[index].start + reaction.start
        named = _CONTACT.search(clause.text) or _BANNED.search(clause.text) or only_substances(clause.text, hits)
        if hits and named and not _denied(clause.text):
            return _row(clause.text, hits), place
        near = back == index - 1 and _CONTACT.search(clause.text) and reaction.group in ("确定", "急")
        if near and (found := _object(sentence, clause.text)):
            return found, place
    return [], 0


def _denied(text: str) -> bool:
    return re.search(r"没吃|没喝|没事|爱吃|爱喝|喜欢|(?<!不)可以|(?<!不)能吃|想|只能|换|改用|推荐", text) is not None


def _after(sentence: Sentence, index: int) -> tuple[list[str], int]:
    """The cause told after the reaction: 「嘴肿成香肠 是吃了虾」, 「喝完嘴肿了 那杯芒果的」."""
    touched = _CONTACT.search(sentence.clauses[index].text)
    for clause in sentence.clauses[index + 1 : index + 4]:
        match = _CAUSE.search(clause.text)
        hits = sentence.substances(clause)
        late = [hit for hit in hits if match and match.end() <= hit.start <= match.end() + 3]
        if late:
            return _row(clause.text, late), clause.start
        if hits and touched and _THAT_ONE.match(clause.text[: hits[0].start]) and len(clause.text) - hits[-1].end < 4:
            return _row(clause.text, hits), clause.start
        doctor = re.search(r"(?:医生|大夫|医院|急诊)", clause.text)
        if doctor and hits and not re.search(r"不是|排除|可以吃", clause.text):
            return _row(clause.text, hits), clause.start
    return [], 0


def _known(one: Statement, said: list[Statement]) -> bool:
    """Whether an outright allergy of the same person already covers it; goods never add to one."""
    for other in said:
        if other.of == one.of and (one.value in other.value or other.value in one.value):
            return True
        if families.conflicts(other.value, [one.value]) or families.conflicts(one.value, [other.value]):
            return True
    edible = {"水果", "蔬菜菌豆", "坚果种子", "奶蛋", "水产", "肉", "谷物调味", "药", "product"}
    hit = lexicon.allergens().at(one.value, 0) if one.value else None
    return bool(said) and (hit is None or hit.group not in edible)
