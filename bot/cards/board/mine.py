"""今天 of a guide: her shift, whom she is to save, what she promised."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.cards.board import handover as handing
from bot.cards.board.handover import Handover
from bot.chat import Choice, Reply
from bot.domain import words
from bot.domain.board.days import ToSave, Worker
from bot.domain.board.wording import BARRED, LONGEST
from bot.domain.lists.values import WORDS
from bot.domain.shop import Staff

_SAID: dict[str, str] = {code: said for code, said in WORDS.items()}  # noqa: C416 — of any text


class Hers(NamedTuple):
    """Rows of the list of whom to save that are hers, with their places; and how many rows of other lists are open."""

    token: str
    rows: Sequence[tuple[int, ToSave]]
    others: int


def day(staff: Staff, me: Worker | None, told: Handover, hers: Hers) -> Reply:
    """Her own day."""
    lines = [f"{staff.name}，{_shift(me)}"]
    open_ = [(place, one) for place, one in hers.rows if one.outcome is None and not one.barred]
    choices = tuple(Choice(one.called, f"名单答 #{hers.token} {place}", takes_text=True) for place, one in open_)
    lines += ["先打给（打完回「1没接」「1约了周日」）："] if open_ else []
    lines += [f"{digit} {one.called} {_short(staff, one)}" for digit, (_, one) in enumerate(open_, 1)]
    lines += [f"{one.called} {_short(staff, one)}" for _, one in hers.rows if one.outcome is None and one.barred]
    answered = [(one.called, one.outcome) for _, one in hers.rows if one.outcome not in (None, "hand_over")]
    done = [f"{called} {_SAID.get(outcome or '', '已处理')}" for called, outcome in answered]
    lines += [f"打过了：{words.join(done)}"] if done else []
    lines += [f"别的名单上还有{hers.others}位，发「名单」看。"] if hers.others else []
    closed = staff.veil == "closed"
    matters = handing.discreet(told, "你手上的") if closed else handing.whole(told, "你手上的")
    text = words.clip("\n".join([*lines, matters]), LONGEST)
    about = tuple(dict.fromkeys([*(one.customer_id for _, one in hers.rows), *told.about]))
    return Reply(text, choices, about=about, focus=False, keeps_menu=not choices)


def _shift(me: Worker | None) -> str:
    if me and me.off:
        return "今天你休息。"
    if me is None or me.starts is None or me.ends is None:
        return "今天排班上没有你。"
    return f"今天{_clock(me.starts)}到{_clock(me.ends)}的班。"


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def _short(staff: Staff, one: ToSave) -> str:
    closed = staff.veil == "closed"
    if one.barred:
        return BARRED if closed else one.wish
    trouble = f"客诉#{one.complaint}没结，先道歉" if one.complaint else ""
    return "，".join(filter(None, [one.short, *([] if closed else [trouble, one.wish])]))
