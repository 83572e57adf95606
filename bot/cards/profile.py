"""The card: eight lines, the warning first; what would embarrass if the phone were seen stays behind 全."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.cards import facts as wording
from bot.cards import offers as offering
from bot.chat import Choice, Reply, digits
from bot.domain import advice, masks, rhythm, words
from bot.domain.customers import Fact, Matter, Sight
from bot.domain.segments.labels import LAYERS
from bot.domain.selling.offers import Coupon, Offer
from bot.domain.selling.plays import Play
from bot.domain.shop import Staff

_STALE = timedelta(hours=36)
_MOST_COUPONS = 2
# What a card calls a layer: she may see the phone. The layers themselves stay behind 全 and 为什么.
_KINDLY = {
    "loyal": "贵客",
    "leaving": "老客，多关照",
    "potential": "常客",
    "ordinary": "常客",
    "new": "新客",
    "slowing": "有阵子没来",
    "lost_big": "老客，多关照",
    "asleep": "很久没来",
    "never": "还没买过",
}


@dataclass(frozen=True, slots=True)
class View:
    """All that a card is made of. `usual` are her usual products by name, `news` a new variant of one of them.

    `withheld`: there is something to be minded (a warning, a complaint, a promise …) that may not be shown here.
    `layer` is what the refresh of `layered_on` made of her, empty where none saw her. `play` is hers now, `offer` what
    of it may be given here at once; None: nothing. `fine`: what of the usual and the new she may have; `hers` what may
    be shown to herself of that and of what she likes; `gaps` are what words for her may name.
    """

    sight: Sight
    facts: tuple[Fact, ...]
    matters: tuple[Matter, ...]
    usual: tuple[str, ...]
    news: str
    pace: rhythm.Rhythm
    token: str
    staff: Staff
    now: datetime
    withheld: bool = False
    layer: str = ""
    layered_on: date | None = None
    play: Play | None = None
    offer: Offer | None = None
    coupons: tuple[Coupon, ...] = ()
    fine: tuple[str, ...] = ()
    hers: tuple[str, ...] = ()
    gaps: Mapping[str, str] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The shop's local day."""
        return self.now.astimezone(self.staff.zone).date()


def who(sight: Sight) -> str:
    """How a customer is named to staff: surname, star and last four digits; one without a number by her alias."""
    customer = sight.customer
    if customer.name:
        return masks.who(customer.name, customer.last4)
    alias = words.clip(customer.alias, 60) if customer.alias else masks.name("")
    if customer.last4:
        return f"{alias}（尾号{customer.last4}）"
    return f"{alias}（{'临时' if customer.state == 'temporary' else customer.customer_no or '没留号'}）"


def card(view: View) -> Reply:
    """The card itself, with what may be pressed."""
    note, whole = Choice("记一句", f"记 #{view.token}", takes_text=True), Choice("全部", f"全 #{view.token}")
    choices = (note, whole, Choice("给看", f"给看 #{view.token}"))
    if view.offer:
        choices = (Choice(f"发{view.offer.name}", f"发 #{view.token} {view.offer.number}"), note, whole)
    lines = [
        _warning(view),
        _open(view),
        _who(view),
        _usual(view),
        _pace(view),
        _held(view),
        _today(view),
        f"{digits(choices)}　· {_age(view)}",
    ]
    return Reply("\n".join(filter(None, lines)), choices, about=(view.sight.customer.id,))


def _warning(view: View) -> str:
    return wording.NOTICE if view.withheld else wording.warning(view.facts)


def _open(view: View) -> str:
    if not view.matters:
        return ""
    said = [_matter(matter, view) for matter in view.matters[:2]]
    more = f" 等{len(view.matters)}件" if len(view.matters) > 2 else ""
    return f"📌 {'；'.join(said)}{more}"


