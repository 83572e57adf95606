"""Complaints by facet, and praise. A cue that is denied or asked about is none."""

import re
from dataclasses import dataclass
from functools import cache

from bot.domain.language import lexicon
from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import Clause, Sentence
from bot.domain.language.values import Statement

_FACETS = ("做错", "物流", "等待", "服务态度", "环境", "价格", "售后", "商品质量", "其他")
_NOT = Pattern(r"(?:没有?|不|不会|不是|别|从不|从没|未|无|不怎么|没啥|免得|省得|防止|怕|避免|不用|不会再)$")
_BODILY = Pattern(r"过敏|不耐受|不耐|喉咙|嗓子|起疹|红疹|疙瘩|荨麻疹|发痒|刺挠|肿[了成]|喘不|水泡|流脓|烂脸")
_LIKELY = (
    (Pattern(r"短信|隐私|信息|活动|规则|会员|公众号|抽奖"), "其他"),
    (Pattern(r"店员|导购|收银|师傅|技师|药师|营业员|服务|店长|小姑娘|保安|客服|老师"), "服务态度"),
    (Pattern(r"快递|配送|送货|骑手|物流"), "物流"),
    (Pattern(r"退|换|修|赔|保"), "售后"),
    (Pattern(r"等|排|久|慢"), "等待"),
    (Pattern(r"寄养|洗澡|剪|做|改|量|配|染|烫|修剪"), "做错"),
)
_FOREIGN = Pattern(
    r"(?:(?:喝|吃|咬|嚼|挑|翻)(?:到|出|着)了?|里头?(?:面)?有(?!货|点|人|活动))一?(?:根|只|个|块|条|片|颗|把|坨|头发|虫|沙|毛|铁|玻璃)"
)
_SHAPES = (
    (
        Pattern(
            r"(?:是|都|全|有|又)(?:坏|臭|烂|馊|死|破|假|旧|湿|碎|霉|扁|瘪|裂|歪|空|冷|生|焦|糊)的"
            r"|干巴|发硬|发苦|冒烟|起火|短路|炸了|缩成|洗成"
            r"|(?:洗|穿|用|戴|坐|睡|开|喝|骑|装|买)[^,。]{0,5}就[^,。]{0,4}(?:缩|褪|塌|散|断|裂|坏|破|掉|歪|卡|黑|黄|锈|冒|爆|停|死|漏|花|起)"
        ),
        "商品质量",
    ),
    (
        Pattern(
            r"(?:剪|剃|修|烫|洗|染|掏|刮|扎|做)[^,。]{0,4}(?:出血|发炎|感染|秃|破|伤|焦|坏|毁|花了)|多(?:扫|刷|算|收)了"
        ),
        "做错",
    ),
    (
        Pattern(
            r"(?:夹|硌|磨|勒|压|顶|卡|挤)(?:得)?(?:太阳穴|鼻梁|鼻子|耳朵|脚|脚跟|脖子|头皮|肩膀?|腰|肉|手|腿|胸|后跟)"
        ),
        "商品质量",
    ),
    (Pattern(r"等到(?:[\d一二两三四五六七八九十]{1,3}点|天黑|关门|打烊)"), "等待"),
    (Pattern(r"排队排|没轮[上到]|还没轮|[点钟]都没|等[^,。]{0,4}(?:怀疑人生|崩溃|不耐烦|火大)"), "等待"),
    (
        Pattern(
            r"(?:左右|颜色|尺寸|正反|前后|上下|款式|名字|度数|字)[^,。]{0,3}(?:弄|做|装|配|搞|印|绣|刻|贴|拿)(?:错|反)"
        ),
        "做错",
    ),
    (Pattern(r"(?:话|说话)(?:太|很|真)?(?:难听|冲|伤人)|不当回事|当空气|爱买不买"), "服务态度"),
    (Pattern(r"(?:积分|余额|储值|卡里|次数)[^,。]{0,8}(?:少了|对不上|不对|没了|不见)"), "售后"),
    (Pattern(r"对着(?:[她他◇]|人|头|客人)吹"), "环境"),
    (
        Pattern(
            r"(?:才|没)[^,。]{1,8}就[^,。]{0,6}(?:掉|断|裂|坏|破|开|脱|瘪|歪|黄|黑|锈|散|松|碎|爆|塌|变|卡|漏|翘|褪"
            r"|缩|不亮|不转|不走|花|糊|臭)"
        ),
        "商品质量",
    ),
    (
        Pattern(
            r"(?:[半一二两三四五六七八九十\d]{1,3})(?:个)?(?:多)?(?:分钟|小时|钟头|钟)(?:了)?(?:还|都|才|也)(?:没|不)?"
        ),
        "等待",
    ),
    (
        Pattern(
            r"(?:店员|导购|收银员?|师傅|技师|药师|营业员|小姑娘|小伙子|保安|服务员|阿姨)[^,。]{0,6}(?:说她|笑她|不理"
            r"|不管|走开|走了不|玩|吼|凶|翻|甩|嫌|骂|赶|催|推(?!荐)|拉着脸|冷|态度|黑脸)"
        ),
        "服务态度",
    ),
)
_ALSO = Pattern(r"(?<=.{2})(?:还|又|也|最后|居然)(?=.{2})")
_WELL_DONE = Pattern(
    r"(?<!没)(?<!不)(?:讲|做|弄|剪|服务|介绍|修|洗|化|包装?|教|说|搭|配|照顾|处理)得(?:特别|很|真|超级?|非常|挺|蛮|太)"
    r"(?:细|好|仔细|耐心|周到|认真|专业|漂亮|满意|舒服|到位|干净|清楚)"
)
_MY_SLIP = Pattern(r"(?:不对|哦|噢|啊|我|是我|刚才?)*(?:写|记|说|打|听|看|输|口误|手误)错?(?:了|啦)?")
_WISH = Pattern(r"(?:能不能|可不可以|要是|如果|怕|担心|想问|问能|问可以)")
_EDGE = Pattern(
    r"^(?:[◇她他说 :的]|客诉|投诉|诉|差评|吐槽|反映|反馈|抱怨|客人|顾客|这位|刚才|记一下|上次|嫌弃?(?=.{4})"
    r"|,)+|[ !。,~]+$"
)
_BAD = Pattern(
    r"不|没|太|差|坏|慢|错|晚|丢|少|贵|脏|臭|难|破|死|乱|烂|冷得|热得|吵|挤|滑|久|长|闹|气|骗|催|赔|拖|又"
    r"|居然|竟然|怎么|才|嫌|还|漏|滴|硬|狠|味|糊|半|一堆|一股|扎|掉|松垮|晃荡|慌|凶|差劲|拉"
)


