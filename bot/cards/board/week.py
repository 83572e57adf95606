"""Monday's week: themes, wishes, marks, what became of the lists, unusual looks; only what can be counted."""

from collections.abc import Mapping, Sequence
from datetime import date

from bot.domain import masks, words
from bot.domain.board.effect import FEW, Effect
from bot.domain.board.wording import LONGEST, called, weekday
from bot.domain.lists.values import WORDS

_MOST = 5
_FEW_MARKS = 5


def message(head: str, lines: Sequence[str]) -> str:
    """The message; empty where there is no line."""
    said = [line for line in lines if line]
    return words.clip("\n".join([head, *said]), LONGEST) if said else ""


def counted(name: str, counts: Mapping[str, int]) -> str:
    """意见：等待×9、做错×2."""
    some = [f"{words.clip(masks.scrub(what), 36)}×{many}" for what, many in list(counts.items())[:_MOST]]
    return f"{name}：{words.join(some)}" if some else ""


def marks(given: Sequence[int], praised: int) -> str:
    """评分23位：推荐15、一般5、不推荐3，NPS 52; of a few only how many there are."""
    said = f"被夸{praised}次" if praised else ""
    if not given:
        return said
    good, bad = sum(mark >= 9 for mark in given), sum(mark <= 6 for mark in given)
    score = f"，NPS {round(100 * (good - bad) / len(given))}" if len(given) >= FEW else "，人太少，不算NPS"
    told = f"评分{len(given)}位：推荐{good}、一般{len(given) - good - bad}、不推荐{bad}{score}"
    return f"{told}　{said}".rstrip()


def answered(span: str, listed: int, came: int, reached: int, outcomes: Mapping[str, int]) -> str:
    """What became of the lists: how many were listed for staying away, were reached, and came."""
    if not listed:
        return ""
    told = words.join(
        f"{WORDS[code]}{many}" for code, many in sorted(outcomes.items(), key=lambda one: (-one[1], one[0]))
        if code in WORDS
    )  # fmt: skip
    said = f"召回（{span}列的）：列了{listed}位，联系上{reached}位，14天里来了{came}位"
    return f"{said}（{told}）" if told else said


def effect(span: str, found: Effect | None, held: int, fen: int) -> str:
    """Whether the lists brought anybody back, beside those whom the draw left alone; no verdict of a few."""
    if not held:
        return ""
    beside = f"效果（{span}，和抽签不联系的{held}位比）"
    if found is None:
        return f"{beside}：人太少，看不出"
    spent = f"，券花了{words.money(fen)}" if fen else ""
    range_ = f"可能{_range(found.least, found.most)}"
    if found.sure and found.most < 0:
        return f"{beside}：反而少来了{-found.more}位（{range_}）{spent}，想想是不是打扰了"
    if found.sure:
        return f"{beside}：多带回{found.more}位（{range_}）{spent}"
    more = f"多带回{found.more}位" if found.more > 0 else "没有多带回人"
    return f"{beside}：{more}（{range_}）{spent}，还不能说有没有用"


def _range(least: int, most: int) -> str:
    """0–12; with a minus 到 is plainer: −3到9."""
    return f"{least}–{most}" if least >= 0 else f"−{-least}到{f'−{-most}' if most < 0 else most}"


def looked(peaks: Sequence[tuple[str, date, int, int]]) -> str:
    """Somebody looked at far more customers than usually."""
    some = [
        f"{called(name)}{weekday(on)}查了{people}位（{f'平时一天{usual}位' if usual else '平时很少查'}）"
        for name, on, people, usual in peaks[:_MOST]
    ]
    more = f"等{len(peaks)}人" if len(peaks) > _MOST else ""
    return f"⚠️ 查询留意：{'；'.join(some)}{more}，问一下是什么事" if some else ""


def some_stores(what: str, names: Sequence[str]) -> str:
    """收银没传：徐汇店、静安店 等5家."""
    if not names:
        return ""
    more = f" 等{len(names)}家" if len(names) > _MOST else ""
    return f"{what}：{words.join(map(called, names[:_MOST]))}{more}"
