"""Why a customer has her labels: a sentence each, and what the last refresh kept where that is another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.segments.labels import LAYERS, SCHEMES, Scheme

_NEVER_NAME = LAYERS["never"]
_NEVER = "还没买过：系统里没有她的订单。没买过和很久没来是两回事，不算沉睡，也不算流失。"


@dataclass(frozen=True, slots=True)
class Label:
    """A label of hers: why she has it now, what it is called now, what the last refresh kept (empty: nothing)."""

    scheme: Scheme
    why: str
    now: str
    kept: str


def labels(told: Sequence[Label], as_of: date | None, today: date) -> list[str]:
    """A line a scheme; what was said before is not said again. Then the day the layers are of, if not today."""
    said: list[str] = []
    known: list[str] = []
    for one in told:
        name, _, because = one.why.partition("：")
        for before in known:
            because = because.replace(before, "")
        known.append(because)
        still = f"（名单里还是「{one.kept}」，今晚更新）" if one.kept not in ("", one.now) else ""
        said.append(f"【{SCHEMES[one.scheme]}】{name}：{because or '同上'}{still}")
    if as_of is None:
        said.append("分层还没有算到她，今晚会算；以上按现在的订单。")
    elif as_of != today:
        said.append(f"分层到 {as_of:%m-%d}；以上按现在的订单。")
    return said


def never(emptied: int, kept: str) -> str:
    """She bought nothing, or nothing is left of what she bought; `kept` is her layer of the last refresh."""
    said = f"还没买过：她的{emptied}单都全退了，退光的不算买过；不算沉睡，也不算流失。" if emptied else _NEVER
    return said + (f"（名单里还是「{kept}」，今晚更新）" if kept not in ("", _NEVER_NAME) else "")
