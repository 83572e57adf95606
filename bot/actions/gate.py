"""What stands against giving a customer a coupon, in the order it is said: her wish, her complaint, her body.

The offer's own days, caps and budget are the database's to decide; here they only become a sentence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.cards.offers import until
from bot.db import facts as stored
from bot.db import matters
from bot.db.board import birthdays as kept
from bot.db.offers import goods, plays
from bot.db.offers import offers as batches
from bot.domain import birthdays, words
from bot.domain.calendar.occurrences import next_celebration
from bot.domain.customers import Fact, Matter, Sight
from bot.domain.errors import ConflictError, NotAllowedError, Offers
from bot.domain.selling import gate
from bot.domain.selling.gate import Barred
from bot.domain.selling.offers import Offer
from bot.domain.selling.plays import choosing
from bot.domain.shop import Staff

NO_COUPONS = ("别再联系", "别群发", "别发券")
_NEW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Known:
    """What decides whether she may be given anything: her facts, what is open with her, what she agreed to."""

    facts: Sequence[Fact]
    open: Sequence[Matter]
    consents: dict[str, bool]

    @property
    def declines(self) -> str:
        """Her word that she wants no offers; empty where there is none."""
        rules = (fact.value for fact in self.facts if fact.kind == "contact_rule" and fact.state != "void")
        said = next((rule for rule in rules if not_wanted(rule)), "")
        return said or ("不同意联系" if self.consents.get("contact") is False else "")

    @property
    def complains(self) -> Matter | None:
        """A complaint of hers that is still open, wherever in the chain."""
        return next((one for one in self.open if one.kind == "complaint"), None)


def not_wanted(rule: str) -> bool:
    """Whether a contact rule means that she wants no coupons."""
    return any(word in rule for word in NO_COUPONS)


def known_of(conn: Connection, customer_id: int, now: datetime) -> Known:
    """Read what is known of her, from the rows as they are, whatever the asker's channel may show."""
    return Known(
        stored.of_customer(conn, customer_id, now),
        matters.open_of(conn, customer_id),
        stored.consents_of(conn, customer_id),
    )


def refuse_unfit(offer: Offer, staff: Staff, today: date) -> None:
    """Refuse an offer that is stopped, another store's, not on today or given out; raises ConflictError."""
    if offer.store_id is not None and staff.store_id is not None and offer.store_id != staff.store_id:
        raise ConflictError(f"「{offer.name}」是别的门店的券，这里不能发。")
    if offer.state != "live" or batches.has_ended(offer, today):
        raise ConflictError(f"「{offer.name}」已经结束了，没发。")
    if offer.starts_on and offer.starts_on > today:
        raise ConflictError(f"「{offer.name}」{until(offer.starts_on, today)}才开始，没发。")
    if not batches.is_left(offer):
        raise gone(offer)


def gone(offer: Offer) -> ConflictError:
    """That the cap or the budget is reached."""
    return ConflictError(f"「{offer.name}」已发完，没发。")


def refuse_unwilling(known: Known) -> None:
    """Refuse where she wants no offers, or waits for an apology; raises ConflictError."""
    if known.declines:
        raise ConflictError("她说过不想收活动消息，券没发。她当面改口的话，请先把这条联系要求撤掉再发。")
    if known.complains:
        raise ConflictError("她有一件客诉还没办结，先别发券。先把事情办好，办结后再发。")


def barred_by(conn: Connection, known: Known, offer: Offer) -> Barred | None:
    """What her allergies and avoidances bar of an offer."""
    if not any(fact.kind in gate.KINDS for fact in known.facts):
        return None
    return gate.barred(offer, known.facts, goods.of(conn, [offer]))


def against(conn: Connection, customer_id: int, offer: Offer, now: datetime) -> Barred | None:
    """What stands against an offer for a customer, to be named with a coupon that may be given all the same."""
    return barred_by(conn, known_of(conn, customer_id, now), offer)


def refusal(found: Barred, offer: Offer, why: str, instead: Offers) -> ConflictError:
    """That she must not have an offer, and what may be given instead; without `why`, not even for which reason."""
    if not why:
        return ConflictError(f"⛔「{offer.name}」不适合她，没发。可以换一张。", instead)
    named = [thing for thing in found.things if thing not in (offer.name, offer.terms.words)]
    things = "、".join(named[:3])
    if not named:
        what = f"「{offer.name}」{offer.terms.words and f'是{offer.terms.words}'}，没发。"
    elif offer.kind == "gift" or offer.terms.gift_id is not None:
        what = f"「{offer.name}」送的是{things}，没发。"
    elif offer.terms.items or offer.terms.categories:
        what = f"「{offer.name}」只能买{things}，没发。"
    else:
        what = f"「{offer.name}」没发。"
    return ConflictError(f"⛔ {why}，{what}坚持发就写：发 {offer.name} 坚持 原因", instead)


