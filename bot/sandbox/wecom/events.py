"""The plain XML of what WeCom tells an app: messages and events, in the element order of its documents."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.wecom.corp import Corp

Value = str | int | float | Mapping[str, Any] | Sequence[Any]
SYSTEM = "sys"


def message(corp: Corp, person: str, kind: str, fields: Mapping[str, Value]) -> str:
    """A message of a member to the app."""
    return _xml(
        corp, person, {"MsgType": kind, **fields, "MsgId": 7_000_000_000_000_000_000 + corp.number()}, agent=True
    )


def event(corp: Corp, person: str, name: str, fields: Mapping[str, Value]) -> str:
    """An event a member caused; it has no MsgId."""
    return _xml(corp, person, {"MsgType": "event", "Event": name, **fields}, agent=True)


def system_event(corp: Corp, name: str, fields: Mapping[str, Value]) -> str:
    """An event of the corp itself, from `sys`, without an agent."""
    return _xml(corp, SYSTEM, {"MsgType": "event", "Event": name, **fields}, agent=False)


def card_event(
    corp: Corp,
    person: str,
    name: str,
    card: Mapping[str, object],
    pressed: tuple[str, str, Mapping[str, Sequence[str]]],
) -> str:
    """A pressed card; `pressed` is the key, the new response_code, and the options chosen by question."""
    key, code, chosen = pressed
    fields: dict[str, Value] = {
        "EventKey": key,
        "TaskId": str(card.get("task_id") or ""),
        "CardType": str(card["card_type"]),
        "ResponseCode": code,
        "AgentID": corp.setup.agent_id,
    }
    if chosen:
        items = [{"QuestionKey": one, "OptionIds": {"OptionId": list(ids)}} for one, ids in chosen.items()]
        fields["SelectedItems"] = {"SelectedItem": items}
    return _xml(corp, person, {"MsgType": "event", "Event": name, **fields}, agent=False)


def _xml(corp: Corp, person: str, fields: Mapping[str, Value], *, agent: bool) -> str:
    head: dict[str, Value] = {"ToUserName": corp.setup.corp_id, "FromUserName": person, "CreateTime": int(corp.now())}
    tail: dict[str, Value] = {"AgentID": corp.setup.agent_id} if agent else {}
    return f"<xml>{_elements({**head, **fields, **tail})}</xml>"


def _elements(fields: Mapping[str, Value]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Value) -> str:
    if isinstance(value, str):
        return f"<{name}>{cdata(value)}</{name}>"
    if isinstance(value, Mapping):
        return f"<{name}>{_elements(value)}</{name}>"
    if isinstance(value, Sequence):
        return "".join(_element(name, one) for one in value)
    return f"<{name}>{value}</{name}>"


def cdata(text: str) -> str:
    """A text that no text can break out of."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
