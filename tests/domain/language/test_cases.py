"""Marks of the reader on labelled sentences: our own, and the shared development set where it is at hand."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from bot.domain.language import read, to_json
from bot.domain.text import normal

HERE = Path(__file__).parent
SHARED = HERE.parents[3] / "shared" / "nl" / "dev.jsonl"
KEYS = ("phone", "last4", "name", "hint")


@cache
def cases(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def plain(value: str) -> str:
    return "".join(char for char in normal(value).lower() if char.isalnum())


def same(kind: str, gold: str, value: str) -> bool:
    if kind in ("birthday", "anniversary"):
        return gold == value or gold[-5:] == value or value[-5:] == gold
    short, long = sorted((plain(re.sub("[码号]$", "", gold)), plain(re.sub("[码号]$", "", value))), key=len)
    if kind in ("size", "nps", "new_phone"):
        return short == long
    return bool(short) and short in long and len(short) * 2 >= len(long)


def fits(gold: dict, fact: dict) -> bool:
    kinds = [gold["kind"], *gold.get("alt_kinds", ())]
    values = [gold["value"], *gold.get("alt_values", ())]
    signs = bool(gold.get("negated")) == bool(fact.get("negated"))
    return signs and fact["kind"] in kinds and any(same(gold["kind"], value, fact["value"]) for value in values)


def marks(rows: list[dict]) -> dict[str, float]:
    """Strict intent accuracy, micro F1, recall of allergies, allergies and facts that were invented."""
    right = hits = false = missed = allergies = found = invented = quiet = people = 0
    for row in rows:
        answer = to_json(read(row["text"], in_context=row["in_context"]))
        right += answer["intent"] == row["intent"]
        wanted = row["customer"] or {}
        key = next((key for key in KEYS if key in wanted), None)
        given = answer["customer"] or {}
        people += bool(row.get("customer_any") or row.get("multi")) or (
            same("name", wanted[key], given.get(key, "")) if key else not given
        )
        left = list(row["facts"])
        for fact in answer["facts"]:
            gold = next(
                (one for one in sorted(left, key=lambda one: bool(one.get("optional"))) if fits(one, fact)), None
            )
            if gold is None:
                false += 1
                invented += fact["kind"] == "allergy" and not fact.get("negated")
                quiet += row["intent"] in ("smalltalk", "lookup")
                continue
            left.remove(gold)
            hits += not gold.get("optional")
        needed = [one for one in left if not one.get("optional")]
        missed += len(needed)
        every = [
            one
            for one in row["facts"]
            if one["kind"] == "allergy" and not one.get("optional") and not one.get("negated")
        ]
        allergies += len(every)
        found += len(every) - sum(one in needed for one in every)
    return {
        "intent": right / len(rows),
        "customer": people / len(rows),
        "f1": 2 * hits / max(1, 2 * hits + false + missed),
        "recall": found / max(1, allergies),
        "invented": invented,
        "quiet": quiet,
    }


def test_own_sentences_are_understood() -> None:
    result = marks(cases(HERE / "cases.jsonl"))

    assert result["intent"] >= 0.95
    assert result["customer"] >= 0.98
    assert result["f1"] >= 0.95
    assert result["recall"] >= 0.98
    assert (result["invented"], result["quiet"]) == (0, 0)


def test_shared_sentences_are_understood() -> None:
    if not SHARED.exists():
        pytest.skip(f"the shared development set is not beside the repository ({SHARED.name})")
    result = marks(cases(SHARED))

    assert result["intent"] >= 0.95
    assert result["customer"] >= 0.98
    assert result["f1"] >= 0.95
    assert result["recall"] >= 0.98
    assert (result["invented"], result["quiet"]) == (0, 0)


def test_own_sentences_cover_every_kind_and_intent() -> None:
    rows = cases(HERE / "cases.jsonl")

    assert len({row["text"] for row in rows}) == len(rows) >= 250
    assert {row["intent"] for row in rows} == {
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
    }
    assert {fact["kind"] for row in rows for fact in row["facts"]} == {
        "allergy",
        "avoid",
        "preference",
        "size",
        "birthday",
        "anniversary",
        "family",
        "contact_rule",
        "complaint",
        "praise",
        "demand",
        "competitor",
        "source",
        "referrer",
        "promise",
        "hold",
        "loss_reason",
        "new_phone",
        "nps",
    }
