"""What a sentence says once it is understood; words and keys are those of `zhanggui parse`."""

from dataclasses import dataclass
from typing import Literal

Intent = Literal[
    "lookup",
    "note",
    "complaint",
    "outcome",
    "coupon",
    "redeem",
    "followup",
    "undo",
    "smalltalk",
    "other",
]


@dataclass(frozen=True, slots=True)
class Mention:
    """Who is spoken of, as the words name her; all fields empty means nobody is named."""

    phone: str | None = None
    last4: str | None = None
    name: str | None = None
    hint: str | None = None

    def __bool__(self) -> bool:
        return bool(self.phone or self.last4 or self.name or self.hint)


NOBODY = Mention()


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact that a sentence states.

    `kind` and `facet` are the closed lists of docs/glossary.md; `of` is the relative who has it
    (None: the customer herself); `negated` asks for removal; `due` and `until` are as said.
    """

    kind: str
    value: str
    facet: str | None = None
    of: str | None = None
    negated: bool = False
    due: str | None = None
    until: str | None = None
    span: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole sentence understood. `several` is true where it speaks of more than one customer."""

    intent: Intent
    customer: Mention
    facts: tuple[Statement, ...] = ()
    several: bool = False
