"""What was asked for and not there, in chat."""

from collections.abc import Sequence

from bot.cards import facts as wording
from bot.cards.notes import UNDO
from bot.cards.profile import who
from bot.chat import Reply
from bot.domain.customers import Sight
from bot.domain.shop import Staff

_MOST_LEFT = 5


def noted(wanted: str, nth: int, sight: Sight | None, staff: Staff, warning: str) -> Reply:
    """已记：缺 无糖版, by whom, and how many asked this month."""
    what = f"缺 {wanted}" if staff.veil != "closed" else f"内容{wording.ELSEWHERE}"
    by = f"，{who(sight)}" if sight else "，没留名"
    arrives = "" if staff.veil == "closed" else f"到货了发「到货 {wanted}」，就出名单。"
    calls = "到货叫她。" if sight else ""
    lines = [f"已记：{what}{by}", warning, f"本月第{nth}位问的，{calls}{arrives}{UNDO}"]
    about = (sight.customer.id,) if sight else ()
    return Reply("\n".join(filter(None, lines)), about=about, keeps_menu=True)


def counted(rows: Sequence[tuple[str, int]]) -> Reply:
    """What was asked for most this month."""
    if not rows:
        return Reply("本月还没有人问过没有的东西。要记，发：/缺 无糖版", keeps_menu=True)
    lines = ["本月问了没有的：", *(f"· {what} {count}人" for what, count in rows), "到货了发「到货 名称」，就出名单。"]
    return Reply("\n".join(lines), keeps_menu=True)


def counted_closed(kinds: int) -> Reply:
    """The same where what was noted may not be shown."""
    return Reply(f"本月问了没有的有{kinds}样，{wording.ELSEWHERE}。", keeps_menu=True)


def listed(goods: str, how_many: int, when: str, tag: str, by: str) -> str:
    """That those who asked were listed a while ago: when, and in which list."""
    what = f"「{goods}」" if goods else "它"
    whose = f"在{by}的" if by else "在你的"
    return f"问过{what}的{how_many}位{when}刚列过，{whose}{tag}里。"


def nobody(goods: str, before: str) -> Reply:
    """Nobody who asked for it is still to be told; `before`: where they were listed."""
    if before:
        return Reply(f"{before}没有新问的。", keeps_menu=True)
    what = f"「{goods}」" if goods else "它"
    return Reply(f"没有还在等{what}的客人。问过没有的，发「缺」看。", keeps_menu=True)


def called(listed: str, goods: str, nameless: int, left: Sequence[tuple[Sight, str]], before: str) -> Reply:
    """The list; then who waited without a name, and who is not on it. `before`: where others were listed."""
    others = "别的" * bool(before)
    nobody_listed = f"{goods}到了，{before}{others}" + ("问过的现在都不能打。" if left else "问过的都没留名。")
    lines = [listed or nobody_listed]
    if left:
        lines.append("没列进来：" + "；".join(f"{who(sight)}{why.rstrip('。')}" for sight, why in left[:_MOST_LEFT]))
    if nameless:
        lines.append(f"还有{nameless}位没留名的问过，见到了说一声。")
    if listed or nameless:
        lines.append(UNDO)
    return Reply("\n".join(lines))
