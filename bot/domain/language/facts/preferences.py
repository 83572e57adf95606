"""What a person likes, each with its facet; words of taste count alone, others only behind a verb of liking."""

import re

from bot.domain.language import lexicon
from bot.domain.language.facts import reactions
from bot.domain.language.lexicon import Hit
from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import MASK, Clause, Sentence
from bot.domain.language.values import Statement

_STRONG = Pattern(
    r"(?:最|就|特别|很|超|比较|更|一直|偏|还是|老|总|专门|专|净|光|从来){0,3}(?:只(?:认准?|要|吃|喝|穿|戴|用"
    r"|买|选|看|点|接受|收|坐|找|信|爱|做|能(?:穿|戴|吃|喝|用|买|要|做|是|选)?|肯|考虑|睡)"
    r"|喜欢(?:吃|喝|穿|用|戴|买|看|点|坐)?|喜好|爱(?:吃|喝|穿|用|戴|买|看|点|坐|闻)|偏好|偏爱|钟爱|钟情"
    r"|习惯(?:用|喝|吃|坐|穿|了)?|常(?:吃|喝|点|买|穿|用|戴)|必点|必买|固定|默认|老样子|老规矩|指定要?"
    r"|指名要?|首选|认准?(?!识|为|错|定是|出|得)|每[次回](?:来)?都?(?:是|点|要|买|喝|吃|拿|坐|用|让|自己)"
    r"|回回都?(?:是|点|要)?|迷(?:上)?|离不开|偏向|追求|看重|非(?=.{1,8}不)|独爱|最爱|就好|就爱|死忠|吃得?惯"
    r"|穿得?惯|用得?惯|雷打不动|老是(?:点|买|要)|向来(?:点|买|要|穿|喝|吃))"
)
_WEAK = Pattern(
    r"换(?!季|号|了|个|一|货|洗)成?|改成|改(?:喝|用|穿|吃|做|推)|都(?:是|要|点|买|喝|穿|用)|想要?(?!试|看看)|要(?!求|是"
    r"|不|么|紧|退|赔|说法|投诉|找|去|来|走|回|生|等|她|他|了|死|发|打|给|过|结)|多?推荐?|让[她他]看"
    r"|给[她他](?:拿|看|上|做|配|介绍|备|准备|放|选)|走(?=[一-龥]{2,4}风)|适合|偏|(?<![想要来去能一])(?:用|穿|喝"
    r"|吃|戴|选|买|睡|剪|做|留)(?!了|过|完|着|起来|上|到|的是)|要求"
)
_OPEN = Pattern(
    r"(?:换成|换|改成|改用|只能(?:用|穿|戴|吃|喝|做)?|就要|都要|只要|都是)(?:个|成)?([一-龥A-Za-z0-9]{1,6})的$"
)
_SOLO = Pattern(r"(?:那种|这种|的|款|系|和|、|跟|都行|也行|[◇她他]|就好|就行|就可以|偏|大杯|中杯|小杯)*")
_NO = Pattern(r"不|没|别|无|甭|莫|少")
_HEAD = Pattern(
    r"^(?:[◇她他说 ]*)(?:口味|颜色|面料|材质|款式|风格|品牌|牌子|色系|甜度|冰量|温度|座位|味道|偏好|喜好|版型"
    r"|发型|镜框|镜片)(?:上|方面|要|只要|喜欢|是|:|偏|走|就要|得|选|都要|都是)*"
)
_HEAD_FACET = {
    "颜色": "颜色",
    "色系": "颜色",
    "面料": "材质",
    "材质": "材质",
    "款式": "款式",
    "风格": "款式",
    "品牌": "品牌",
    "牌子": "品牌",
    "版型": "款式",
    "发型": "款式",
    "镜框": "款式",
    "镜片": "品类",
    "座位": "场景",
}
_VERB_FACET = (
    ("坐", "场景"),
    ("喝", "口味"),
    ("吃", "口味"),
    ("穿", "款式"),
    ("戴", "款式"),
    ("用", "品类"),
    ("买", "品类"),
    ("点", "品类"),
    ("找", "服务"),
    ("认", "品牌"),
    ("做", "服务"),
    ("睡", "款式"),
)
_SERVICE = Pattern(
    r"老[王李张周陈刘赵孙吴]|技师|老师|师傅|店员|导购|理发师|设计师|总监|号|阿[A-Z一-龥]|小[王李张周陈刘赵孙吴]|她剪|给她做|自己"
    r"|包装|袋|送|力道|手法|水温|别跟|不打扰"
)
_CUT = Pattern(
    r"的话|因为|嫌|所以|都行|也行|就行|谢谢|哈$|哦$|啊$|呀$|啦$|哒$|嘛$|吧$|了$|别的不|其他不|不要|不吃|不喝"
    r"|不穿|不戴|不用|别|每次|懂的"
)
_EDGE = Pattern(
    r"^(?:[的那这种些个款是了她他给要点一: ◇]|我们家?|咱家|有点|比较|特别|店里|用|穿|喝|吃|戴"
    r"|买)+|(?:[的那种款类了 ]|这种|一类|系列|什么的|之类)+$"
)
_LONGEST = 8
_SINGLE = Pattern(r"(?:的|色|系|款|、)")
_UNITS = Pattern(r"^(?:单|次|元|块|号|件|个|双(?!份|倍)|条|天|年|月|折|分|家)")


