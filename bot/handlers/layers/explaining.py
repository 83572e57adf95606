"""Why a customer has her labels, measured now; and what a label means."""

from bot.cards import segments as rule_cards
from bot.cards import stages as cards
from bot.cards.stages import Label
from bot.chat import Reply
from bot.commands import Context
from bot.db import people
from bot.db.segments import bought, crowds, rules, silence, snapshots, standings
from bot.domain.customers import Sight
from bot.domain.segments import layering
from bot.domain.segments import why as reasons
from bot.domain.segments.labels import Scheme
from bot.domain.segments.measures import measure
from bot.handlers.layers.labels import meant
from bot.handlers.layers.places import today_of

_SCHEMES: tuple[Scheme, ...] = ("stage", "layer", "frequency", "spend")


def lines(ctx: Context, sight: Sight) -> list[str]:
    """Every label of hers with the rule, the dates and the numbers it follows from, by the rules of her store."""
    conn, customer, today = ctx.conn, sight.customer, today_of(ctx)
    known = rules.in_force(conn)
    of_store = known.of(customer.store_id)
    hers = bought.of(conn, customer.id, today)
    measures = measure(hers, of_store, today, silence.silent_days(conn, customer.store_id, today))
    kept = standings.of(conn, customer.id)
    if not measures.purchase_days:
        layer = of_store.names("layer").get(kept.labels.layer, "") if kept else ""
        return [cards.never(bought.emptied(conn, customer.id), layer)]
    cuts = snapshots.cuts(conn, customer.store_id, of_store)
    live = layering.label(measures, of_store, cuts)
    pilot = customer.store_id in known.now.pilots
    origin = [f"按{people.store_name(conn, customer.store_id)}试点的规则。"] if pilot else []
    told = [
        Label(
            scheme,
            reasons.say(scheme, measures, of_store, cuts),
            of_store.names(scheme)[getattr(live, scheme)],
            of_store.names(scheme).get(getattr(kept.labels, scheme), "") if kept else "",
        )
        for scheme in _SCHEMES
    ]
    return [*origin, *cards.labels(told, kept.as_of if kept else None, today), *_little(ctx, customer.store_id)]


def _little(ctx: Context, store_id: int) -> list[str]:
    first = crowds.first_order_on(ctx.conn, store_id)
    said = layering.too_little(first, crowds.repeats(ctx.conn, store_id, layering.ENOUGH_REPEAT), today_of(ctx))
    return [said] if said else []


def rule(ctx: Context, text: str) -> Reply | None:
    """What a label means, by the rules of the asker's store; None where words name none."""
    of_store = rules.in_force(ctx.conn).of(ctx.staff.store_id)
    said = [line for one in meant(text, of_store)[:3] for line in rule_cards.meaning(one.scheme, one.code, of_store)]
    return Reply("\n".join(dict.fromkeys(said)), focus=False, keeps_menu=True) if said else None
