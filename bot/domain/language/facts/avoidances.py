"""What a person does not eat, drink, wear or want, before or behind the word that says so."""

import re
from itertools import pairwise

from bot.domain.language import lexicon, repair
from bot.domain.language.facts.preferences import always
from bot.domain.language.lexicon import Hit
from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import MASK, Clause, Sentence, group_at_end, group_at_start
from bot.domain.language.values import Statement

_VERB = r"吃|喝|穿|戴|碰|沾|放|加|闻|抹|擦|坐|搁|涂|买|选|用|搭|推荐|推|做|染|配|铺|盖|睡|吹|剃|剪|点|接受|考虑|撒|蘸"
CUE = Pattern(
    rf"(?:(?<!受)不(?:太|怎么|大|会|再|想|肯|敢|准|让|愿意|可以?|能再?|许|爱|喜欢|得|宜|怎么爱|怎么喜欢|太能"
    rf"|太爱|太喜欢|是很喜欢|适合)?(?:给(?:[她他]|孩子|娃)?)?(?:{_VERB})(?!得|了就|惯|好|起来?|出)"
    rf"|不(?:能|可以|得|准)(?:打|注射|输|服)(?![折电开扰包印招烊语字])"
    rf"|(?:千万|绝对)?别(?:再|给(?:[她他]|孩子|娃)?|让(?:[她他]|孩子|娃)?)*(?:再|推|推荐|送|拿|放|加|用|碰|吃"
    rf"|喝|穿|搁|买|上|配|戴|落|撒|端|卖)+荐?"
    rf"|不要(?:再|给[她他]?|让[她他]?)*(?:推荐|推|放|加|送|拿|吃|用|上|落|搁|碰|穿)?|不喜欢?|不爱|不好(?=这口)"
    rf"|讨厌|最烦|(?<!麻)烦(?=[一-龥]{{2}})|受不了|接受不了|不接受|吃不(?:了|惯|来|得)|喝不(?:了|惯|来|得)|闻不(?:了"
    rf"|惯|得|来)|穿不(?:了|惯|来|得|住)|戴不(?:了|惯|得|住)|碰不得"
    rf"|用不(?:了|惯|得)|忌(?:口|吃|嘴)?|戒(?:了|掉)?(?!指|圈|尺|备|断|面|烟|托|臂)|怕(?!她|他|我|是|不|万"
    rf"|到时|忘|麻烦|太晚|来不及)|拒绝|看不上|不感冒|不沾|绝不|免(?=[葱姜蒜香辣糖])|去掉|走(?=[葱姜蒜青])"
    rf"|少(?:吃|碰|沾)|要?避开|避免|远离)"
)
_NOT_FOOD = Pattern(
    r"不(?:要|用)(?:了|紧|脸|钱|管|急|谢|找|等|来|再来|打(?!薄|蜡|底)|发|联系|催|推销|跟|短信|电话|群发|微信|说|告诉|问"
    r"|这么|太|那么|忘|错过|担心|客气|了吧|记|审批|赔|退|换)|不(?:买|看|做|上|打|拿|送|收|听|见|推|下)(?:了"
    r"|账|班|折|来|起|到|着|出|过|清|懂|上|心|完)?$"
    r"|不(?:用|想|能|会|得)(?:她|他|我|了|来|说|管|等|催|谢)|别(?:打|发|联系|群发|再打|再发|忘|急|记|问|说"
    r"|推销|跟)|不送货|不打折|不打电话|不看(?:手机|微信|消息)|不接受(?:道歉|解释|退)|不做会员"
)
_FRONT_GAP = Pattern(
    r"(?:[ ,、]|都|也|就|是|还|一?点儿?|一口|一概|从来|从|坚决|绝对|完全|根本|一律|全|通通|统统|味儿?|的"
    r"|类|什么的|这些|那种|这种|之类|以后|千万|现在|平时|[她他◇]|实在|真|真心|特别|最|很|可|基本|几乎|一直"
    r"|向来|碰都|吃都|沾都|闻都|更|更加|会|说)*"
)
_FRONT_END = Pattern(rf"{_FRONT_GAP.pattern}$")
_BACK_GAP = Pattern(
    r"(?:的|了|任何|那种|这种|那些|这些|什么|一点|太|过|有|带|含|里面|放|加|吃|喝|穿|用|推|荐|给|[她他]|再"
    r"|一切|所有|各种|跟|是|有点|里|搁|那个|这个|那)*"
)
_CUT = Pattern(
    r"(?<=.)不|的话|因为|嫌|只[要买吃喝穿]|换成?|改|所以|都行|也行|可以|没事|就行|谢谢|哈$|哦$|啊$|呀$|啦$"
    r"|哒$|嘛$|吧$|的那个事|那个事|，|了解"
)
_TRIM = Pattern(
    r"^(?:[ 的了那这些种个什么一点任何再给她他太过里◇、]|推荐|有点)+|(?:[ 的了啊哈哦呢吧呀啦味儿类]|什么的"
    r"|之类|这些|这种|款|一类|等|东西|衣服|的鞋)+$"
)
_OTHER_TALK = Pattern(
    r"联系|广告|群发|电话|短信|消息|微信|打扰|^家|推销|[她他]家|[她他]们|拉群|^一|送过|便宜|商量|[她他]说"
    r"|什么|怎么|我们|咱|店|钱|过敏|过来|不到|起来|^的"
)
_BOTHERS = Pattern(
    r"(?:太|有点|味儿?|的|穿着|戴着|闻着|就是|会)*(?:扎得慌|扎人|扎脖子|扎皮肤|扎(?=$|[ ,])|膻|腥|齁|腻|冲鼻"
    r"|刺鼻|闷得慌|勒得慌|压耳朵|坠耳朵|太重)"
)
_LONGEST = 8


