"""Plays, drafts of offers, and words for customers, as staff read them."""

from collections.abc import Collection, Mapping, Sequence

from bot.cards import offers as cards
from bot.chat import LET_GO, Choice, Reply
from bot.domain import words
from bot.domain.selling.offers import Offer
from bot.domain.selling.plays import TONES, Play

NO_COUPON = "只问候，别发券"


def listed(plays: Mapping[str, Play], changed: Collection[str], *, edits: bool) -> Reply:
    """Every play on one line."""
    lines = ["打法（分层 → 券）：", *(_line(play, changed=key in changed) for key, play in plays.items())]
    lines.append("看一种：打法 沉睡" + ("；改：打法 沉睡 券 回归券" if edits else ""))
    return Reply("\n".join(lines), keeps_menu=True, focus=False)


def _line(play: Play, *, changed: bool) -> str:
    return f"{play.called[0]} → {play.offer or NO_COUPON}{'（改过）' if changed else ''}"


def shown(play: Play, *, changed: bool, edits: bool) -> Reply:
    """One play whole: what to do, which coupon, the tone, the words with their gaps."""
    lines = [
        f"{play.called[0]}{'（改过）' if changed else ''}",
        f"做什么：{play.action}",
        f"券：{play.offer or NO_COUPON}",
        f"口气：{TONES[play.tone]}",
        "话术：",
        *(f"· {line}" for line in play.words),
    ]
    if edits:
        lines.append(how(play))
    return Reply("\n".join(lines), keeps_menu=True, focus=False)


def how(play: Play) -> str:
    """How head office changes a play."""
    name = play.called[0]
    return (
        f"换券就发：打法 {name} 券 回归券（不发券写「无」）\n「话术」「动作」也这样改，改回原来的发：打法 {name} 还原"
    )


def kept(play: Play, stale: Sequence[str] = ()) -> Reply:
    """A play is as head office wants it now; `stale` parts of it speak of a coupon still that it has no more."""
    named = "、".join(stale)
    still = f"{named}没动，里面还说着优惠，要一起改就发：打法 {play.called[0]} {stale[0]} 新的写法\n" if stale else ""
    return Reply(
        f"改好了，马上生效：{play.called[0]} → {play.offer or NO_COUPON}\n做什么：{play.action}\n"
        f"话术：{play.words[0]}\n{still}错了回 撤",
        keeps_menu=True,
        focus=False,
    )


def draft(offer: Offer, place: str, goods: Sequence[str], command: str) -> Reply:
    """All that was understood of an offer, before it is opened."""
    each = f"每人{offer.cap_each}张"
    cap = f"限{offer.cap}张" if offer.cap is not None else "张数不限"
    budget = f"预算{words.money(offer.budget_fen)}" if offer.budget_fen is not None else "预算不限"
    dates = [
        f"{offer.starts_on.month}月{offer.starts_on.day}日起" if offer.starts_on else "",
        f"发到{offer.ends_on.month}月{offer.ends_on.day}日" if offer.ends_on else "",
    ]
    lines = [
        "要开的券，请看一眼：",
        f"名称：{offer.name}",
        f"给什么：{offer.terms.words}",
        f"能买：{words.join(goods) or '全部商品'}",
        f"什么时候：{'，'.join(filter(None, [f'领后{offer.valid_days}天有效', cards.when(offer.terms), *dates]))}",
        f"多少：{cap}，{each}，{budget}，每张最多花{words.money(offer.cost_fen)}",
        f"哪里：{place}",
    ]
    choices = (Choice("开", command), Choice("算了", LET_GO))
    return Reply("\n".join(lines), choices, focus=False)


def opened(offer: Offer, place: str) -> Reply:
    """It is open."""
    return Reply(
        f"开好了：{offer.number}号「{offer.name}」（{place}）。先查客人，再发「发 {offer.name}」。错了回 撤",
        keeps_menu=True,
        focus=False,
    )


def stopped(offer: Offer) -> Reply:
    """No more of it goes out."""
    out = f"已发的{offer.issued}张还能用到期。" if offer.issued else ""
    return Reply(f"停了：{offer.number}号「{offer.name}」不再发。{out}错了回 撤", keeps_menu=True, focus=False)