def always(text: str) -> list[Hit]:
    """Words of taste that need no verb: 少冰, 半糖."""
    return lexicon.tastes()[1].find(text)


def facet_of(value: str) -> str | None:
    """The facet of a known word of taste."""
    hits = lexicon.tastes()[0].find(value)
    return hits[-1].group if hits and sum(h.end - h.start for h in hits) * 2 >= len(value) else None


def statements(sentence: Sentence, refused: dict[int, list[tuple[int, int]]], *, loose: bool) -> list[Statement]:
    """All likings. `refused` holds the stretches of each clause that say no; `loose` takes weak verbs too."""
    found: list[Statement] = []
    for index, clause in enumerate(sentence.clauses):
        found += _of_clause(sentence, clause, refused.get(index, []), loose=loose)
    return found


def _of_clause(sentence: Sentence, clause: Clause, refused: list[tuple[int, int]], *, loose: bool) -> list[Statement]:
    of = _owner(sentence, clause)
    found = [
        Statement("preference", hit.word, hit.group, of) for hit in always(clause.text) if _plainly(clause.text, hit)
    ]
    head = _HEAD.match(clause.text)
    if head:
        return found + _tail(clause.text, head.end(), head.group(), of, found)
    strong = next(
        (m for m in _STRONG.finditer(clause.text) if not _within(m, refused) and not _negated(clause.text, m)), None
    )
    if strong:
        return found + _tail(clause.text, strong.end(), strong.group(), of, found)
    if _solo(clause.text):
        return found + _words(clause.text, 0, len(clause.text), of, found)
    if loose and not reactions.any_reaction(clause.text):
        if match := _OPEN.search(clause.text):
            return found + (_words(clause.text, match.start(1), match.end(), of, found) or _opened(match, of))
        for weak in _WEAK.finditer(clause.text):
            if not _within(weak, refused) and not _negated(clause.text, weak):
                return found + _listed(clause.text, weak.end(), of, found)
    return found


def _opened(match: re.Match[str], of: str | None) -> list[Statement]:
    """「换荞麦的」: an unknown word between a verb of change and 的."""
    value = _trim(match[1])
    if not value or MASK in value or re.search(r"[她他我你大小新旧好]|什么|别|其", value):
        return []
    return [Statement("preference", value, _guess(match.group(), value), of)]


