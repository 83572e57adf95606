"""What an answer under a list tells of the customers themselves: written as a note or a complaint about each is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.actions.lists.answering import sight_of
from bot.chat import Choice, Reply
from bot.commands import Context
from bot.db import catalog
from bot.db.core.engine import keys_of
from bot.db.lists.lists import Row
from bot.domain.lists import spoken
from bot.domain.lists.spoken import Told
from bot.domain.lists.values import Answers
from bot.handlers import complaints, notes, writing
from bot.handlers.customers import Key


def apart(ctx: Context, read: Answers) -> tuple[Answers, list[Told]]:
    """The answers, and what is no outcome but said of her; refuses words that must not be kept."""
    read, told = spoken.apart(read, catalog.names(ctx.conn) if read.words else ())
    for one in told:
        notes.clean(one.words)
    return read, told


def written(ctx: Context, rows: Mapping[int, Row], told: Sequence[Told]) -> list[Reply]:
    """Each kept for its customer, with what has to be asked."""
    return [_written(ctx, rows[one.row], one) for one in told]


def _written(ctx: Context, row: Row, one: Told) -> Reply:
    customer_id = sight_of(writing.writer(ctx), row.customer_id).customer.id
    key = Key(token=keys_of(ctx.conn).token(customer_id, ctx.staff.id))
    if one.complains:
        reply = complaints.complained(ctx, key, one.words, one.reading)
    else:
        reply = notes.noted(ctx, key, one.words, one.reading)
    said = "" if one.outcome else f"\n（第{row.position}位的电话结果没动，打过了再回「{row.position}打过了」）"
    return replace(reply, text=f"{reply.text}{said}")


def with_them(answered: Reply, told: Sequence[Reply]) -> Reply:
    """One reply of all; what has to be asked of them goes before what else might be pressed."""
    if not told:
        return answered
    choices: dict[str, Choice] = {one.command: one for reply in told for one in reply.choices}
    text = "\n".join(one.text for one in (answered, *told) if one.text)
    about = tuple(dict.fromkeys([*answered.about, *(row for one in told for row in one.about)]))
    kept = tuple(choices.values()) or answered.choices
    return Reply(text, kept, about=about, focus=len(about) == 1, keeps_menu=not kept)
