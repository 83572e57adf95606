"""The monthly clean-up: what is proposed, who is meant, what was done; and that nothing is deleted."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.chat import Choice, Reply
from bot.domain import words
from bot.domain.board.wording import LONGEST, called

_MOST_PAIRS = 4


class Counts(NamedTuple):
    """How many are away, empty or made up, left alone, and to be put right by whoever meets them."""

    away: int
    empty: int
    kept: int
    wrong: int


def proposed(store: str, counts: Counts, pairs: Sequence[tuple[str, str]]) -> str:
    """What would be done, for a yes."""
    away, empty, kept, wrong = counts
    lines = [f"🧹 {called(store)}每月清理，等你一句话："]
    lines += [f"· 两年没来的{away}位：不再进任何名单，再来买东西就恢复"] if away else []
    if pairs:
        some = words.join(f"{one}＝{other}" for one, other in pairs[:_MOST_PAIRS])
        more = f" 等{len(pairs)}对" if len(pairs) > _MOST_PAIRS else ""
        lines.append(f"· 同名同生日、像同一人的{len(pairs)}对：合并（{some}{more}）")
    lines += [f"· 空的或乱填的、没买过的{empty}份：不再进任何名单"] if empty else []
    lines += [f"· 有积分、有券或有事没办完的{kept}位：不动"] if kept else []
    lines += [f"· 名字乱填或号码打不通的{wrong}位：不动，见到她问清楚，发「改」"] if wrong else []
    return words.clip("\n".join([*lines, "不删任何资料，都可以撤。"]), LONGEST)


def choices(token: str) -> tuple[Choice, ...]:
    """Yes, who, no."""
    return (
        Choice("同意清理", f"清理批 #{token} 同意"),
        Choice("看是谁", f"清理批 #{token} 看"),
        Choice("先不清", f"清理批 #{token} 不"),
    )


def nothing() -> Reply:
    """There is nothing to clean."""
    return Reply("没有要清理的：没有两年没来的、重复的或空的档案。每月1号我会看一次。", keeps_menu=True, focus=False)


def who(named: Sequence[str], more: int, about: Sequence[int], token: str) -> Reply:
    """Who is meant, masked."""
    rest = [f"还有{more}位"] if more > 0 else []
    text = words.clip("\n".join(["要清理的：", *(f"· {one}" for one in named), *rest]), LONGEST)
    yes, _, no = choices(token)
    return Reply(text, (yes, no), about=tuple(about), focus=False)


def done(marked: int, merged: int, left: int) -> Reply:
    """It is done."""
    said = words.join([f"{marked}位不再进名单" if marked else "", f"合并了{merged}对" if merged else ""])
    more = f"；{left}对后来改过，没有合并" if left else ""
    return Reply(f"清理好了：{said or '没有可做的'}{more}。资料都还在，错了回 撤", keeps_menu=True, focus=False)


def refused() -> Reply:
    """Not this month."""
    return Reply("好，这个月不清理，下月1号再问你。错了回 撤", keeps_menu=True, focus=False)
