"""Whatever a bot sends, the local Telegram answers as Telegram would: with a refusal, never with a fault of its own."""

import json
import random
from collections.abc import Iterator

import pytest

from tests.support.bot_api import specification
from tests.support.local_telegram import NOON, TOKEN, Lab, local_telegram

JSON = {"Content-Type": "application/json"}
ODD: tuple[object, ...] = (
    *("", "x", "\ud83c", "<b", "-1", "1e9", "attach://x", "null", "[]", "{}", '{"type":[]}', '[{"type":{}}]', "[[1]]"),
    *(0, -1, 2**70, 1.5, True, [], {}, [None], [[{}]], [{"text": 1}], {"type": "chat"}, {"message_id": "1"}),
    *({"inline_keyboard": [[{"text": "a", "copy_text": 1}]]}, {"inline_keyboard": [[{"text": "a", "style": []}]]}),
    *([{"type": "photo", "media": 1}], [{"type": "emoji", "emoji": []}], [{"command": "a", "description": 1}]),
    *({"keyboard": [[1]]}, {"type": "chat", "chat_id": []}, [{"offset": True, "length": 1, "type": "bold"}], "NaN"),
    *([{"offset": 0, "length": 1, "type": "text_link"}], [{"offset": 0, "length": 1, "type": "<b>"}], {"url": 1}),
)


@pytest.fixture
def lab() -> Iterator[Lab]:
    with local_telegram() as lab:
        lab.start("xiaowang")
        lab.server.flood.lift()
        yield lab


@pytest.mark.parametrize("seed", range(4))
def test_nonsense_is_refused(lab: Lab, seed: int) -> None:
    dice = random.Random(seed)
    statuses: dict[int, set[str]] = {}
    methods = {
        name: spec for name, spec in specification()["methods"].items() if name not in {"getUpdates", "setWebhook"}
    }
    known = [name for name in methods if lab.ask(name)[1] != "Not Found: method not found"]
    for _ in range(250):
        method = dice.choice(known)
        fields = {field["name"]: dice.choice(ODD) for field in methods[method].get("fields", ()) if dice.random() < 0.7}
        fields |= {"chat_id": lab.chat("xiaowang"), "message_id": dice.choice([1, 2, 3])} if dice.random() < 0.7 else {}
        fields |= {"text": "x"} if dice.random() < 0.5 else {}
        status = lab.http.post(f"/bot{TOKEN}/{method}", content=json.dumps(fields).encode(), headers=JSON).status_code
        statuses.setdefault(status, set()).add(method)
        lab.server.talks("xiaowang")

    assert statuses.keys() <= {200, 400, 403}


def test_numbers_that_are_none_are_read_as_nothing(lab: Lab) -> None:
    path = f"/bot{TOKEN}/getUpdates"
    odd = {"offset": "x", "limit": "-5", "timeout": "-1"}

    assert lab.http.get(path, params=odd).json() == {"ok": True, "result": []}
    assert lab.http.get(path, params={"allowed_updates": '{"a":1}'}).status_code == 400
    assert lab.http.post(f"/bot{TOKEN}/setWebhook", json={"url": "http://[x"}).status_code == 400


def test_all_chats_together_take_thirty_a_second() -> None:
    with local_telegram() as lab:
        lab.start("xiaowang", "xiaoli", "luren")
        lab.server.flood.chat.burst = 20
        people = ["xiaowang", "xiaoli", "luren"]
        codes = [lab.ask("sendMessage", chat_id=lab.chat(people[place % 3]), text="x")[0] for place in range(31)]

        assert (codes, lab.at) == ([200] * 30 + [429], NOON)
