"""Talk about a coupon that is no order to give it: a question, a no, a report, a plan; nothing goes out by itself."""

from bot.actions import gate, giving
from bot.actions.finding import Ambiguous, resolve_for_write
from bot.cards import coupons as cards
from bot.chat import Choice, Reply
from bot.commands import Context
from bot.db.core.engine import keys_of
from bot.db.offers import offers as batches
from bot.domain.customers import Sight
from bot.domain.errors import ConflictError, NotFoundError
from bot.domain.selling.drafts import picking
from bot.domain.selling.drafts.asking import Asked
from bot.domain.selling.offers import Offer
from bot.handlers import writing
from bot.handlers.customers import Key
from bot.handlers.selling import coupons

_MOST = 3


def considered(ctx: Context, key: Key, asked: Asked, text: str) -> Reply:
    """What is said to it, with the coupon one digit away where it may be meant after all."""
    sight = _about(ctx, key)
    if sight is None:
        return cards.considered(None, asked.mood, "", ())
    known = gate.known_of(ctx.conn, sight.customer.id, ctx.now)
    if coupons.veiled(ctx, known) or not ctx.staff.store_id:
        return cards.considered(None, asked.mood, "", ())
    found = _named(ctx, asked.which)
    against, free = _against(ctx, sight, found)
    choices = () if against and not free else coupons.choices(ctx, sight, free)
    token = keys_of(ctx.conn).token(sight.customer.id, ctx.staff.id)
    if asked.mood == "refuses":
        choices = (Choice("记下：她不要券", f"记 #{token} 别给她发券"),) if not known.declines else ()
    if asked.mood == "later":
        choices = (*choices, Choice("记一句到时提醒", f"记 #{token} {text}"))
    mood: str = asked.mood
    if mood == "asks" and not all(giving.gives_alone(ctx.conn, sight, one, ctx.staff, ctx.now) for one in free):
        mood = "needs"
    return cards.considered(sight, mood, against, choices)


def _about(ctx: Context, key: Key) -> Sight | None:
    """The one customer it is about, where there is exactly one."""
    if not key and ctx.focus is None:
        return None
    try:
        return resolve_for_write(ctx.conn, key.mention, staff=ctx.staff, now=ctx.now, focus=ctx.focus)
    except (Ambiguous, NotFoundError):
        return None


def _named(ctx: Context, which: str) -> list[Offer]:
    today = ctx.now.astimezone(ctx.staff.zone).date()
    return picking.picked(which, batches.live(ctx.conn, ctx.staff.store_id, today))


def _against(ctx: Context, sight: Sight, found: list[Offer]) -> tuple[str, list[Offer]]:
    """What stands against the first of some offers, and those nothing stands against."""
    work, against, free = writing.writer(ctx), "", []
    for offer in found:
        try:
            giving.check(work, sight, offer)
        except ConflictError as refused:
            against = against or refused.say
        else:
            free.append(offer)
    return against, free[:_MOST]
