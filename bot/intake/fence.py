"""What a file may not touch that is for one store only: other stores' orders, and people that store may not see."""

from collections.abc import Iterable

from bot.db.bulk import belonging, newcomers
from bot.intake.desk import Desk
from bot.intake.places import own_store
from bot.intake.reading.texts import Who

NOT_HERS = "这位顾客不在本店的档案里：请先在聊天里建档到本店，或交给总部导入"
OTHERS_ORDER = "这个单号是别的门店的：请核对单号，或交给总部导入"


def strangers(desk: Desk, everyone: Iterable[Who]) -> set[Who]:
    """Of these, whoever the chain knows but the one store may not see; nobody where an import is for all stores."""
    if not desk.options.only_store:
        return set()
    wanted = set(everyone)
    with desk.reading() as conn:
        known = newcomers.find(
            conn, [who.number for who in wanted if who.number], [who.phone for who in wanted if who.phone]
        )
        ids = {*known.by_number.values(), *known.by_phone.values()}
        hidden = belonging.unseen(conn, ids, own_store(conn, desk.options))
    return {who for who in wanted if {known.by_number.get(who.number), known.by_phone.get(who.phone)} & hidden}


def orders_elsewhere(desk: Desk, order_nos: Iterable[str]) -> set[str]:
    """Of these order numbers, those another store has already."""
    with desk.reading() as conn:
        return belonging.orders_elsewhere(conn, order_nos, own_store(conn, desk.options))