@dataclass(frozen=True, slots=True)
class _Cue:
    start: int
    end: int
    facet: str
    word: str


@cache
def _plain() -> lexicon.Lexicon:
    """Cues without a gap, those of the more telling facets first."""
    found: dict[str, tuple[str, str]] = {}
    for line in lexicon.lines("complaints"):
        facet, _, members = line.partition(":")
        for word in members.split():
            if "…" not in word:
                found.setdefault(word, (word, facet.strip()))
    return lexicon.Lexicon(found)


@cache
def _gapped() -> tuple[tuple[Pattern, str], ...]:
    found = []
    for line in lexicon.lines("complaints"):
        facet, _, members = line.partition(":")
        for word in members.split():
            if "…" in word:
                head, _, tail = word.partition("…")
                found.append((Pattern(f"{re.escape(head)}.{{0,12}}?{re.escape(tail)}"), facet.strip()))
    return tuple(found)


@cache
def _marks(group: str) -> lexicon.Lexicon:
    every = {
        line.partition(":")[0].strip(): line.partition(":")[2].split() for line in lexicon.lines("complaint_marks")
    }
    return lexicon.Lexicon({word: (word, group) for word in every[group]})


def strong(text: str) -> bool:
    """Whether anger or a demand makes the complaint the point of the message."""
    return (_marks("strong").any(text) or _marks("leave").any(text)) and not denied(text)


def denied(text: str) -> bool:
    """Whether the guide says that it is no complaint."""
    return _marks("none").any(text)


def statements(sentence: Sentence) -> list[Statement]:
    """At most one complaint a facet, each with the words of its clause."""
    if denied(sentence.text):
        return []
    found: dict[str, Statement] = {}
    angry = strong(sentence.masked)
    for whole in sentence.clauses:
        parts = _parts(whole)
        for clause in parts:
            sure = angry or len(parts) > 1
            for cue in [] if _BODILY.search(clause.text) and not angry else _cues(clause, angry=sure):
                found.setdefault(cue.facet, Statement("complaint", _span(sentence, clause, cue), cue.facet))
    return _without_shadows(list(found.values()))


