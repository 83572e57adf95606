"""问: how many there are of a group, with what was noted of them; a number, never who."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.board import asking as cards
from bot.cards.crowds import FEWEST_CHAIN, FEWEST_HERE
from bot.chat import Reply
from bot.commands import LEADERS, Context, command
from bot.db import shop
from bot.db.board import asking
from bot.db.board.asking import Condition, Group
from bot.db.offers import goods
from bot.db.segments import rules, standings
from bot.domain.errors import NotAllowedError, UsageError
from bot.domain.language import is_known, read
from bot.domain.segments.rules import Rules
from bot.domain.shop import Store
from bot.domain.text import normal
from bot.domain.words import clip, join
from bot.handlers.layers import labels
from bot.handlers.layers.labels import Named
from bot.handlers.layers.places import named

_TAIL = re.compile(r"(?:一共|总共)?(?:的|里)?(?:一共|总共)?有?(?:几|多少)个?(?:人|位|客人)?[?？。吗呢]*$")
_SPLIT = re.compile(r"[\s,，、;；]+|里面|当中|而且|并且|又(?=[爱喜不对])")
_EDGE = re.compile(r"^(?:的|里|中|和|且)+|(?:的人|的客人|的客户|的|里|中|客人)$")
_NOT = re.compile(r"^不(?:吃|要|喝|爱|喜欢|用|能吃|碰)+")
_LIKES = re.compile(r"^(?:很|最|常|都)?(?:喜欢|爱|想|要|点|买|穿|喝|吃|用)+")
_STORE = re.compile(r"(.{1,12})店")
_LIKED = ("preference", "demand", "size")
_UNCOUNTED = re.compile(
    r"或者?|还是|除了|以外|[\d一二两三四五六七八九十百千几]+(?:天|周|个?月|年|次|元|块|单|岁)|超过|以上|以下|大于|小于|不到"
    r"|[今昨前]天|[上这本]个?[周月年]|最近|近期|来过|没来|到店|消费|花了|花过|买过|没买|生日|积分|会员|联系|导购"
)
"""What no note says: when and how often somebody came, what was spent, one group or another."""
_CAN_ASK = (
    "能问的：人群（沉睡、新客、高频……）加记过的喜好、忌口、尺码，比如「沉睡 爱抹茶」；"
    "哪天来的、花了多少、或者，还不能问。"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a question, one thing each."""

    words: tuple[str, ...]


def parse_question(text: str) -> Asked:
    """沉睡 芒果过敏; 沉睡里面 芒果过敏的 有几个."""
    said = _TAIL.sub("", normal(text).strip())
    words = tuple(word for part in _SPLIT.split(said) if (word := _EDGE.sub("", part.strip())))
    if not words:
        raise UsageError("问什么人有多少？写人群和条件。")
    return Asked(words)


@command("问", "数一数", "wen", takes=parse_question, example="/问 沉睡 爱抹茶", roles=LEADERS)
def ask(ctx: Context, asked: Asked) -> Reply:
    """问人数：人群加条件，比如沉睡里芒果过敏的；只给数，不给名单"""
    if standings.as_of(ctx.conn) is None:
        return Reply("分层还没有算过，今晚算完就能问了。", focus=False, keeps_menu=True)
    store, words = _place(ctx, asked.words)
    known = rules.in_force(ctx.conn).of(store.id if store else None)
    meant = [_meant(word, known) for word in words]
    conditions = tuple(one for one in meant if isinstance(one, Condition))
    _understood(ctx, words, meant)
    group = Group(store.id if store else None, tuple((one.scheme, one.code) for one in meant if isinstance(one, Named)))
    _refuse(ctx, words, meant)
    fewest = FEWEST_CHAIN if ctx.staff.role == "hq" else FEWEST_HERE
    what = " ".join([store.name if store else "全链", *(_said(one) for one in meant)])
    people = asking.size(ctx.conn, group)
    if not conditions:
        return cards.counted(what, people, None, fewest)
    if people > asking.MOST:
        raise UsageError(f"这一群有{people}人，一次数不过来。请加一个人群{'或说哪家店' if store is None else ''}再问。")
    tally, all_of = asking.tally(ctx.conn, group, conditions), frozenset(conditions)
    nearby = _nearby(tally, all_of, people) if len(all_of) > 1 else ()
    return cards.counted(what, tally[all_of], people, fewest, nearby)


