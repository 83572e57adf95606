"""Words in chat: 话术 gives what to say to her, by scene and layer, with her items in it."""

from dataclasses import dataclass, replace

from bot.actions import gate, profiles
from bot.cards import words as cards
from bot.cards.facts import ELSEWHERE
from bot.cards.profile import View
from bot.chat import Reply
from bot.commands import Context, command
from bot.db.core.engine import keys_of
from bot.db.offers import plays
from bot.domain.errors import ConflictError, UsageError
from bot.domain.selling.plays import Play, Tone, names
from bot.domain.selling.plays.words import APOLOGY, CALLED, OFFER, Scene, scene, scenes
from bot.domain.text import normal
from bot.domain.words import join
from bot.handlers.customers import Key, leading_key, parse_key, the_one

_ANYBODY = f"【{CALLED}】，谢谢您来，有什么想要的随时跟我说。"


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom (nobody: the one spoken of), on what occasion, and the how manieth wording."""

    key: Key
    about: str
    turn: int = 0


def parse_words(text: str) -> Asked:
    """`嫌贵`, `8000 生日`, `生日 8000`, nothing; a choice says `#token 生日 2`."""
    plain = text.strip() if text.startswith("#") else normal(text)
    key = leading_key(plain)
    words = key.rest.split()
    turn = int(words.pop()) if key.token and words and words[-1].isdecimal() else 0
    if not key and len(words) > 1 and _is_occasion(words[0]):
        return Asked(parse_key(" ".join(words[1:])), words[0])
    if not key and len(words) > 1 and _is_occasion(words[-1]):
        return Asked(parse_key(" ".join(words[:-1])), words[-1])
    return Asked(Key(token=key.token, mention=key.mention, number=key.number), " ".join(words), turn)


def _is_occasion(word: str) -> bool:
    return scene(word) is not None or word in names()


@command("话术", "怎么说", "huashu", takes=parse_words, example="/话术 嫌贵")
def words(ctx: Context, asked: Asked) -> Reply:
    """给客人的话：回归、生日、上新、嫌贵、道歉、感谢、邀请、到店；先查她就填好她喜欢的"""
    occasion = scene(asked.about) if asked.about else None
    play = _named(ctx, asked.about) if asked.about and occasion is None else None
    if asked.about and occasion is None and play is None:
        raise _none(asked.about)
    if not asked.key and ctx.focus is None:
        return _general(occasion, play)
    view = profiles.view(ctx.conn, the_one(ctx, asked.key), ctx.staff, ctx.now)
    return _for_her(ctx, view, occasion, play, asked.turn)


def _for_her(ctx: Context, view: View, occasion: Scene | None, play: Play | None, turn: int) -> Reply:
    """Words for one customer: of an occasion, of the play that was named, or of hers.

    While a complaint is open there are only those of an apology; who wants no offers hears of none.
    """
    if view.withheld:  # what she is told would tell of what may not be shown here
        raise ConflictError(f"先看提醒再开口，{ELSEWHERE}。")
    customer_id = view.sight.customer.id
    known = gate.known_of(ctx.conn, customer_id, ctx.now)
    why = "她有客诉没结，先道歉，别的先不说。" if known.complains else ""
    occasion = scene(APOLOGY) if known.complains else occasion
    unheard: Tone | None = "benefit" if known.declines else None
    meant = play or view.play  # the offer she may be given is that of her own play
    if occasion:
        lines, named = occasion.of(view.play.tone if view.play else "feeling", without=unheard), occasion.called[0]
    else:
        lines, named = meant.words if meant and meant.tone != unheard else (), ""
    tells = meant if lines and meant and meant.tone != unheard else None
    view = replace(view, play=tells)  # the tone that is told is that of the words
    gaps = view.gaps if meant == view.play else {gap: said for gap, said in view.gaps.items() if gap != OFFER}
    said = profiles.lines_for(ctx.conn, known, lines, gaps, _ANYBODY)
    place = turn % len(said)
    about = named or (play.called[0] if play else "")
    again = f"话术 #{keys_of(ctx.conn).token(customer_id, ctx.staff.id)} {about} {place + 1}".replace("  ", " ")
    return cards.words(view, said[place], named, why, again if len(said) > 1 else "")


def _named(ctx: Context, about: str) -> Play | None:
    """The play of a layer by one of its names."""
    return next((one for one in plays.of(ctx.conn, ctx.staff.vertical).values() if about in one.called), None)


def _none(about: str) -> UsageError:
    return UsageError(
        f"没有「{about[:10]}」的话术，有：{join(one.called[0] for one in scenes())}；也可以说一层：沉睡、高频。"
    )


def _general(occasion: Scene | None, play: Play | None) -> Reply:
    """The words with their gaps, of a scene or of a play."""
    if occasion:
        return cards.lines(occasion.called[0], occasion.of("feeling"))
    if play:
        return cards.lines(play.called[0], play.words)
    return cards.scenes([one.called[0] for one in scenes()])