def _parts(clause: Clause) -> list[Clause]:
    """「排队20分钟还做错了」: two clauses in one, where each side of 「还」 complains of something else."""
    for match in _ALSO.finditer(clause.text):
        left = Clause(clause.text[: match.start()], clause.start, clause.closing)
        right = Clause(clause.text[match.start() :], clause.start + match.start(), clause.closing)
        facets = [{cue.facet for cue in _cues(one, angry=True)} for one in (left, right)]
        if all(facets) and not facets[0] & facets[1]:
            return [left, right]
    return [clause]


def _without_shadows(found: list[Statement]) -> list[Statement]:
    """A clause counts once: of two facets in the same words the more telling one stays."""
    ordered = sorted(found, key=lambda one: _FACETS.index(one.facet or "其他"))
    kept: list[Statement] = []
    for one in ordered:
        if not any(one.value in other.value or other.value in one.value for other in kept):
            kept.append(one)
    return [one for one in found if one in kept]


def _dishes() -> lexicon.Lexicon:
    """Things to eat or wear whose names hold a cue: 内脏."""
    return lexicon.words("avoidables")


def _cues(clause: Clause, *, angry: bool) -> list[_Cue]:
    text = clause.text
    if (_WISH.search(text) and not angry) or _MY_SLIP.fullmatch(text):
        return []
    if foreign := _FOREIGN.search(text):
        return [_Cue(foreign.start(), foreign.end(), "商品质量", foreign.group())]
    cues = [_Cue(m.start(), m.end(), facet, m.group()) for pattern, facet in _gapped() if (m := pattern.search(text))]
    cues += [_Cue(m.start(), m.end(), facet, m.group()) for pattern, facet in _SHAPES if (m := pattern.search(text))]
    cues += [_Cue(h.start, h.end, h.group, h.word) for h in _plain().find(text)]
    return [cue for cue in cues if _holds(text, cue, angry=angry)]


def _holds(text: str, cue: _Cue, *, angry: bool) -> bool:
    if _NOT.search(text[max(0, cue.start - 4) : cue.start]):
        return False
    if any(h.start <= cue.start and cue.end <= h.end and h.word != cue.word for h in _dishes().find(text)):
        return False
    if cue.word not in lexicon.words("soft_cues") or cue.word == text.strip("◇ "):
        return True
    rest = text[: cue.start] + text[cue.end :]
    return _BAD.search(rest) is not None or (angry and len(rest) > 1 and cue.facet != "售后")


def _span(sentence: Sentence, clause: Clause, cue: _Cue) -> str:
    """The words of the clause without who said it."""
    words = _EDGE.sub("", sentence.text[clause.start : clause.end])
    return words if len(words) >= len(cue.word) else sentence.text[clause.start : clause.end]


def general(sentence: Sentence) -> Statement | None:
    """An angry message without a known cue: the first clause that tells something."""
    if not _marks("strong").any(sentence.masked) or denied(sentence.text):
        return None
    for clause in sentence.clauses:
        words = _EDGE.sub("", sentence.text[clause.start : clause.end])
        rest = words
        for hit in _marks("strong").find(words):
            rest = rest.replace(hit.word, "")
        if len(rest) >= 4:
            return Statement("complaint", words, _likely(words))
    return None


def _likely(words: str) -> str:
    """The facet of an angry clause without a known cue: by whom or what it speaks of."""
    for pattern, facet in _LIKELY:
        if pattern.search(words):
            return facet
    return "商品质量"


def praise(sentence: Sentence) -> list[Statement]:
    """The clause that praises, if the message does not complain in it."""
    for clause in sentence.clauses:
        done = _WELL_DONE.search(clause.text)
        if done and not _plain().any(clause.text):
            return [Statement("praise", _EDGE.sub("", sentence.text[clause.start : clause.end]))]
        for hit in lexicon.words("joys").find(clause.text):
            negated = re.search(
                r"(?:不|没|不太|不够|别|没有|不是|要|算|想|给)(?:个|点|份)?(?<!特别)(?<!格外别)$",
                clause.text[: hit.start],
            )
            if not negated and not re.search(r"谢谢|感谢", hit.word) and not _plain().any(clause.text):
                words = sentence.text[clause.start : clause.end].strip("◇ ")
                return [Statement("praise", _EDGE.sub("", words) or words)]
    return []