def _solo(text: str) -> bool:
    """Whether a clause is nothing but words of taste."""
    hits = lexicon.tastes()[0].find(text)
    if not hits or all(hit.end - hit.start < 2 for hit in hits):
        return False
    rest = "".join(
        text[a:b] for a, b in zip([0, *(h.end for h in hits)], [*(h.start for h in hits), len(text)], strict=True)
    )
    return _SOLO.fullmatch(rest) is not None


def _owner(sentence: Sentence, clause: Clause) -> str | None:
    first = next((p for p in sentence.people if clause.start <= p.start < clause.end and p.of), None)
    return (
        sentence.owner(max(clause.end, first.end if first else 0))
        if first
        else sentence.owner(clause.start + 1, near=True)
    )


def _plainly(text: str, hit: Hit) -> bool:
    """「少放糖」 yes, 「没少糖」 no."""
    return not re.search(
        r"(?:不是|没|忘了?|忘记|说好|明明|没做|没给|说了|漏了?|应该)$", text[: hit.start]
    ) and not re.match(r"做成|没|变|给成", text[hit.end :])


def _within(match: re.Match[str], spans: list[tuple[int, int]]) -> bool:
    return any(a < match.end() and match.start() < b for a, b in spans)


def _negated(text: str, match: re.Match[str]) -> bool:
    return _NO.search(text[max(0, match.start() - 2) : match.start()]) is not None and not text[
        : match.start()
    ].endswith(("不错", "别的"))


def _tail(text: str, start: int, verb: str, of: str | None, had: list[Statement]) -> list[Statement]:
    """The words of taste behind a verb of liking, else the short span itself."""
    cut = _CUT.search(text, start)
    end = cut.start() if cut and cut.start() > start else len(text)
    found = _words(text, start, end, of, had)
    if found or (had and any(s.value in text[start:end] for s in had)):
        return found
    value = _trim(text[start:end])
    if not 1 < len(value) <= _LONGEST or MASK in value or re.search(r"[她他我你]|怎么|什么|说|\d{3}", value):
        return []
    return [Statement("preference", value, _guess(verb, value), of)]


def _listed(text: str, start: int, of: str | None, had: list[Statement]) -> list[Statement]:
    cut = _CUT.search(text, start)
    return _words(text, start, cut.start() if cut and cut.start() > start else len(text), of, had)


def _words(text: str, start: int, end: int, of: str | None, had: list[Statement]) -> list[Statement]:
    taken = {s.value for s in had}
    every = lexicon.tastes()[0]
    hits = [h for h in every.find(text, start, end) if h.word not in taken]
    whole = _trim(text[start:end])
    hits = [
        h
        for h in hits
        if (len(h.word) > 1 or h.word == whole or _SINGLE.match(text, h.end)) and not _UNITS.match(text[h.end : end])
    ]
    return [Statement("preference", _value(h.word), h.group, of) for h in hits]


def _value(word: str) -> str:
    return word[:-1] if len(word) > 1 and word.endswith("的") else word


def _trim(words: str) -> str:
    before = ""
    while before != words:
        before, words = words, _EDGE.sub("", words)
    return words


def _guess(verb: str, value: str) -> str:
    """The facet of an unknown value, by its own look, then by the verb."""
    head = next((facet for word, facet in _HEAD_FACET.items() if word in verb), None)
    if head:
        return head
    if _SERVICE.search(value):
        return "服务"
    for ending, facet in (
        ("色", "颜色"),
        ("味", "口味"),
        ("风", "款式"),
        ("领", "款式"),
        ("棉", "材质"),
        ("牌", "品牌"),
        ("座", "场景"),
        ("位", "场景"),
        ("位置", "场景"),
        ("置", "场景"),
        ("粮", "品类"),
        ("糖", "口味"),
        ("冰", "口味"),
        ("款", "款式"),
        ("码", "款式"),
        ("框", "款式"),
        ("底", "款式"),
    ):
        if value.endswith(ending):
            return facet
    return next((facet for word, facet in _VERB_FACET if word in verb), "品类")
