"""A store with ten guides that lives a month: what the clock says goes out through the real outbox, guides answer."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import Connection, insert, update

import bot.handlers
import bot.jobs
from bot.chat import Address, Incoming, Outcome
from bot.commands import collect as collect_commands
from bot.db import customers, people
from bot.db.core.engine import Database
from bot.db.core.ids import new_id
from bot.db.lists import known
from bot.db.offers import offers
from bot.db.tables import chain, customer_segments, customer_stats, stores
from bot.db.talk import pushing, rooms, settling
from bot.db.talk.settling import Desk, Push
from bot.dispatch import Dispatcher
from bot.schedule import collect
from bot.serve.due import Memory, run_due
from tests.support.cast import ZONE

FIRST = datetime(2026, 11, 2, tzinfo=ZONE)
DESK = Desk("month", ("wecom", "wecom_bot"))
DAYS, GUIDES, CUSTOMERS = 30, 10, 150
LAYERS = ("leaving", "lost_big", "slowing", "asleep")
TICKS = tuple(time(*at) for at in ((8, 30), (9, 30), (10, 0), (18, 0), (20, 30)))
LOOKS = tuple(time(*at) for at in ((8, 31), (9, 31), (10, 1), (18, 1), (20, 31)))
"""When the sender looks; the clock ticks at TICKS."""
SAID = (
    *("没接",) * 5,
    *("打过了",) * 4,
    *("约了周日", "说周末来", "不要嫌贵", "不要", "晚点打", "发券", "发券"),
    *("说别再打了", "搬走了", "空号"),
)
_ROW = re.compile(r"^(\d+) .*（尾号", re.MULTILINE)


@dataclass(slots=True)
class Month:
    """What happened: when what row of the outbox was told, to whom, in which words."""

    database: Database
    dice: Random
    told: list[tuple[datetime, int, int | None, str]] = field(default_factory=list)
    said: int = 0
    guides: dict[str, int] = field(default_factory=dict)
    dispatcher: Dispatcher = field(init=False)

    def live(self) -> None:
        """Make the store, then live: the jobs, what is sent, what the guides found."""
        self.database.transact(self._make)
        self.dispatcher = Dispatcher(self.database, collect_commands(bot.handlers))
        jobs, memory = collect(bot.jobs).values(), Memory()
        for at in self._moments():
            if at.time() in TICKS:
                assert run_due(self.database, jobs, at, memory).failed == 0
            if at.time() in LOOKS:
                self._send(at)
            if at.time() == time(8, 31):
                self.say(f"guide{at.day % GUIDES}", "忙 3小时", at + timedelta(minutes=5))
            if at.time() == time(10, 1):
                self._answer(at)

    def _moments(self) -> Iterator[datetime]:
        for ahead in range(DAYS):
            day = FIRST.date() + timedelta(days=ahead)
            till = datetime.combine(day, time(1), ZONE)
            self.database.transact(lambda conn, till=till: conn.execute(update(stores).values(data_at=till)))
            for at in sorted({*TICKS, *LOOKS}):
                yield datetime.combine(day, at, ZONE)

    def _send(self, at: datetime) -> None:
        """Everything that goes now goes, and arrives."""

        def some(conn: Connection) -> list[Push]:
            going = [push for push in pushing.claim(conn, DESK, at) if settling.begin(conn, push, DESK, at)]
            for push in going:
                settling.sent(conn, push, DESK, at)
            return going

        while going := self.database.transact(some):
            self.told += [(at, push.id, push.staff_id, push.text) for push in going]

    # --- answers ---------------------------------------------------------------------------------------------------

    def _answer(self, now: datetime) -> None:
        """Every guide answers her list in one message; some take what is nobody's, the busy one has to ask for hers."""
        hers = {staff_id: text for at, _, staff_id, text in self.told if at.date() == now.date() and "〔名单" in text}
        for n, code in enumerate(self.guides):
            at = now + timedelta(minutes=10 + n)
            shown = hers.get(self.guides[code], "")
            if n == now.day % GUIDES:
                shown = self.say(code, "名单", at).reply.text
            rows = [int(row) for row in _ROW.findall(shown[shown.rfind("〔名单") :])]
            if rows and self.dice.random() < 0.98:
                words = " ".join(f"{place}{self.dice.choice(SAID)}" for place in rows)
                assert self.say(code, words, at + timedelta(seconds=20), quoted=shown).error is None, words
            if n % 5 == now.day % 5:
                self.say(code, f"{1 + n // 4}我来", at + timedelta(seconds=40), group="001")

    def say(self, code: str, text: str, at: datetime, *, group: str | None = None, quoted: str = "") -> Outcome:
        """What the bot answers."""
        self.said += 1
        there = Address("console", code, f"group:{group}" if group else code, private=group is None, store=group)
        return self.dispatcher.handle(Incoming(str(self.said), there, text, at, quoted=quoted))

    # --- the store -------------------------------------------------------------------------------------------------

    def _make(self, conn: Connection) -> None:
        people.make_chain(conn, "示例连锁", "tea", "store", ZONE.key)
        offers.seed(conn, "tea", FIRST - timedelta(days=300))
        store = people.add_store(conn, "001", "徐汇店")
        crew = {"dianzhang": "manager", "hq": "hq", **{f"guide{n}": "guide" for n in range(GUIDES)}}
        ids = {
            code: people.add_staff(conn, code, _called(code), role, None if role == "hq" else store.id, FIRST)
            for code, role in crew.items()
        }
        self.guides = {code: staff_id for code, staff_id in ids.items() if code.startswith("guide")}
        for code, staff_id in ids.items():
            people.bind(conn, staff_id, "wecom", f"{code}@wecom", FIRST)
        rooms.settle(conn, Address("wecom_bot", "", "group", private=False), store.id, ids["dianzhang"], FIRST)
        conn.execute(update(chain).values(segments_on=FIRST.date()))
        known.draw_salt(conn, "drawn")  # a chain of so few is not measured by itself
        people.add_shift(conn, [row for code in ids for row in _rota(code, ids[code], store.id)])
        for n in range(CUSTOMERS):
            self._customer(conn, n, store.id, ids)

    def _customer(self, conn: Connection, n: int, store_id: int, ids: Mapping[str, int]) -> None:
        row_id = new_id()
        born = date(1960 + n % 45, 1 + n % 12, 1 + n % 28)
        plain = {"name": f"王{n}", "phone": f"+8613900{n:06}", "birthday": born.isoformat(), "store_id": store_id}
        guide_id = ids[f"guide{n % GUIDES}"] if n % 7 else None
        customers.add(conn, row_id, FIRST - timedelta(days=400), guide_id=guide_id, **plain)
        visits, gap = self.dice.randint(2, 20), self.dice.randint(5, 20)
        last = FIRST.date() - timedelta(days=self.dice.randint(45, 120))
        bought = {"orders": visits, "refunds": 0, "purchase_days": visits, "spent_fen": visits * 2500}
        gaps = {"gap_sum_days": gap * (visits - 1), "gap_square_sum": gap * gap * (visits - 1)}
        first = last - timedelta(days=gap * (visits - 1))
        days = {"first_on": first, "last_on": last, "last_store_id": store_id, "best_ticket_fen": 4000, "recent": ""}
        conn.execute(insert(customer_stats).values(customer_id=row_id, **bought, **gaps, **days))
        labels = {"stage": "asleep", "layer": self.dice.choice(LAYERS), "spend": "low", "frequency": "asleep", "r": 1}
        fifths = {"f": self.dice.randint(1, 5), "m": self.dice.randint(1, 5)}
        conn.execute(
            insert(customer_segments).values(customer_id=row_id, store_id=store_id, since_on=last, **labels, **fifths)
        )


def _called(code: str) -> str:
    return (
        f"小{'甲乙丙丁戊己庚辛壬癸'[int(code[-1])]}" if code.startswith("guide") else {"hq": "总部"}.get(code, "店长")
    )


def _rota(code: str, staff_id: int, store_id: int) -> list[dict[str, object]]:
    """Everybody five days of seven, half of them late; the manager every day, head office never."""
    n = int(code[-1]) if code.startswith("guide") else 0
    days = [FIRST.date() + timedelta(days=ahead) for ahead in range(DAYS)] if code != "hq" else []
    begins = 750 if n % 2 else 540
    return [
        {
            "staff_id": staff_id,
            "store_id": store_id,
            "work_on": on,
            "starts_minute": begins,
            "ends_minute": begins + 540,
        }
        for ahead, on in enumerate(days)
        if not n or (ahead + n) % 7 > 1
    ]
