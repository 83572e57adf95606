"""Family and circumstances worth a word: children's ages, pregnancy, pets, milestones."""

import re

from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import Sentence
from bot.domain.language.values import Statement

_N = r"[\d一二三四五六七八九十两半]{1,3}"
_AGE = Pattern(
    rf"(?<![周期拜]){_N}(?:个(?:多)?月|岁(?:半|多)?|周岁)(?:大|了|多)?|(?:上|读|念|刚上)(?:小学|初中|高中|幼儿园|大学|大班"
    rf"|中班|小班|{_N}年级)|{_N}年级|刚满月|刚出生|高考|中考|(?:今年)?刚生"
)
_PREGNANT = Pattern(
    rf"怀孕(?:了)?(?:{_N}(?:个多?月|周))?|怀(?:着|上)?(?:了|二胎|三胎|双胞胎|宝宝|{_N}个月)+|孕(?:早|中|晚)期"
    rf"|孕{_N}周|备孕|{_N}个月身孕|有喜|刚生完?(?:孩子|宝宝|二胎|娃)?|坐月子|哺乳期|(?:在)?喂奶期"
)
_HAVE = Pattern(
    r"(?:家里|她家|他家|家|新)?(?:养了?|有|生了?|添了?|领养了?|买了)[一两二三俩仨\d只条个匹位双对了]*"
    r"(?:宝宝|孩子|娃|女儿|儿子|闺女|双胞胎|龙凤胎|猫|狗|布偶|金毛|柯基|泰迪|英短|柴犬|孙子|孙女|千金"
    r"|二宝|二胎|小孩)"
)
_EVENT = Pattern(
    r"(?:刚|要|快|准备|下个?月|明年|年底|国庆|五一|十一)(?:要)?(?:结婚|订婚|离婚|搬新家|退休|升学|入职"
    r"|毕业)(?:了)?|新婚|刚领证|离异|单身|独居|陪读|二胎(?:妈|了)?|双胞胎|龙凤胎|全职(?:妈妈|太太)"
)
_ILL = Pattern(
    r"(?:有)?(?:高血压|糖尿病|高血糖|血糖高|血压高|痛风|心脏病|冠心病|哮喘|鼻炎|胃病|甲亢|高血脂|癌|化疗|透析"
    r"|术后|骨折|类风湿|抑郁症)"
)

_CHILDREN = frozenset({"child", "grandchild"})


def statements(sentence: Sentence) -> list[Statement]:
    """Facts of family and life stage, one a clause."""
    found: list[Statement] = []
    for clause in sentence.clauses:
        relative = next((p for p in sentence.people if p.of and clause.start <= p.start < clause.end), None)
        place = relative.start - clause.start if relative else 0
        if match := _PREGNANT.search(clause.text):
            start = min(place, match.start()) if relative else match.start()
            found.append(_family(sentence, clause.start, start, match.end()))
        elif match := _HAVE.search(clause.text) or _EVENT.search(clause.text):
            found.append(Statement("family", match.group()))
        elif match := _ILL.search(clause.text):
            start = min(place, match.start()) if relative else match.start()
            found.append(_family(sentence, clause.start, start, match.end()))
        elif relative and (match := _AGE.search(clause.text, place)) and not _dated(clause.text[place : match.start()]):
            between = re.search(r"[周月号日天]", clause.text[place : match.start()])
            found.append(
                Statement("family", match.group(), of=relative.of)
                if between
                else _family(sentence, clause.start, place, match.end())
            )
        elif not relative and (match := _AGE.fullmatch(clause.text.removeprefix("今年").removesuffix("了"))):
            of = sentence.owner(clause.start + 1)
            found += [Statement("family", match.group(), of=of)] if of in _CHILDREN else []
    return found[:3]


def _dated(text: str) -> bool:
    return re.search(r"生日|过敏", text) is not None


def _family(sentence: Sentence, offset: int, start: int, end: int) -> Statement:
    return Statement("family", sentence.text[offset + start : offset + end].strip())
