"""What an answer under a list of people says; plain values, every row in at most one of them."""

from dataclasses import dataclass, field
from typing import Literal, get_args

Outcome = Literal[
    "reached",
    "no_answer",
    "appointment",
    "coming",
    "refused",
    "stop",
    "moved",
    "wrong_number",
    "later",
    "hand_over",
    "coupon",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
WORDS: dict[Outcome, str] = {
    "reached": "已联系",
    "no_answer": "没接",
    "appointment": "约好了",
    "coming": "说会来",
    "refused": "不要",
    "stop": "停止联系",
    "moved": "搬走",
    "wrong_number": "号码不对",
    "later": "晚点再打",
    "hand_over": "转交",
    "coupon": "发券",
}
LOSS_REASONS = ("价格", "搬走", "竞品", "体验", "其他")
"""Why a customer is lost, in the order of the digits that answer 「为什么」."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the words about a row say: `when` as said (`due` reads it), `reason` of LOSS_REASONS, `whom` a colleague.

    `rest` are the clauses that say nothing about the outcome and may be worth a note.
    """

    outcome: Outcome
    when: str = ""
    reason: str = ""
    whom: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One outcome of one or several rows that are on the list, in their order; see Meaning for the rest."""

    rows: tuple[int, ...]
    outcome: Outcome
    when: str = ""
    reason: str = ""
    whom: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Rows that must be asked about: the words as typed; `outcomes` where they contradict each other."""

    rows: tuple[int, ...]
    words: str
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """A message read: what to do, what to ask, numbers that are not on the list; `words` as typed of single rows."""

    done: tuple[Answer, ...]
    unclear: tuple[Unclear, ...] = ()
    missing: tuple[int, ...] = ()
    words: tuple[tuple[int, str], ...] = field(default=(), compare=False)