def _matter(matter: Matter, view: View) -> str:
    due = f"，{words.clock(matter.due_at, view.now, view.staff.zone)}前" if matter.due_at else ""
    late = "（已过期）" if matter.due_at and matter.due_at < view.now else ""
    if matter.kind == "complaint":
        return f"客诉 #{matter.number} 未结：{words.join(matter.facets) or '待回复'}{due}{late}"
    label = {"promise": "答应过", "hold": "留货", "reminder": "提醒"}[matter.kind]
    label += f" #{matter.number}" if matter.number else ""
    return f"{label}：{words.clip(matter.text, 90)}{due if matter.kind == 'hold' else ''}{late}"


def _who(view: View) -> str:
    sight = view.sight
    guide = "你的客户" if sight.mine else f"{sight.guide_name}的客户" if sight.guide_name else ""
    rules = words.join(f.value for f in view.facts if f.kind == "contact_rule" and f.state == "live")
    stage = _KINDLY.get(view.layer) or rhythm.STAGES[view.pace.stage]
    parts = [who(sight), stage, guide, f"📵{rules}" if rules else ""]
    if not sight.here and view.staff.store_id:
        parts.append("别店客户")
    return " · ".join(filter(None, parts)).replace("） ·", "）·")


def _usual(view: View) -> str:
    likes = words.join(
        dict.fromkeys(f.value for f in view.facts if f.kind == "preference" and f.of is None and f.state == "live")
    )
    sizes = words.join(
        f"{f.facet or ''}{f.value}" for f in view.facts if f.kind == "size" and f.of is None and f.state == "live"
    )
    text = " ".join(filter(None, (words.join(view.usual), words.clip(likes, 60), sizes)))
    return f"{'常买' if view.usual else '喜好'}：{text}" if text else ""


def _pace(view: View) -> str:
    return "" if view.pace.stage == "never" else rhythm.say(view.pace)


def _held(view: View) -> str:
    """The coupons she holds, the one that ends first at the top."""
    if not view.coupons:
        return ""
    more = f" 等{len(view.coupons)}张" if len(view.coupons) > _MOST_COUPONS else ""
    return f"券：{words.join(offering.held(one, view.today) for one in view.coupons[:_MOST_COUPONS])}{more}"


def _today(view: View) -> str:
    if view.staff.veil == "closed":  # a product left out, or an apology, would tell what is withheld
        return "今天可说：先看提醒，再开口" if view.withheld else f"今天可说：{advice.neutral(view.pace.stage)}"
    said = advice.today(
        stage=view.pace.stage,
        complaint=next((m.facets or (m.text,) for m in view.matters if m.kind == "complaint"), None),
        promise=any(m.kind == "promise" for m in view.matters),
        usual=[name for name in view.usual if name in view.fine],
        news=view.news if view.news in view.fine else "",
        barred=[f.value for f in view.facts if f.kind in ("allergy", "avoid") and f.of is None],
    )
    return f"今天可说：{said}"


def _age(view: View) -> str:
    at = view.staff.data_at
    if at is None:
        return "还没有导入订单"
    old = "（数据旧了，请管理员看收银有没有上传）" if view.now - at > _STALE else ""
    layers = f"，分层到 {view.layered_on:%m-%d}" if view.layered_on and (view.today - view.layered_on).days > 1 else ""
    return f"数据到{words.clock(at, view.now, view.staff.zone)}{old}{layers}"


