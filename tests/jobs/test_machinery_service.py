"""Days played through the sandbox's clock: the running service says in the morning what the morning is for, once."""

from datetime import datetime, timedelta

import pytest

from tests.support.cast import ZONE
from tests.support.platforms import platforms
from tests.support.service import install, let_in, until
from tests.support.world import world

MORNING = datetime(2026, 11, 20, 8, 30, tzinfo=ZONE)
DAY = timedelta(days=1)


@pytest.fixture
def engine() -> str:
    """One engine is enough: claims are proved on both elsewhere."""
    return "sqlite"


def test_each_morning_that_the_clock_is_moved_to_has_its_digest_and_none_has_two(
    database, database_url, quick_folder, brood
):
    world(database, MORNING)
    with platforms(quick_folder) as where:
        let_in(database, where, MORNING)
        where.clock.move_to((MORNING - timedelta(hours=1)).timestamp())
        service = install(quick_folder, database_url, where, ("app",), brood)

        def heard() -> list[str]:
            """What the manager of 001 was told in the morning."""
            said = [one["text"] for one in where.bubbles("wecom", "dianzhang", "app") if not one["mine"]]
            return [text for text in said if text.startswith("早，徐汇店")]

        service.start()
        try:
            assert heard() == []
            where.clock.move_to(MORNING.timestamp())
            until(lambda: len(heard()) == 1)
            where.clock.move_to((MORNING + DAY).timestamp())  # a jump that is meant
            until(lambda: len(heard()) == 2)
            where.clock.move_to((MORNING - timedelta(minutes=1)).timestamp())
            service.kill()
            service.start()
            where.clock.move_to((MORNING + timedelta(minutes=1)).timestamp())
            where.clock.move_to((MORNING + 2 * DAY).timestamp())
            until(lambda: len(heard()) == 3)
        finally:
            service.stop()