def statements(sentence: Sentence) -> list[Statement]:
    """All avoidances of the message."""
    found: list[Statement] = []
    before: Clause | None = None
    for clause in sentence.clauses:
        stated = _of_clause(sentence, clause) or _all_before(sentence, clause)
        found += stated or _continued(sentence, clause, found, before)
        before = clause if stated or (before and found and found[-1].value in clause.text) else None
    return found


def _all_before(sentence: Sentence, clause: Clause) -> list[Statement]:
    """「芒果 虾 都不吃」: the refusal stands behind a list of clauses that only name things."""
    match = CUE.match(clause.text.lstrip("都全"))
    if not match or clause.text[0] not in "都全" or match.end() < len(clause.text.lstrip("都全")):
        return []
    found: list[Statement] = []
    for one in reversed(sentence.clauses[: sentence.clauses.index(clause)]):
        hits = _known(sentence, one)
        if len(hits) != 1 or hits[0].end - hits[0].start < len(one.text):
            break
        found.insert(0, Statement("avoid", hits[0].word, of=sentence.owner(clause.start, near=True)))
    return found


def _continued(sentence: Sentence, clause: Clause, found: list[Statement], before: Clause | None) -> list[Statement]:
    """「不要香菜 花生」: a clause that only names known things goes on with the list before it."""
    if not before or before.closing not in (" ", ",") or not before.text.endswith(found[-1].value):
        return []
    hits = _known(sentence, clause)
    if not hits or hits[0].start or hits[-1].end != len(clause.text) or always(clause.text):
        return []
    between = "".join(clause.text[one.end : after.start] for one, after in pairwise(hits))
    if between.strip("、和跟与,及 "):
        return []
    return [Statement("avoid", hit.word, of=found[-1].of) for hit in hits]


def regions(text: str) -> list[tuple[int, int]]:
    """Stretches of a clause that say no: a liking may not be read inside them."""
    return [match.span() for match in CUE.finditer(text)]


