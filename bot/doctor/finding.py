"""What a check finds, and what a check is: a function with a title that changes nothing and prints no secret."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bot.doctor.case import Case

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How it is and why; `mends` are the steps that mend it, the first one first."""

    state: State
    cause: str
    mends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of a check, with the check's name for machines and title for people."""

    check: str
    title: str
    state: State
    cause: str
    mends: tuple[str, ...]

    @property
    def say(self) -> str:
        """Cause and mend in one text."""
        return "\n".join((self.cause, *self.mends))


def ok(cause: str) -> Verdict:
    """Nothing to do."""
    return Verdict("ok", cause)


def warn(cause: str, *mends: str) -> Verdict:
    """The bot works, and something should be done."""
    return Verdict("warn", cause, mends)


def fail(cause: str, *mends: str) -> Verdict:
    """Something does not work until it is mended."""
    return Verdict("fail", cause, mends)


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `judge` gives None where there is nothing to check, such as a channel nobody set up."""

    title: str
    judge: Callable[["Case"], Verdict | None]

    @property
    def name(self) -> str:
        """What it is called in JSON."""
        return self.judge.__name__

    def find(self, case: "Case") -> Finding | None:
        """Judge a case."""
        verdict = self.judge(case)
        return Finding(self.name, self.title, verdict.state, verdict.cause, verdict.mends) if verdict else None


def check(title: str) -> Callable[[Callable[["Case"], Verdict | None]], Check]:
    """Make a function a check with this title."""
    return lambda judge: Check(title, judge)