def _nearby(tally: asking.Tally, all_of: frozenset[Condition], people: int) -> list[int]:
    """Every part of the group that questions of some of these conditions could tell of, taken together."""
    without_one = [tally[all_of - {one}] for one in all_of]
    rest = people - tally.total()
    return [*without_one, *(many for some, many in tally.items() if some != all_of), *([rest] if rest else [])]


def _place(ctx: Context, words: tuple[str, ...]) -> tuple[Store | None, list[str]]:
    """Her own store; of head office the store that is named, else the chain."""
    stores = shop.all_stores(ctx.conn)
    found: Store | None = None
    rest = []
    for word in words:
        said = _STORE.fullmatch(word)
        store = (named(stores, word) or named(stores, said[1].removesuffix("号"))) if said else None
        found = store or found
        rest += [] if store else [word]
    if ctx.staff.role == "hq":
        return found, rest
    own = next(one for one in stores if one.id == ctx.staff.store_id)
    if found and found != own:
        raise NotAllowedError(f"只能问自己店（{own.name}）的，别的店请找总部。")
    return own, rest


def _meant(word: str, known: Rules) -> Named | Condition:
    if "过敏" in word:
        return Condition(("allergy",), word.replace("过敏", "").removeprefix("对").strip())
    found = labels.meant(word, known)
    if len(found) == 1:
        return found[0]
    if no := _NOT.match(word):
        return Condition(("avoid",), word[no.end() :])
    bare = _LIKES.sub("", word)
    if not bare:
        raise UsageError("这个条件太宽了，写清楚一点。")
    return Condition(_LIKED, bare)


def _said(one: Named | Condition) -> str:
    if isinstance(one, Named):
        return one.name
    if one.kinds == ("allergy",):
        return f"{one.word}过敏"
    return f"不要{one.word}" if one.kinds == ("avoid",) else f"记了{one.word}"


def _understood(ctx: Context, words: Sequence[str], meant: Sequence[Named | Condition]) -> None:
    """Refuse words that mean nothing here: a number of them would be a false one."""
    asked = [(word, one) for word, one in zip(words, meant, strict=True) if isinstance(one, Condition)]
    strange = [word for word, one in asked if _UNCOUNTED.search(word) or not _is_noted(word, one)]
    if strange:
        sold = [text for one in goods.everything(ctx.conn) for text in (one.name, *one.ingredients)]
        strange = [word for word in strange if _UNCOUNTED.search(word) or not any(word in text for text in sold)]
    if strange:
        raise UsageError(f"没看懂{join(f'「{clip(word, 36)}」' for word in strange)}，没有数。{_CAN_ASK}")


def _is_noted(word: str, one: Condition) -> bool:
    """Whether it is something that is noted of customers: an allergy, or what is said as a like, a dislike, a size."""
    if "allergy" in one.kinds or one.word != word or is_known(word):
        return True
    return {said.kind for said in read(word, in_context=True).facts} & {*_LIKED, "avoid"} != set()


def _refuse(ctx: Context, words: Sequence[str], meant: Sequence[Named | Condition]) -> None:
    """No health for head office, also where a substance is named without saying that it is liked; no notes abroad."""
    conditions = [(word, one) for word, one in zip(words, meant, strict=True) if isinstance(one, Condition)]
    if ctx.staff.role == "hq" and any(_tells_health(word, one) for word, one in conditions):
        raise NotAllowedError(
            "过敏和忌口的人数总部不看，请找那家店的店长在自己店里问。问喜欢的，写明「爱」，比如「沉睡 爱芒果」。"
        )
    if conditions and ctx.staff.veil == "closed":
        raise NotAllowedError("这里不数客人资料里写的内容，请到企业微信问。")


def _tells_health(word: str, one: Condition) -> bool:
    return one.kinds != _LIKED or (one.word == word and is_known(word))