def details(view: View, guide: str, orders: Sequence[str], old_numbers: int) -> Reply:
    """Everything, for the private chat alone: money, level, every fact with who noted it."""
    stats = view.sight.stats
    money = (
        f"买过{stats.orders}单，共{words.money(stats.spent_fen)}，均单{words.money(stats.spent_fen // stats.orders)}，"
        f"最大一单{words.money(stats.best_ticket_fen)}" + (f"，退过{stats.refunds}单" if stats.refunds else "")
        if stats.orders
        else "还没有订单"
    )
    known = wording.group([f for f in view.facts if f.kind not in ("allergy", "avoid")])
    open_matters = [_matter(matter, view) for matter in view.matters]
    closed = view.staff.veil == "closed"
    lines = [
        _warning(view),
        who(view.sight) + "· " + (LAYERS.get(view.layer) or rhythm.STAGES[view.pace.stage]),
        _about(view, guide, old_numbers),
        money,
        _pace(view),
        *(f"📌 {line}" for line in open_matters),
        *(f"· {line}" for line in known),
        *([f"券：{words.join(offering.held(one, view.today) for one in view.coupons)}"] if view.coupons else []),
        f"生日和记录{wording.ELSEWHERE}" if closed else "",
        *([f"最近：{words.join(orders)}"] if orders else []),
        _age(view),
    ]
    choices = (
        Choice("记一句", f"记 #{view.token}", takes_text=True),
        Choice("给看", f"给看 #{view.token}"),
        Choice("为什么", f"为什么 #{view.token}"),
    )
    return Reply("\n".join(filter(None, lines)), choices, about=(view.sight.customer.id,))


def _about(view: View, guide: str, old_numbers: int) -> str:
    customer = view.sight.customer
    parts = [
        f"客户号 {customer.customer_no}" if customer.customer_no else "",
        {"female": "女", "male": "男"}.get(customer.gender or "", ""),
        f"生日 {wording.say_day(customer.birthday)}" if customer.birthday else "",
        f"来源 {customer.source}" if customer.source else "",
        f"等级 {customer.level}" if customer.level else "",
        f"积分 {customer.points}" if customer.points is not None else "",
        f"职业 {customer.job}" if customer.job else "",
        f"手机 {masks.phone(customer.phone)}" if customer.phone else "没留手机",
        f"旧号 {old_numbers} 个" if old_numbers else "",
        f"导购 {guide}" if guide else "",
    ]
    return " · ".join(filter(None, parts))


def for_her(view: View) -> Reply:
    """Safe to turn round: her points and what is kept away from her, nothing internal."""
    customer = view.sight.customer
    avoided = list(
        dict.fromkeys(f.value for f in view.facts if f.kind in ("allergy", "avoid") and not f.of and f.state == "live")
    )
    likes = [f.value for f in view.facts if f.kind == "preference" and not f.of and f.state == "live"]
    named = [name for name in dict.fromkeys((*view.usual, *likes)) if name in view.hers][:4]
    called = masks.polite(customer.name, customer.gender).replace("*", "女士/先生")
    lines = [
        f"{called}，您好！",
        f"您的积分：{customer.points}" if customer.points is not None else "",
        f"已为您避开：{words.join(avoided)}" if avoided else "",
        f"您喜欢：{words.join(named)}" if named else "",
        f"新品：{view.news}" if view.news in view.hers else "",
        "谢谢您常来，有任何不满意请直接告诉我们。",
    ]
    return Reply("\n".join(filter(None, lines)), about=(customer.id,), keeps_menu=True)


def why(view: View, layers: Sequence[str]) -> Reply:
    """Why she has her labels, a line each; then where the rest of her card comes from."""
    lines = [f"{who(view.sight)}：", *layers]
    if view.play:
        lines.append(f"打法：{view.play.called[0]} → {view.play.offer or '只问候，别发券'}。{view.play.action}")
    for fact in view.facts:
        if fact.kind == "allergy":
            source = {"chat": "聊天里记的", "import": "文件导入的", "demo": "档案里的"}.get(fact.source, fact.source)
            by = f"{fact.author} " if fact.author else ""
            whose = words.whose(fact.of)
            lines.append(f"⚠️ {whose}{fact.value}过敏：{by}{fact.said_at:%Y-%m-%d} {source}")
    if view.withheld:
        lines.append(wording.NOTICE)
    if view.usual:
        lines.append(f"常买：最近{len(view.sight.stats.recent)}件里买得最多的是 {words.join(view.usual)}")
    lines.append(_age(view))
    return Reply("\n".join(lines), about=(view.sight.customer.id,), keeps_menu=True)
