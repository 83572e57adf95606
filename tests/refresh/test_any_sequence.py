"""Whatever happened between two refreshes, and however they follow one another: the layers are the definitions'."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.db.core.engine import Database, open_database
from tests.refresh.village import PEOPLE, RULES, START, Village
from tests.support import cast, engines

ROUNDS = 10
AMOUNTS = (None, 0, 500, 1800, 4200, 12_000, 39_999, 60_000, 1_200_000)
WIDER = 20 if os.environ.get("HYPOTHESIS_PROFILE") == "wide" else 1


class Story:
    """What happens in a village, by the dice of a seed."""

    def __init__(self, village: Village, seed: int) -> None:
        self.village = village
        self.dice = random.Random(seed)
        self.numbers = 0
        for who in PEOPLE:
            gap = self.dice.choice([2, 5, 9, 20, 40])
            first = self.dice.randrange(village.days)
            village.tell(*[self.order(who, day) for day in range(first, village.days + 30, gap)])
        for store in (0, 1):
            self.open(store, self.dice.randrange(40), self.dice.randrange(8, 60))

    def order(self, who: str | None, day: int) -> tuple:
        self.numbers += 1
        return f"N{self.numbers}", who, day, self.dice.choice(AMOUNTS), None, self.dice.randrange(2)

    def open(self, store: int, first: int, length: int) -> None:
        """Somebody bought there on each of these days."""
        self.village.tell(*[(f"D{store}-{day}", None, day, 100, None, store) for day in range(first, first + length)])

    def happens(self) -> None:
        """One thing."""
        village, dice = self.village, self.dice
        who, other = dice.sample(PEOPLE, 2)
        day = village.days + dice.choice([-90, -40, -20, -5, -1, 0, 0, 0, 3, 20])
        verb = dice.choice(
            [
                "buy",
                "buy",
                "buy",
                "change",
                "refund",
                "refund",
                "merge",
                "back",
                "move",
                "rule",
                "rule",
                "open",
                "add",
                "lost",
            ]
        )
        if verb == "buy":
            village.tell(self.order(dice.choice([who, who, None]), day))
        elif verb == "change":  # of an order told before: another day, another amount, perhaps somebody else's
            number = f"N{dice.randint(1, self.numbers)}"
            village.tell((number, *self.order(who, day)[1:]))
        elif verb == "refund":
            of = dice.choice([f"N{dice.randint(1, self.numbers)}", "N0"])
            village.tell((f"R{dice.randint(1, 5)}", dice.choice([who, None]), day, dice.choice([-500, -60_000]), of, 0))
        elif verb == "merge":
            village.merge(who, other)
        elif verb == "back":
            village.take_back()
        elif verb == "move":
            village.move(who, dice.randrange(2))
        elif verb == "rule":
            village.rule(dice.choice(RULES), dice.choice([None, 0, 1]))
        elif verb == "open":
            self.open(dice.randrange(2), dice.randrange(village.days), dice.randrange(1, 30))
        elif verb == "add":
            village.add(f"Z{self.numbers}")
            self.numbers += 1
        else:
            village.lose()

    def refresh(self) -> None:
        """Some days later; what must be true after it."""
        village = self.village
        village.days = max(village.days + self.dice.choice([0, 1, 1, 1, 2, 7, 15, 28, -10]), 30)
        before = village.stored()
        done = village.refresh()
        after = village.stored()
        assert after == village.expected()
        assert village.sizes() == village.counted()
        rewritten = {row_id for row_id in before.keys() | after.keys() if before.get(row_id) != after.get(row_id)}
        assert done.changed == len(rewritten)
        assert done.customers == len(after) == sum(done.segments.values())


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Database]]:
    made: list[Database] = []

    def open_(engine: str) -> Database:
        made.append(open_database(engines.fresh(engine, tmp_path_factory.mktemp("any")), engines.KEYS))
        made[-1].transact(lambda conn: cast.add_cast(conn, START))
        return made[-1]

    yield open_
    for one in made:
        one.close()
        engines.drop(one.engine.url.render_as_string(hide_password=False))


@pytest.mark.parametrize(("engine", "stories"), [("sqlite", 8), ("postgresql", 1)])
def test_whatever_happens_the_layers_are_those_of_the_definitions(
    opened: Callable[[str], Database], engine: str, stories: int, tmp_path: Path
) -> None:
    database = opened(engine)
    for seed in range(stories * WIDER):
        story = Story(Village(database, tmp_path), seed)
        for _ in range(ROUNDS):
            story.refresh()
            for _ in range(story.dice.randrange(4)):
                story.happens()
        story.refresh()
        village = story.village
        assert village.flowed() == village.counted()
        known = village.stored()
        assert village.refresh(full=True).changed == 0
        assert village.stored() == known
