"""The day of a store for its group, and of the chain for head office: counts alone, no name, no digit, no allergy."""

from collections.abc import Mapping, Sequence
from datetime import date

from bot.cards.board.digest import band
from bot.domain import masks, words
from bot.domain.board.days import Band
from bot.domain.board.wording import FEW_PEOPLE, LONGEST, share, weekday

_MOST = 4


def visits(people: int, new: int, back: int, last_week: tuple[int, int] | None, on: date) -> str:
    """来了58位，新客14位，睡着的回来6位；回头客占76%（上周五71%）."""
    if not people:
        return "没有留名的客人来过"
    said = [f"来了{people}位留名的客人"]
    said += [f"新客{new}位"] if new else []
    said += [f"很久没来又回来的{back}位"] if back else []
    now = share(people - new, people)
    then = share(last_week[0] - last_week[1], last_week[0]) if last_week else ""
    again = f"；回头客占{now}" + (f"（上{weekday(on)}{then}）" if then else "") if now else ""
    return "，".join(said) + again


def themes(complaints: Mapping[str, int], wishes: Mapping[str, int], fewest: int = 2) -> str:
    """意见：等待×4　问过没有：无糖版×5; what only one person said is not told to everybody."""
    parts = []
    for name, counts in (("意见", complaints), ("问过没有", wishes)):
        told = {what: many for what, many in counts.items() if many >= fewest and _is_public(what)}
        some = [f"{words.clip(what, 36)}×{many}" for what, many in told.items()][:_MOST]
        parts += [f"{name}：{words.join(some)}"] if some else []
    return "　".join(parts)


def _is_public(what: str) -> bool:
    """Whether everybody may read it: nothing in it is somebody's name, number or allergy."""
    return "过敏" not in what and "*" not in what and masks.scrub(what) == what


def group(head: str, came: str, bands: Sequence[Band], said: str, reach: str) -> str:
    """The message to the group of a store."""
    lines = [f"{head}{came}", "　".join(band(one) for one in bands if one.people >= FEW_PEOPLE or one.more is None)]
    return words.clip("\n".join(filter(None, [*lines, said, reach])), LONGEST)


def office(head: str, stores: int, lines: Sequence[str], bands: Sequence[Band]) -> str:
    """The message to head office."""
    said = [f"{head}{stores}家店", "　".join(map(band, bands)), *lines]
    return words.clip("\n".join(filter(None, said)), LONGEST)
