"""Redeeming in chat: done, which one, and why not; a warning always comes first."""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from bot.cards.offers import until
from bot.cards.profile import who
from bot.chat import Choice, Reply, numbered
from bot.domain import words
from bot.domain.customers import Fact, Sight
from bot.domain.selling import codes as coupon_codes
from bot.domain.selling.offers import Coupon
from bot.domain.shop import Staff

MOST = 5


def used(offer: str, by: str, at: datetime, where: str) -> str:
    """Who had the last use of it, when and where; with its date, for it may be read another day."""
    return f"「{offer}」已经用过了：{day(at.date())}{at.hour}:{at.minute:02}在{where}核的（{by}）。"


def day(on: date) -> str:
    """11月28日."""
    return f"{on.month}月{on.day}日"


def done(coupon: Coupon, sight: Sight | None, warning: str, now: datetime, zone: tzinfo) -> Reply:
    """It is redeemed; `coupon` as it stands now. Without `sight` she may not be seen here: nothing is said of her."""
    whose = who(sight) if sight else ""
    left = f"核了1次，还剩{coupon.uses_left}次" if coupon.uses > 1 else "已核销"
    again = "" if coupon.uses_left else "再核会拒绝；"
    at = f"{now.astimezone(zone):%H:%M}"
    text = f"✅ {coupon.offer.name} {whose}{left}（你，{at}）。{again}退单自动还原，核错了回 撤"
    about = (sight.customer.id,) if sight else ()
    return Reply("\n".join(filter(None, [warning, text])), about=about, keeps_menu=True, focus=bool(about))


def warning(facts: Sequence[Fact], things: Sequence[str]) -> str:
    """What she must not be handed: ⚠️ 芒果过敏：别给杨枝甘露."""
    said = words.join(dict.fromkeys(f"{f.value}过敏" if f.kind == "allergy" else f"不要{f.value}" for f in facts))
    return f"⚠️ {said}{f'：别给{words.join(things[:3])}' if things else ''}" if said else ""


STRANGER = "⚠️ 这位客人不在你这里建档：给她东西之前，先问一句有没有过敏"
"""Before something is handed to a customer of whom nothing may be seen here."""


def which(found: Sequence[tuple[Coupon, Sight, str]], staff: Staff, now: datetime) -> Reply:
    """Several fit: which one? `str` is the token of each."""
    today = now.astimezone(staff.zone).date()
    shown = found[:MOST]
    choices = tuple(
        Choice(f"{coupon.offer.name} {who(sight)}{_left(coupon)}到{until(coupon.ends_on, today)}", f"核 #{token}")
        for coupon, sight, token in shown
    )
    title = f"有{len(found)}张，核哪张？回数字：" if len(found) > 1 else "核这张吗？回 1："
    more = [f"还有{len(found) - MOST}张没列，请发券码后四位。"] if len(found) > MOST else []
    lines = [title, *(f"{number} {choice.label}" for number, choice in numbered(choices)), *more]
    about = tuple(dict.fromkeys(sight.customer.id for _, sight, _ in shown))
    return Reply("\n".join(lines), choices, about=about, focus=len(about) == 1)


def _left(coupon: Coupon) -> str:
    return f"还剩{coupon.uses_left}次 " if coupon.uses > 1 else ""


def code(coupon: Coupon, sight: Sight, picture: str) -> Reply:
    """Its code in letters, and as a picture to be scanned."""
    text = f"{coupon.offer.name} {who(sight)}{_left(coupon)}到{day(coupon.ends_on)}\n{coupon_codes.show(coupon.code)}"
    return Reply(text, pictures=(picture,), about=(sight.customer.id,), keeps_menu=True)
