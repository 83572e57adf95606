"""名单: my list as it is now, by kind."""

from bot.actions.lists import listing
from bot.cards.calling import rows as cards
from bot.chat import Reply
from bot.commands import STORE, Context, command
from bot.db.lists import lists
from bot.domain.errors import UsageError
from bot.domain.lists.kinds import KINDS, Kind
from bot.domain.text import normal
from bot.handlers.lists.shared import here

_SAYINGS: dict[str, Kind] = {
    "": "today",
    "今天": "today",
    "全部": "today",
    "召回": "recall",
    "沉睡": "recall",
    "好久没来": "recall",
    "生日": "birthday",
    "过生日": "birthday",
    "快用完": "replenish",
    "复购": "replenish",
    "补货": "replenish",
    "要走": "leaving",
    "要走的大客": "leaving",
    "升级": "upgrade",
    "潜力": "upgrade",
    "到期券": "expiring",
    "到期": "expiring",
    "券": "expiring",
    "关怀": "care",
}
_RANKED: tuple[Kind, ...] = ("today", "recall", "leaving", "upgrade")
_NOBODY: dict[Kind, str] = {
    "today": "现在没有要找的人：该找的都找过了，或者还没到时候。",
    "recall": "现在没有该召回的人：都在自己的节奏里，或者刚联系过。",
    "birthday": "最近7天没有人过生日。",
    "replenish": "现在没有快用完的。",
    "leaving": "现在没有要走的大客。",
    "upgrade": "现在没有可以升级的。",
    "expiring": "三天内没有到期的券。",
    "care": "今天没有要问候的。",
}


def parse_kind(text: str) -> Kind:
    """召回, 生日, 快用完, 要走, 升级, 到期券; nothing is today's."""
    said = normal(text).strip(" 的")
    if said not in _SAYINGS:
        raise UsageError("看哪种名单？召回、生日、快用完、要走、升级、到期券，不写就是今天的。")
    return _SAYINGS[said]


@command("名单", "我的名单", "mingdan", takes=parse_kind, example="/名单", roles=STORE)
def mine(ctx: Context, kind: Kind) -> Reply:
    """我现在要找的人：名单、名单 召回／生日／快用完／要走／升级／到期券"""
    place = here(ctx)
    one = listing.now(place, kind, ctx.staff.id, leads=ctx.staff.leads)
    if one is None:
        silent = f"{place.silent}。" if place.silent and kind in _RANKED else ""
        return Reply(silent or _NOBODY[kind], keeps_menu=True, focus=False)
    rows = lists.rows_of(ctx.conn, one.id)
    still = sum(row.is_open for row in rows)
    what = "今天" if kind == "today" else KINDS[kind]
    count = f"{len(rows)}位" if still == len(rows) else f"{len(rows)}位，还剩{still}位"
    ranked = f"（{cards.ORDERED}）" if kind in _RANKED else ""
    head = f"{one.tag}{ctx.staff.name}，{what}{count}{ranked}："
    said = listing.told(place, one, rows, ctx.staff.id, head)
    about = tuple(row.customer_id for row in rows)
    return Reply(said.discreet if ctx.staff.veil == "closed" else said.text, said.choices, about=about, focus=False)
