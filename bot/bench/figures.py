"""What was measured, and whether it is good enough."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: at most `goal` is good enough (at least, where `more` is better); `aim` is what is strived for."""

    name: str
    value: float | None
    unit: str
    goal: float | None = None
    aim: float | None = None
    more: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none, or nothing was measured."""
        if self.value is None or self.goal is None:
            return None
        return self.value >= self.goal if self.more else self.value <= self.goal

    def as_json(self) -> dict[str, Any]:
        """Value, unit, goal, aim and whether it is met."""
        return {"value": self.value, "unit": self.unit, "goal": self.goal, "aim": self.aim, "met": self.met}

    def in_words(self) -> str:
        """One line of the table."""
        value = "-" if self.value is None else f"{self.value:,g}"
        sign = {True: "✓", False: "✗", None: " "}[self.met]
        goal = "" if self.goal is None else f"{'≥' if self.more else '≤'} {self.goal:g}"
        aim = "" if self.aim is None else f"(aim {self.aim:g})"
        return f"{self.name:<34}{value:>12} {self.unit:<10}{goal:>8} {sign} {aim}".rstrip()


@dataclass(slots=True)
class Report:
    """Where and how large it was measured, and the figures by name."""

    machine: dict[str, Any]
    figures: dict[str, Figure] = field(default_factory=dict)

    def add(self, *figures: Figure) -> None:
        """Take further figures; a name stands once."""
        for figure in figures:
            if figure.name in self.figures:
                raise ValueError(f"two figures are named {figure.name}")
            self.figures[figure.name] = figure

    def as_json(self) -> dict[str, Any]:
        """One object: the machine, and every figure by its name."""
        return {"machine": self.machine, "figures": {name: one.as_json() for name, one in self.figures.items()}}

    def lines(self) -> Iterator[str]:
        """The table for people."""
        yield "  ".join(f"{name}={value}" for name, value in self.machine.items())
        for figure in self.figures.values():
            yield figure.in_words()
