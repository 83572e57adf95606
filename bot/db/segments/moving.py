"""How many people a change of the rules moves, from which label to which, store by store.

Counted as a refresh of the same moment would, by the same functions. Only the schemes that the change touches are
looked at: whoever changes a border or a window of bands does not have everybody's layers cut anew.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection, select

from bot.db.segments import silence
from bot.db.segments.banding import by_frequency, by_spend
from bot.db.segments.pacing import Cutting, by_rhythm, of_cutting
from bot.db.segments.rules import Held
from bot.db.segments.steps import Shop, Step
from bot.db.tables import stores
from bot.domain.segments.rules import Rules

_AT_ONCE = 5_000


def moves(conn: Connection, before: Held, after: Held, today: date) -> Counter[Step]:
    """How many people go from which label to which, by store, when one set of rules takes the other's place."""
    shops = [
        Shop(store_id, before.of(store_id), after.of(store_id), today, silence.silent_days(conn, store_id, today))
        for store_id in conn.execute(select(stores.c.id).order_by(stores.c.id)).scalars()
    ]
    alike: dict[tuple[str, str], list[Shop]] = defaultdict(list)
    for shop in shops:
        if shop.before != shop.after:
            alike[shop.before.pack(), shop.after.pack()].append(shop)
    found: Counter[Step] = Counter()
    for some in (part for one in alike.values() for part in _batched(one)):
        rules = some[0].before, some[0].after
        if rules[0].spend != rules[1].spend:
            found += by_spend(conn, some, len(shops))
        if _of_frequency(rules[0]) != _of_frequency(rules[1]):
            found += by_frequency(conn, some, len(shops))
        if _of_layers(rules[0]) != _of_layers(rules[1]):
            cutting = Cutting(conn, shops)
            for shop in some:
                found += by_rhythm(conn, shop, cutting)
    return found


def _batched(shops: list[Shop]) -> Iterator[list[Shop]]:
    """So many stores at once as a statement has room for."""
    yield from (shops[start : start + _AT_ONCE] for start in range(0, len(shops), _AT_ONCE))


def _of_frequency(rules: Rules) -> tuple[object, ...]:
    return rules.frequency, rules.new_days, rules.asleep_days if rules.frequency.sleeps else 0


def _of_layers(rules: Rules) -> tuple[object, ...]:
    return rules.new_days, rules.asleep_days, rules.usual_days, *of_cutting(rules)
