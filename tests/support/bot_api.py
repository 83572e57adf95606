"""Recorded calls held against the machine-readable Bot API: parameters as sent, results as answered."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from bot.sandbox.telegram import Call

SPECIFICATION = Path(__file__).parent.parent / "data" / "telegram-bot-api.min.json"
# The client library sends its default for new messages with edits, too, where it means nothing and does no harm.
HARMLESS = {("editMessageText", "protect_content"), ("editMessageCaption", "protect_content")}
_FILE = object()  # the place of an uploaded file

Spec = dict[str, Any]


@cache
def specification() -> Spec:
    """Methods and types, as the data file has them."""
    spec: Spec = json.loads(SPECIFICATION.read_text(encoding="utf-8"))
    return spec


def check(calls: Iterable[Call]) -> list[str]:
    """What is wrong with recorded calls, requests and answers, one line each; refused ones are checked, too."""
    recorded = list(calls)
    return list(
        dict.fromkeys([*(fault for call in recorded for fault in request_faults(call)), *check_answers(recorded)])
    )


def check_answers(calls: Iterable[Call]) -> list[str]:
    """What is wrong with the answers alone."""
    faults: list[str] = []
    for call in calls:
        if call.answer.get("ok") is True:
            faults += result_faults(call.method, call.answer["result"])
        elif call.answer:
            faults += _refusal_faults(call)
    return list(dict.fromkeys(faults))


def request_faults(call: Call) -> list[str]:
    """Unknown parameters, missing ones, and values of the wrong type."""
    method = specification()["methods"].get(call.method)
    if method is None:
        return [f"{call.method}: no such method"]
    known = {field["name"]: field for field in method.get("fields", ())}
    given: dict[str, Any] = dict(call.fields) | {name: _FILE for name in call.uploads if name in known}
    faults = [
        f"{call.method}.{name}: no such parameter"
        for name in given
        if name not in known and (call.method, name) not in HARMLESS
    ]
    faults += [f"{call.method}.{name}: missing" for name, field in known.items() if _lacks(field, name, given)]
    for name, value in given.items():
        if name in known:
            types = known[name]["types"]
            faults += value_faults(_read(value, types), types, f"{call.method}.{name}")
    attached = "".join(call.fields.values())
    spare = [name for name in call.uploads if name not in known and f"attach://{name}" not in attached]
    return faults + [f"{call.method}: the file {name} belongs to nothing" for name in spare]


def result_faults(method: str, result: object) -> list[str]:
    """Where a result is not what the method returns."""
    return value_faults(result, specification()["methods"][method]["returns"], f"{method} →")


def _lacks(field: Spec, name: str, given: dict[str, Any]) -> bool:
    return bool(field["required"]) and name not in given


def _refusal_faults(call: Call) -> list[str]:
    answer = call.answer
    right = (
        answer.get("ok") is False
        and call.status in {0, answer.get("error_code")}
        and isinstance(answer.get("description"), str)
        and answer.keys() <= {"ok", "error_code", "description", "parameters"}
    )
    faults = [] if right else [f"{call.method}: a refusal of the wrong form"]
    if "parameters" in answer:
        faults += value_faults(answer["parameters"], ["ResponseParameters"], f"{call.method} refused")
    return faults


def _read(value: object, types: list[str]) -> object:
    """A form's text as the value it stands for; what may be text and is no JSON stays text."""
    if not isinstance(value, str) or types == ["String"]:
        return value
    try:
        read: object = json.loads(value)
    except ValueError:
        return value
    is_text = "String" in types and not isinstance(read, dict | list)
    return value if is_text and not (isinstance(read, int) and "Integer" in types) else read


def value_faults(value: object, types: list[str], path: str) -> list[str]:
    """Empty where a value is of one of the types, else the faults of the type it comes closest to."""
    tried = [_of_type(value, kind, path) for kind in types]
    return min(tried, key=len) if all(tried) else []


def _of_type(value: object, kind: str, path: str) -> list[str]:
    plain = {"Integer": int, "String": str, "Boolean": bool, "Float": int | float}
    if kind in plain:
        right = isinstance(value, plain[kind]) and isinstance(value, bool) == (kind == "Boolean")
        return [] if right else [f"{path}: {kind} expected, not {type(value).__name__}"]
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{path}: {kind} expected, not {type(value).__name__}"]
        return [fault for one in value for fault in value_faults(one, [kind.removeprefix("Array of ")], f"{path}[]")]
    if kind == "InputFile":
        return [] if value is _FILE or isinstance(value, str) else [f"{path}: a file expected"]
    return _of_object(value, kind, path)


def _of_object(value: object, kind: str, path: str) -> list[str]:
    spec = specification()["types"][kind]
    if spec.get("subtypes"):
        return value_faults(value, spec["subtypes"], path)
    if not isinstance(value, dict):
        return [f"{path}: {kind} expected, not {type(value).__name__}"]
    known = {field["name"]: field for field in spec.get("fields", ())}
    faults = [f"{path}.{name}: no field of {kind}" for name in value if name not in known]
    faults += [f"{path}.{name}: missing in {kind}" for name, field in known.items() if _lacks(field, name, value)]
    for name, one in value.items():
        if name in known:
            faults += value_faults(one, known[name]["types"], f"{path}.{name}")
    return faults
