"""A rule may be for one store, however it is said."""

import pytest

from bot.commands import Context
from bot.db.core.engine import Database
from bot.domain.errors import NotFoundError
from bot.handlers.layers.rules import _placed, parse_rules
from tests.support.cast import address


@pytest.mark.parametrize(
    ("said", "wish", "code"),
    [
        ("高频 改 一周2次", "高频 改 一周2次", None),
        ("高频 改 一周2次 只试 1号店", "高频 改 一周2次", "001"),
        ("高频 改 一周2次 只试001店", "高频 改 一周2次", "001"),
        ("001店 高频 改 8天", "高频 改 8天", "001"),
        ("只在徐汇店试 高频 改 8天", "高频 改 8天", "001"),
        ("高频 改 一周2次 先在静安店试试", "高频 改 一周2次", "002"),
        ("高频 改 8天，只试 静安店", "高频 改 8天", "002"),
        ("五等分 按门店", "五等分 按门店", None),
        ("五等分 按全店", "五等分 按全店", None),
        ("五等分改成按本店比", "五等分改成按本店比", None),
        ("回退 2号店", "回退", "002"),
        ("静安店 回退", "回退", "002"),
    ],
)
def test_a_store_is_found_and_taken_out(
    database: Database, people, now, said: str, wish: str, code: str | None
) -> None:
    hq = people("总部")
    with database.reading() as conn:
        asked, store = _placed(Context(conn, hq, now, address("总部"), None, 0), parse_rules(said))

    assert (asked.wish, store.code if store else None) == (wish, code)


def test_a_store_that_is_not_there_is_not_taken_for_another(database: Database, people, now) -> None:
    hq = people("总部")
    with database.reading() as conn:
        for said in ("高频 改 8天 只试 9号店", "9店 高频 改 8天", "高频 改 8天 先在外滩店试"):
            with pytest.raises(NotFoundError):
                _placed(Context(conn, hq, now, address("总部"), None, 0), parse_rules(said))
