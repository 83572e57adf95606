"""评: from 0 to 10, would she recommend us, and why; a low one may become a complaint with one digit."""

import re
from dataclasses import dataclass

from bot.actions import discretion, gate, notes
from bot.actions.notes import Writer
from bot.cards.followups import marks as cards
from bot.chat import Reply
from bot.commands import STORE, Context, command
from bot.db.core.engine import keys_of
from bot.domain import words
from bot.domain.customers import Sight
from bot.domain.errors import UsageError
from bot.domain.language import read
from bot.domain.language.values import NOBODY, Reading
from bot.domain.text import normal
from bot.handlers import writing
from bot.handlers.customers import Key, leading_key
from bot.handlers.followups import sayings
from bot.handlers.notes import clean, meant

LOW, HIGH = 6, 9
"""At most this is a critic, at least that one who recommends."""
_SCORE = re.compile(
    r"(?:打|给|nps|NPS)?了?\s*(10|\d|[零一二两三四五六七八九十])(?![\d点.])(?:\s*/\s*10(?!\d))?(?!\s*/)"
    r"\s*分?[ ,，。:：]*(.*)",
    re.DOTALL,
)
_BETWEEN = re.compile(r"(?:打|给|nps|NPS)?了?\s*(?:\d{1,2}\.\d|[\d零一二两三四五六七八九十]{1,2}\s*(?:点|分半))")
_OF_OTHERS = re.compile(r"(?:打|给|nps|NPS)?了?\s*\d{1,3}\s*/\s*\d")
_FIGURES = {word: n for n, word in enumerate("零一二三四五六七八九十")} | {"两": 2}
_WHOLE = re.compile(r"(商品|产品|服务|环境)(?:不好|不满意|差|好|满意)?(?:$|[ ,，:：]+)(.*)", re.DOTALL)
_THEMES = {
    "环境": re.compile("环境|干净|卫生|脏|音乐|座位?|装修|吵|挤|空调|厕所|冷气|灯光|气味|味儿|闷"),
    "服务": re.compile("店员|导购|服务|热情|耐心|态度|细心|专业|推销|等|排队|慢|快|催|理人|笑|周到|小[王李周张姐哥妹]"),
    "商品": re.compile(
        "好喝|好吃|难喝|难吃|味道|口味|质量|品质|料|款|衣服|面料|新鲜|尺码|颜色|甜|淡|贵|便宜|价|东西|商品|产品"
    ),
}
_OF_FACETS = {
    "商品质量": "商品", "做错": "商品", "价格": "商品", "环境": "环境",
    "等待": "服务", "服务态度": "服务", "售后": "服务", "物流": "服务",
}  # fmt: skip
_FACETS = {"商品": "商品质量", "服务": "服务态度", "环境": "环境"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose mark, how many of ten, and why."""

    key: Key
    score: int
    reason: str


def parse_mark(text: str) -> Mark:
    """`9 店员热情`, `8000 9分 …`, `9 店员热情 8000`."""
    key = leading_key(normal(text))
    found = _SCORE.fullmatch(key.rest)
    if not found and _BETWEEN.match(key.rest):
        raise UsageError("分数要整数，0到10。带零头的按她的意思取整，例：9.5写10或9。")
    if not found and _OF_OTHERS.match(key.rest):
        raise UsageError("只记十分制的分，0到10。别的分制先换成十分制，例：4/5写8。")
    if not found:
        raise UsageError("她给几分（0到10）？为什么？")
    score = int(found[1]) if found[1].isdecimal() else _FIGURES[found[1]]
    whom, reason = (NOBODY, found[2]) if key else sayings.customer(found[2])
    clean(reason)
    return Mark(Key(token=key.token, mention=key.mention or whom, number=key.number), score, reason.strip(" ，,。的"))


@dataclass(frozen=True, slots=True)
class Why:
    """A reason read: its theme (商品 服务 环境, or none), what of it praises or complains, with the facet."""

    theme: str = ""
    kind: str = ""
    text: str = ""
    facet: str = ""


def why(score: int, reason: str) -> Why:
    """What a reason says; what cannot be told from its words, the score tells."""
    if not reason:
        return Why()
    if whole := _WHOLE.fullmatch(reason):
        theme = "商品" if whole[1] == "产品" else whole[1]
        if not whole[2]:
            bad = score <= LOW
            return Why(
                theme, "complaint" if bad else "", f"{theme}不满意" if bad else "", _FACETS[theme] if bad else ""
            )
        inner = why(score, whole[2])
        return Why(theme, inner.kind, inner.text, inner.facet)
    said = read(f"她说{reason}", in_context=True).facts
    facet = next((one.facet for one in said if one.kind == "complaint" and one.facet), "")
    praises = any(one.kind == "praise" for one in said)
    bad = bool(facet) or (score <= LOW and not praises)
    theme = _OF_FACETS.get(facet, "") or next((name for name, cues in _THEMES.items() if cues.search(reason)), "")
    facet = facet or _FACETS.get(theme, "其他")
    return Why(theme, "complaint" if bad else "praise", reason, facet if bad else "")


@command("评", "评分", "打分", "nps", "ping", takes=parse_mark, example="/评 9 店员热情", roles=STORE, writes=True)
def mark(ctx: Context, asked: Mark) -> Reply:
    """记她打几分（0到10）和原因：「评 9 店员热情」；低分可以转客诉"""
    token = keys_of(ctx.conn).token
    if not asked.key and ctx.focus is None:
        raise UsageError("哪位打的分？先查一下她，或在前面写尾号。\n例：/评 8000 9 店员热情")
    said = f"{asked.score} {asked.reason}".strip()
    again = "评 #{} " + said
    sight = meant(
        ctx,
        asked.key,
        Reading("note", NOBODY),
        asked.reason,
        lambda s: again.format(token(s.customer.id, ctx.staff.id)),
    )
    if isinstance(sight, Reply):
        return sight
    read_ = why(asked.score, asked.reason)
    work = writing.writer(ctx)
    _write(work, sight, asked.score, read_)
    summary = f"{writing.who(ctx, sight)}评 {said}"
    writing.close(ctx, work, "评", words.clip(summary, 150), sight.customer.id)
    named = discretion.words(ctx.conn, ctx.staff, read_.text, sight)
    tokens = token(sight.customer.id, ctx.staff.id), token(ctx.unit, ctx.staff.id)
    return cards.marked(sight, asked.score, cards.Reason(read_.theme, named, read_.kind), tokens)


def _write(work: Writer, sight: Sight, score: int, said: Why) -> None:
    """The mark and its reason; another of the same day is put right by it."""
    for fact in gate.known_of(work.recorder.conn, sight.customer.id, work.now).facts:
        if fact.kind == "nps" and fact.said_at.astimezone(work.staff.zone).date() == work.today:
            notes.void(work, fact)
    notes.add_fact(work, sight, {"kind": "nps", "value": str(score), "facet": said.theme})
    if said.kind:
        notes.add_fact(work, sight, {"kind": said.kind, "value": said.text, "facet": said.facet or said.theme})
