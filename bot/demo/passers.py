"""Orders of nobody known: a few a day in every store, and the last of the day before the demo."""

from bot.demo.baskets import Buyer, Sale, Shelf
from bot.demo.days import CLOSING, LAST_SALE, OPENING
from bot.demo.dice import stream
from bot.demo.habits import Visit
from bot.demo.preset import Persona

_DAYS = 35  # five weeks, so that a day has the same weekdays to be compared with
_PASSER = Persona("路人", 0, lines=(80, 20))


def walk_ins(shelf: Shelf, seed: int, store: int) -> list[Sale]:
    """A store's anonymous orders, oldest first; the last one is the newest order of the store."""
    dice = stream(seed, shelf.preset.chain, "passers", store)
    today, usual = shelf.calendar.today, shelf.preset.walkins
    visits: list[Visit] = []
    for day in range(today - _DAYS, today):
        busy = 1.3 if shelf.calendar.weekday(day) in "67" else 1.0
        count = round(usual * busy * dice.uniform(0.8, 1.2))
        visits += [Visit(day, dice.uniform(OPENING + 5, CLOSING)) for _ in range(count)]
    visits.append(Visit(today - 1, LAST_SALE - (store * 3) % 8))
    sales = []
    for visit in sorted(visits):
        buyer = Buyer(shelf, _PASSER, dice, child_born=None)
        buyer.choose((), None)
        sales.append(buyer.sale(visit, store) or _anything(buyer, shelf, visit, store))
    return sales


def _anything(buyer: Buyer, shelf: Shelf, visit: Visit, store: int) -> Sale:
    """Whatever is always to be had, for the moments when chance found nothing."""
    always = next(good for good in shelf.goods if not good.months and not good.ages and good.new is None)
    buyer.prefer([always.group])
    sale = buyer.usual_sale(visit, store)
    assert sale is not None  # noqa: S101 — it is always to be had
    return sale
