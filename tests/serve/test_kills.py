"""Whatever was acknowledged has its effect, once, however often it came and however often the service was killed."""

import os
import random
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import httpx
from sqlalchemy import func, select

from bot.db.core.engine import Database
from bot.db.tables import facts, inbox
from bot.sandbox.wecom.crypto import Seal
from tests.support.nest import Nest
from tests.support.platforms import Platforms, platforms
from tests.support.service import Service, install, let_in
from tests.support.world import world

KILLS = int(os.environ.get("ZHANGGUI_TEST_KILLS", "24"))
MESSAGES = int(os.environ.get("ZHANGGUI_TEST_MESSAGES", "160"))
SPEAKERS = ("xiaowang", "xiaoli", "dianzhang")
PATIENCE = 300


def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(
    database: Database, database_url: str, quick_folder: Path, brood: Nest, now: datetime
) -> None:
    world(database, now)
    dice = random.Random(database_url)
    with platforms(quick_folder) as where:
        let_in(database, where, now)
        where.clock.move_to(now.timestamp())
        where.telegram.flood.lift()
        where.telegram.add_fault({"kind": "duplicate", "method": "getUpdates", "times": MESSAGES})
        service = install(quick_folder, database_url, where, ("telegram", "app"), brood)
        try:
            with _speaking(where, service, dice):
                for _ in range(KILLS):
                    service.start(wait=False)
                    time.sleep(dice.uniform(0.05, 0.8))
                    service.kill()
                service.start()
                wanted = dict.fromkeys(range(MESSAGES), 1)
                _wait_for(database, len(wanted))
        finally:
            service.kill()
        service.check_log()

    assert _done(database) == wanted
    with database.reading() as conn:
        assert conn.execute(select(func.count()).select_from(inbox)).scalar() == MESSAGES


@contextmanager
def _speaking(where: Platforms, service: Service, dice: random.Random) -> Iterator[None]:
    """Half of the messages on each platform; those in WeCom come 1 to 4 times each, also at once."""
    by_telegram, by_wecom = range(0, MESSAGES, 2), range(1, MESSAGES, 2)
    times = {number: dice.randint(1, 4) for number in by_wecom}
    port = service.settings["ZHANGGUI_HTTP"].rpartition(":")[2]
    door = f"http://127.0.0.1:{port}/wecom/callback"
    seal = Seal(where.setup.token, where.setup.aes_key, where.setup.corp_id)

    def telegram() -> None:
        for number in by_telegram:
            where.do("say", "telegram", SPEAKERS[number % 3], "private", text=_note(number))
            time.sleep(0.02)

    def wecom(mine: range) -> None:
        with httpx.Client(trust_env=False, timeout=5) as client:
            for number in mine:
                for _ in range(times[number]):
                    _deliver(client, door, seal, where, number)

    threads = [threading.Thread(target=telegram)]
    threads += [threading.Thread(target=wecom, args=(by_wecom[start::4],)) for start in range(4)]
    threads += [threading.Thread(target=wecom, args=(by_wecom[start::4],)) for start in range(2)]  # the same, at once
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(PATIENCE)


def _note(number: int) -> str:
    return f"记 8000 她说第{number}号事"


def _deliver(client: httpx.Client, door: str, seal: Seal, where: Platforms, number: int) -> None:
    """Hand a callback over until it is acknowledged, as WeCom and its people would."""
    who = SPEAKERS[number % 3]
    plain = (
        f"<xml><ToUserName><![CDATA[{where.setup.corp_id}]]></ToUserName>"
        f"<FromUserName><![CDATA[{who}]]></FromUserName><CreateTime>{int(where.clock.now())}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{_note(number)}]]></Content>"
        f"<MsgId>{7_000_000_000 + number}</MsgId><AgentID>{where.setup.agent_id}</AgentID></xml>"
    )
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        nonce, timestamp, sealed = secrets.token_hex(6), str(int(where.clock.now())), seal.encrypt(plain)
        query = {"msg_signature": seal.sign(timestamp, nonce, sealed), "timestamp": timestamp, "nonce": nonce}
        body = f"<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        try:
            if client.post(f"{door}?{urlencode(query)}", content=body.encode()).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            time.sleep(0.02)
    raise AssertionError(f"message {number} was never acknowledged")


def _done(database: Database) -> Counter[int]:
    """How often each message had its effect."""
    with database.reading() as conn:
        rows = conn.execute(select(facts.c.id, facts.c.content)).all()
        texts = [database.keys.unseal("facts.content", row.id, row.content) for row in rows]
    return Counter(int(found[1]) for text in texts if (found := re.search(r"第(\d+)号事", text)))


def _wait_for(database: Database, count: int) -> None:
    until = time.monotonic() + PATIENCE
    while sum(_done(database).values()) < count:
        assert time.monotonic() < until, f"{count - sum(_done(database).values())} messages are missing"
        time.sleep(0.2)