def _of_clause(sentence: Sentence, clause: Clause) -> list[Statement]:
    blocked = [(hit.start, hit.end) for hit in always(clause.text)]
    found = _scratchy(sentence, clause)
    for match in CUE.finditer(clause.text):
        if any(a < match.end() and match.start() < b for a, b in blocked) or _NOT_FOOD.match(
            clause.text, match.start()
        ):
            continue
        values, place = _objects(sentence, clause, match)
        of = sentence.owner(clause.start + place, near=True)
        found += [Statement("avoid", value, of=of) for value in values]
    return found


def _scratchy(sentence: Sentence, clause: Clause) -> list[Statement]:
    """「羊毛扎得慌」, 「嫌羊肉膻」: a known thing and why she will not have it."""
    for hit in _known(sentence, clause):
        blamed = clause.text[: hit.start].endswith(("嫌", "嫌弃", "觉得", "说"))
        if _BOTHERS.match(clause.text, hit.end) and (blamed or hit.group not in ("", "product")):
            return [Statement("avoid", hit.word, of=sentence.owner(clause.start + hit.start))]
    return []


def _objects(sentence: Sentence, clause: Clause, match: re.Match[str]) -> tuple[list[str], int]:
    """What is refused: known words behind or before the cue, else the short span behind it."""
    text = clause.text
    hits = _known(sentence, clause)
    group = group_at_start(text, hits, _BACK_GAP, match.end())
    behind = _span(text[match.end() :])
    if group and (group[0].start == match.end() or len(behind) <= group[-1].end - group[0].start + 4):
        return [hit.word for hit in group[:-1]] + [_whole(text, group[-1])], match.start()
    if behind and behind not in lexicon.words("not_refused") and len(behind) <= _LONGEST and MASK not in behind:
        values = [part for part in re.split(r"[、和跟与]|还有|也不[吃喝要]", behind) if _unknown(part)]
        return [repair.homophone(value) or value for value in values], match.start()
    if not behind or behind in lexicon.words("not_refused"):
        front = group_at_end(text, hits, _FRONT_GAP, match.start())
        if front:
            return [hit.word for hit in front], match.start()
        return _front(text[: match.start()]), match.start()
    return [], 0


def _known(sentence: Sentence, clause: Clause) -> list[Hit]:
    """Substances and things of taste in one row."""
    found = {hit.start: hit for hit in lexicon.words("avoidables").find(clause.text)}
    for hit in sentence.substances(clause):
        if hit.start not in found or found[hit.start].end <= hit.end:
            found[hit.start] = hit
    row: list[Hit] = []
    for start in sorted(found):
        if not row or start >= row[-1].end:
            row.append(found[start])
    return row


def _whole(text: str, hit: Hit) -> str:
    """The known word with the short tail that belongs to it (香精 + 味)."""
    tail = re.match(r"味|色|制品", text[hit.end :])
    return hit.word + (tail.group() if tail else "")


def _span(rest: str) -> str:
    cut = _CUT.search(rest)
    rest = rest[: cut.start()] if cut else rest
    before = ""
    while before != rest:
        before, rest = rest, _TRIM.sub("", rest)
    return rest


def _unknown(value: str) -> bool:
    return len(value) > 1 and value not in lexicon.words("not_refused") and not _OTHER_TALK.search(value)


def _front(left: str) -> list[str]:
    """「香菜不吃」: the thing stands before the verb."""
    left = left[-24:]
    gap = _FRONT_END.search(left)
    word = left[: gap.start()] if gap else left
    word = re.sub(r"^(?:[◇她他]|说|对|客人|顾客|这位|那位|还有|还|也|就|连|是|和|孩子|娃|记下?|备注)+", "", word)
    short = 1 < len(word) <= 5 and not re.search(r"[◇她他我你了过着在给]|\d", word)
    return (
        [word]
        if short
        and word not in lexicon.words("not_refused")
        and not re.search(
            r"电话|短信|微信|消息|时间|今天|明天|上次|下次|以前|以后|现在|平时|最近|一直|晚上|早上|中午|周末|老公"
            r"|老婆|孩子|真的|什么|自己|大人|家里|店里|会员|活动|宝宝",
            word,
        )
        else []
    )
