"""Making, correcting and merging customers, in chat."""

from collections.abc import Sequence
from typing import Protocol

from bot.cards import notes
from bot.cards.profile import who
from bot.chat import Choice, Reply
from bot.domain import masks, words
from bot.domain.customers import Sight
from bot.domain.phones import Phone


class Plan(Protocol):
    """What a merge would do."""

    @property
    def kept(self) -> Sight:
        """Who stays."""

    @property
    def gone(self) -> Sight:
        """Who goes."""

    @property
    def same(self) -> tuple[str, ...]:
        """What is alike."""

    @property
    def different(self) -> tuple[str, ...]:
        """What is not."""


def ask_number(phone: Phone, words_: str, name: str) -> Reply:
    """Before a number is kept she is asked."""
    called = f"{masks.name(name)}（尾号{phone.last4}）" if name else f"尾号{phone.last4}"
    text = f"给 {called}建档，先问她：愿意留手机号收优惠吗？"
    choices = (
        Choice("愿意，建档", f"建 愿意 {words_}", takes_text=True),
        Choice("不愿意，只记临时", f"临 {name or '客人'}", takes_text=True),
        Choice("算了", "算了"),
    )
    return Reply(text, choices, focus=False)


def exists(sight: Sight, token: str) -> Reply:
    """She is on file already."""
    choices = (Choice("看她的卡", f"查 #{token}"), Choice("算了", "算了"))
    return Reply(f"这个号码已经建过档：{who(sight)}", choices, about=(sight.customer.id,))


def made(sight: Sight, lines: Sequence[notes.Line], choices: tuple[Choice, ...]) -> Reply:
    """She is on file now; one question follows: her consent, who brought her, or how she came."""
    ask = ""
    if any(line.state == "pending" for line in lines):
        ask = "\n" + _ask(sight, lines)
    elif choices:
        ask = "\n她怎么来的？" if len(choices) > 2 else "\n是这位介绍来的吗？"
    text = f"建好 {who(sight)}{_said(sight, lines)}。错了回 撤{ask}"
    return Reply(text, choices, about=(sight.customer.id,), keeps_menu=not choices)


def made_temporary(sight: Sight, lines: Sequence[notes.Line], choices: tuple[Choice, ...]) -> Reply:
    """Remembered without a number."""
    ask = "\n" + _ask(sight, lines) if choices else ""
    text = f"记住了 {who(sight)}{_said(sight, lines)}。下次说这几个字就能查到；她留号后发「并 尾号」。错了回 撤{ask}"
    return Reply(text, choices, about=(sight.customer.id,), keeps_menu=not choices)


def _ask(sight: Sight, lines: Sequence[notes.Line]) -> str:
    return notes.ask_closed(lines) if sight.veil == "closed" else notes.ask(lines)


def _said(sight: Sight, lines: Sequence[notes.Line]) -> str:
    if sight.veil == "closed":
        return f"，记好了{len(lines)}条" if lines else ""
    return "".join(f"，{notes.line(line)}" for line in lines)


def ask_merge(plan: Plan, confirm: str) -> Reply:
    """Are these two the same? What would be joined."""
    alike = f"同{words.join(plan.same)}" if plan.same else "没有相同的资料"
    unlike = f"；{words.join(plan.different)}不同" if plan.different else ""
    points = ""
    if plan.kept.customer.points or plan.gone.customer.points:
        points = f"，积分{plan.kept.customer.points or 0}+{plan.gone.customer.points or 0}"
    text = (
        f"像同一人吗？{who(plan.gone)} → {who(plan.kept)}\n{alike}{unlike}。\n"
        f"合并后：订单{plan.kept.stats.orders}+{plan.gone.stats.orders}{points}，过敏和记录都保留。"
    )
    choices = (Choice("合并（30天内可撤）", confirm), Choice("不合", "算了"))
    return Reply(text, choices, about=(plan.kept.customer.id, plan.gone.customer.id))


def merged(sight: Sight, plan: Plan) -> Reply:
    """They are one now."""
    text = f"合好了：{who(plan.gone)}并入 {who(sight)}，共{sight.stats.orders}单。错了回 撤"
    return Reply(text, about=(sight.customer.id,), keeps_menu=True)
