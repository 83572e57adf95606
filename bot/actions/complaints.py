"""Complaints: opened with a number, an owner and a time by which she hears from us; closed with what was done."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from bot.actions.notes import Writer
from bot.db import people
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.tables import complaints
from bot.db.talk import outbox
from bot.domain.customers import Matter, Sight

_URGENT = (
    "不来了",
    "再也不",
    "投诉",
    "12315",
    "12345",
    "工商",
    "曝光",
    "退一赔",
    "很气",
    "气死",
    "发火",
    "哭",
    "受伤",
    "住院",
    "报警",
    "律师",
    "差评",
)
_LATEST = time(18)
_TONIGHT, _NOON = time(20), time(12)


def due_at(now: datetime) -> datetime:
    """When she hears from us: tonight at eight, or tomorrow noon if it is past six; `now` is local."""
    day = now.date() if now.time() < _LATEST else now.date() + timedelta(days=1)
    return datetime.combine(day, _TONIGHT if now.time() < _LATEST else _NOON, now.tzinfo)


def is_urgent(text: str) -> bool:
    """Whether the words say that she is about to leave or has been hurt."""
    return any(word in text for word in _URGENT)


def file(writer: Writer, sight: Sight, text: str, facets: Sequence[str]) -> Matter:
    """Open a complaint, owned by whoever heard it."""
    conn = writer.recorder.conn
    store_id = writer.staff.store_id or sight.customer.store_id
    matter = Matter(
        id=new_id(),
        kind="complaint",
        number=people.next_complaint_number(conn, store_id),
        customer_id=sight.customer.id,
        store_id=store_id,
        text=text,
        facets=tuple(facets),
        urgent=is_urgent(text),
        owner_id=writer.staff.id,
        opened_at=writer.now,
        due_at=due_at(writer.now.astimezone(writer.staff.zone)),
    )
    content = {"text": text, "facets": list(facets)}
    writer.recorder.insert(
        complaints,
        {
            "id": matter.id,
            "number": matter.number,
            "store_id": store_id,
            "customer_id": matter.customer_id,
            "content": keys_of(conn).seal_json("complaints.content", matter.id, content),
            "urgent": matter.urgent,
            "state": "open",
            "owner_id": writer.staff.id,
            "opened_at": writer.now,
            "opened_by": writer.staff.id,
            "due_at": matter.due_at,
        },
    )
    return matter


def close(writer: Writer, matter: Matter, how: str, outcome: str) -> None:
    """Close a complaint with what was done and how she took it."""
    resolution = keys_of(writer.recorder.conn).seal_json(
        "complaints.resolution", matter.id, {"how": how, "outcome": outcome}
    )
    writer.recorder.update(
        complaints,
        matter.id,
        state="closed",
        closed_at=writer.now,
        closed_by=writer.staff.id,
        resolution=resolution,
    )


def remedy(writer: Writer, matter: Matter, what: str) -> None:
    """Keep what was offered to her."""
    content = {"text": matter.text, "facets": list(matter.facets), "remedy": what}
    writer.recorder.update(
        complaints,
        matter.id,
        content=keys_of(writer.recorder.conn).seal_json("complaints.content", matter.id, content),
    )


def call_manager(writer: Writer, matter: Matter, said: str, discreet: str) -> list[str]:
    """Hand a complaint to the store's managers; gives their names. They hear of it with their next answer."""
    conn = writer.recorder.conn
    managers = [
        one for one in people.colleagues(conn, matter.store_id) if one[3] == "manager" and one[0] != writer.staff.id
    ]
    if managers:
        writer.recorder.update(complaints, matter.id, owner_id=managers[0][0])
    for staff_id, _code, _name, _role in managers:
        key = f"unit:{writer.recorder.unit_id}:{staff_id}"
        outbox.tell(conn, staff_id, key, said, writer.now, discreet, urgent=matter.urgent)
    return [name for _id, _code, name, _role in managers]


_HOW = (
    ("道歉", "致歉"), ("赔", "赔偿"), ("退", "退款"), ("换", "换货"), ("重做", "重做"), ("送", "赠送"),
    ("打电话", "电话回访"), ("电话", "电话回访"), ("修", "维修"), ("券", "补券"),
)  # fmt: skip
_HAPPY = ("行", "好", "满意", "接受", "算了", "没事", "谢", "原谅", "可以", "ok")
_UNHAPPY = ("不行", "不满", "不接受", "还是气", "没用", "不理", "没接", "不同意", "不好")


def read_resolution(text: str) -> tuple[str, str]:
    """What was done and how she took it, from the guide's words."""
    how = "＋".join(dict.fromkeys(word for sign, word in _HOW if sign in text)) or text[:20]
    if any(sign in text for sign in _UNHAPPY):
        return how, "未接受"
    return how, "接受" if any(sign in text.lower() for sign in _HAPPY) else "未说"
