"""Complaints in chat: opened with what can be done at once, closed with one digit."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards import facts as wording
from bot.cards.profile import who
from bot.chat import Choice, Reply
from bot.domain import masks, words
from bot.domain.customers import Matter, Sight
from bot.domain.shop import Staff


def opened(sight: Sight, matter: Matter, staff: Staff, now: datetime) -> Reply:
    """What was filed, until when she must hear from us, and three things to do."""
    due = words.clock(matter.due_at, now, staff.zone) if matter.due_at else ""
    if sight.veil == "closed":
        head = f"记为客诉 #{matter.number} ✓ 内容{wording.ELSEWHERE}"
    else:
        what = words.join(matter.facets) or words.clip(masks.scrub(matter.text, [sight.customer.name]), 60)
        head = f"记为客诉 #{matter.number}{'（急）' if matter.urgent else ''}：{what}"
    text = f"{head}\n{who(sight)}· 负责人 你，{due}前回她；没结之前不给她推任何活动。错了回 撤"
    number = matter.number
    remedies = ("重做+道歉", "退款") if staff.leads else ("重做+道歉", "退款", "请店长")
    choices = tuple(Choice(one, f"诉办 {number} {one}") for one in remedies)
    return Reply(text, choices, about=(sight.customer.id,))


def remedied(sight: Sight, matter: Matter, what: str) -> Reply:
    """What was offered is kept; how to close. `what` is empty where it may not be said."""
    named = f"记为：{what}" if what else "记下了"
    text = f"#{matter.number} 处理方式{named}。办完发「诉结 {matter.number} 她怎么说」就能结案。"
    return Reply(text, about=(sight.customer.id,), keeps_menu=True)


def called(sight: Sight, matter: Matter, names: Sequence[str]) -> Reply:
    """The manager knows; words for the customer meanwhile."""
    whom = f"已叫 {words.join(names)}" if names else "这家店还没有店长账号，请直接打电话给店长"
    text = f"{whom}（#{matter.number}）。\n给她的话：“是我们没做好，给您添麻烦了。店长正在过来，您稍坐一下。”"
    return Reply(text, about=(sight.customer.id,), keeps_menu=True)


def for_manager(sight: Sight, matter: Matter, by: str) -> str:
    """What a manager is told."""
    urgent = "（急）" if matter.urgent else ""
    return f"🔔 {by} 请你处理客诉 #{matter.number}{urgent}：{who(sight)}，{words.join(matter.facets) or '见卡片'}。"


def for_manager_abroad(matter: Matter, by: str) -> str:
    """The same where nothing of it may be shown."""
    return f"🔔 {by} 请你处理客诉 #{matter.number}，{wording.ELSEWHERE}。"


def ask_close(sight: Sight, matter: Matter, how: str, outcome: str, said: str) -> Reply:
    """Close it? with what was understood, as it may be said."""
    text = f"#{matter.number} {who(sight)}结案吗？{said}"
    choices = (
        Choice("结案", f"诉结 {matter.number} 确认 {how} {outcome}"),
        Choice("再跟", "算了"),
    )
    return Reply(text, choices, about=(sight.customer.id,))


def closed(sight: Sight, matter: Matter, said: str) -> Reply:
    """It is closed; how, as it may be said, and what to do next time."""
    text = f"#{matter.number} 已结{said}。下次见到她先问一声合不合意。错了回 撤"
    return Reply(text, about=(sight.customer.id,), keeps_menu=True)


def listed(rows: Sequence[tuple[Matter, str, str]], now: datetime, staff: Staff, called_: Sequence[str]) -> Reply:
    """The open complaints of a store."""
    if not rows:
        return Reply("本店没有未结的客诉。", keeps_menu=True)
    lines = [f"未结客诉 {len(rows)} 件："]
    for (matter, _name, _last4), named in zip(rows, called_, strict=True):
        late = "⏰已过期 " if matter.due_at and matter.due_at < now else ""
        due = words.clock(matter.due_at, now, staff.zone) + "前" if matter.due_at else ""
        what = f"{named} {words.join(matter.facets)} " if staff.veil != "closed" else ""
        lines.append(f"#{matter.number} {what}{late}{due}")
    lines.append("结案发：诉结 号码 怎么处理的")
    if staff.veil == "closed":
        lines.append(f"是谁、什么事，{wording.ELSEWHERE}")
    about = tuple(dict.fromkeys(matter.customer_id for matter, *_ in rows))
    return Reply("\n".join(lines), about=about, focus=False, keeps_menu=True)
