"""Allergies found by a test or a doctor, and what a correction puts in place of another."""

import re
from itertools import pairwise

from bot.domain.language.lexicon import Hit
from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import Clause, Sentence, group_at_start
from bot.domain.language.values import Statement

CORRECT = Pattern(
    r"(?:^|[◇她他])(?:哦|噢|啊|嗯|不对|应该|其实|原来|而|更正|改成|改为|说错了|实际|真正|准确说|准确地说"
    r"|搞清楚了?|确认了?|后来)*(?:才)?是(?:对)?"
)
TRIGGER = Pattern(
    r"(?<![抗防脱低致易])过敏(?!药|膏|科|季|性|宁|煎|针|糖浆|测试|专用|体质|鼻炎|反应没)|(?:起|有|产生"
    r"|出现)(?:严重|强烈|很大|不良)?反应(?!慢|过来|快|给|在|到)|不耐受|不耐(?=$|[ ,])|免疫不了"
)
_NOTHING = Pattern("")
_TOWARDS = Pattern(r"不是对[^,。]{1,8}[ ,]*而?是对")
_SKIN_TEST = Pattern(r"皮试(?:[^,。]{0,4})(?:阳|过不了|没过|不过|不通过|不行|起|红|有反应|肿)")
_DENIED = Pattern(r"(?:不是|并非|不是对|才不是|哪是|跟|和|与)$")
_OUTGROWN = Pattern(
    r"(?:小时候|以前|从前|之前|早年|年轻时候?|前几年)[^。;!?]{0,14}过敏[^。;!?]{0,4}(?:现在|如今|后来|长大了?|今年)"
    r"[^。;!?]{0,6}(?:好了|没事了?|没了|不过敏|能吃|能喝|可以吃|可以喝|脱敏了)"
)
_LAB = Pattern(
    r"(?:是|为|到|查出|测出|:|显示|结果|报告|皮试|试验|检测|检查|点刺|血检|igE|IgE|ige|的|呈|反应|也|都|有"
    r"|[ ])*(?:(?:[1-6一二三四五六]|高)级|(?:强|弱|超强|中)?阳性?|\+{1,4})"
)
_LAB_NAME = Pattern(
    r"过敏原|过敏源|皮试|阳性|化验|检测|检查单|报告|点刺|斑贴|血检|ige|IgE|IGE|医院|体检|单子|查了|测了|检查"
)
_CAUSE = Pattern(
    r"引起的?|闹的|惹的|害的|导致的?|引发的?|元凶|罪魁祸首|祸首|致敏|是凶手|作怪|的锅|触发|[弄搞]的(?=$|[,。 ])"
)


def hinted(text: str) -> bool:
    """Whether the text speaks of a test, a cause or 「不是对…是对…」."""
    return any(p.search(text) for p in (_LAB_NAME, _CAUSE, _TOWARDS))


def of_clause(sentence: Sentence, index: int) -> list[Statement]:
    """Findings and corrections that one clause tells."""
    return _tested(sentence, sentence.clauses[index]) + _corrected(sentence, index)


def _tested(sentence: Sentence, clause: Clause) -> list[Statement]:
    """Findings of a laboratory or a doctor: a level above nought, a positive test, a cause."""
    hits = sentence.substances(clause)
    blamed = hits and _CAUSE.search(clause.text, hits[-1].end) and not re.search(r"不是|没", clause.text)
    if blamed:
        hits = [one for one, after in pairwise(hits) if not _part_of(clause.text, one, after)] + hits[-1:]
    else:
        hits = [hit for hit in hits if _LAB.match(clause.text, hit.end) and _LAB_NAME.search(sentence.masked)]
    return [Statement("allergy", hit.word, of=sentence.owner(clause.start + hit.start)) for hit in hits]


def _part_of(text: str, hit: Hit, after: Hit) -> bool:
    """「染发剂里的对苯二胺」: the later substance is in the former."""
    return re.fullmatch(r"(?:里面?|中|里头)?的", text[hit.end : after.start]) is not None


def skin_test(sentence: Sentence) -> list[Statement]:
    """A drug named beside a skin test that failed."""
    match = _SKIN_TEST.search(sentence.masked)
    if not match:
        return []
    drugs = [
        (c, h)
        for c in sentence.clauses
        for h in sentence.substances(c)
        if h.group == "药" and abs(c.start + h.start - match.start()) <= 12
    ]
    return [Statement("allergy", h.word, of=sentence.owner(c.start + h.start)) for c, h in drugs[:1]]


def _corrected(sentence: Sentence, index: int) -> list[Statement]:
    """「不是芒果 是桃子」: what stands behind the second 是."""
    clause = sentence.clauses[index]
    around = " ".join(c.text for c in sentence.clauses[max(0, index - 2) : index + 2])
    match = CORRECT.match(clause.text)
    inner = re.search(r"不是[^是]{1,8}(?:而)?是", clause.text)
    start = match.end() if match else inner.end() if inner else 0
    if not start or TRIGGER.search(clause.text, start) or not (TRIGGER.search(around) or _TOWARDS.search(around)):
        return []
    if match and not re.search(r"不是|不对|错|并非|应该是|其实是|原来是|过敏原|过敏源", around):
        return []
    group = group_at_start(clause.text, sentence.substances(clause), _NOTHING, start)
    return [Statement("allergy", hit.word, of=sentence.owner(clause.start + hit.start)) for hit in group]


def outgrown(text: str) -> bool:
    """「小时候对花粉过敏 现在早好了」: an allergy of the past."""
    return _OUTGROWN.search(text) is not None


def denied(sentence: Sentence) -> set[str]:
    """Substances that the words take back: 「芒果过敏 哦不是芒果」."""
    found = set()
    for clause in sentence.clauses:
        hits = sentence.substances(clause)
        for index, hit in enumerate(hits):
            after = re.match(r"没事|不过敏|没问题|可以|能吃|阴性|0级|零级|正常|不算|都行", clause.text[hit.end :])
            chained = index and hits[index - 1].word in found and hit.start - hits[index - 1].end <= 1
            before = clause.text[: hit.start]
            if after or chained or (_DENIED.search(before) and "不是" in before):
                found.add(hit.word)
    return found