def why(found: Barred, staff: Staff) -> str:
    """Her facts that bar it, in words; nothing where they are not to be told."""
    return "" if tells_nothing(staff) else plainly(found)


def plainly(found: Barred) -> str:
    """Her facts that bar it, in words, for whoever may know them."""
    return "、".join(dict.fromkeys(map(_said, found.facts)))


def tells_nothing(staff: Staff) -> bool:
    """Whether a refusal must not say which of her facts it is for: not to head office, not on a closed channel."""
    return staff.veil == "closed" or staff.role == "hq"


def _said(fact: Fact) -> str:
    said = fact.value if fact.value.endswith("过敏") else f"{fact.value}{'过敏' if fact.kind == 'allergy' else '不要'}"
    return f"{words.whose(fact.of) or '她'}{said}{'（等她同意记录）' if fact.state == 'pending' else ''}"


def refuse_out_of_season(conn: Connection, sight: Sight, offer: Offer, staff: Staff, today: date) -> None:
    """Refuse the coupon of the birthday play but in the days in which a birthday is wished for; says when."""
    if offer.name != birthday_offer(conn, staff) or celebrates(conn, sight, today):
        return
    around = f"生日前{choosing.AHEAD}天到后{choosing.AFTER}天"
    if tells_nothing(staff):
        raise ConflictError(f"「{offer.name}」只在{around}发，没发。")
    read = birthdays.read(sight.customer.birthday) if sight.customer.birthday else None
    if read is None:
        raise ConflictError(f"「{offer.name}」只在{around}发，还没记她的生日，没发。记一句她的生日再发。")
    first = next_celebration(read, today, kept.keeping_of(conn, read)).on - timedelta(days=choosing.AHEAD)
    raise ConflictError(f"「{offer.name}」只在{around}发，没发。她的可以从{until(first, today)}起发。")


def celebrates(conn: Connection, sight: Sight, today: date) -> bool:
    """Whether her birthday is in the days in which it is wished for, as the chain keeps it."""
    read = birthdays.read(sight.customer.birthday) if sight.customer.birthday else None
    return read is not None and choosing.celebrates(sight.customer.birthday, today, kept.keeping_of(conn, read))


def birthday_offer(conn: Connection, staff: Staff) -> str:
    """The name of the offer that goes with the birthday play."""
    return plays.of(conn, staff.vertical)["birthday"].offer


def doubtful(conn: Connection, sight: Sight, offer: Offer, staff: Staff, now: datetime) -> str:
    """Why a guide may not give alone what costs something: whoever never bought may be herself under a spare number.

    Within a day of being put on file nothing goes out alone, whoever made the file and whatever was bought and
    refunded. Later the offer of the play for those who never bought may, since it brings a first purchase; a chain
    whose orders are not kept here cannot tell who bought, so the later rule rests there. Staff have no number on
    file, so the number itself cannot be compared.
    """
    if staff.role != "guide" or not offer.cost_fen or sight.stats.orders:
        return ""
    if sight.customer.created_at > now - _NEW:
        return "她的档案建了不到一天，还没有消费过"
    if offer.name == plays.of(conn, staff.vertical)["layer.never"].offer or not batches.keeps_orders(conn):
        return ""
    return "她还没有消费过"


def may_give(conn: Connection, offer: Offer, staff: Staff) -> bool:
    """Whether a coupon of this offer costs no more than she may give without asking."""
    guide, manager = batches.limits(conn)
    if staff.role == "hq":
        return True
    return offer.cost_fen <= (manager if staff.role == "manager" else guide)


def clear(conn: Connection, known: Known, found: Iterable[Offer]) -> list[tuple[Offer, Barred | None]]:
    """Those of several offers that she may have, each with what is barred of it; reads the goods once."""
    listed = list(found)
    if not any(fact.kind in gate.KINDS for fact in known.facts):
        return [(offer, None) for offer in listed]
    held = goods.of(conn, listed)
    judged = [(offer, gate.barred(offer, known.facts, held)) for offer in listed]
    return [(offer, bar) for offer, bar in judged if bar is None or not bar.whole]


class NeedsApprovalError(NotAllowedError):
    """More than this person may give alone: somebody who may has to say yes; `why` is what is told her."""

    def __init__(self, why: str) -> None:
        """Keep why."""
        super().__init__(f"{why}，要先请示。")
        self.why = why
