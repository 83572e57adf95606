"""Words for a customer: lines with gaps, filled with what she is called, likes and what is new; scenes from data.

A gap is 【喜欢】 and the like, replaced as plain text: whatever else a line holds is said as it stands. A line that
has a gap nothing is known for is not said of a customer; without a customer the gaps stay to be seen.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.domain.selling.offers import Kind, Offer
from bot.domain.selling.plays import TONES, Tone

CALLED, LIKED, NEWS, SHOP, WHO, OFFER = "称呼", "喜欢", "新品", "店名", "我", "券"
GAPS = (CALLED, LIKED, NEWS, SHOP, WHO, OFFER)
_GAP = re.compile("【([^【】]*)】")
APOLOGY = "道歉"
_WITH: dict[Kind, tuple[str, ...]] = {
    "cut": ("【称呼】，给您留了张优惠券，买您喜欢的【喜欢】也能用。", "【称呼】，给您留了张优惠券，来店买东西能减。"),
    "percent": ("【称呼】，给您留了张折扣券，买您喜欢的【喜欢】也能用。", "【称呼】，给您留了张折扣券，来店能便宜些。"),
    "second_half": (
        "【称呼】，第二件半价给您留了一张，您喜欢的【喜欢】也算，约个朋友一起来。",
        "【称呼】，第二件半价给您留了一张，约个朋友一起来。",
    ),
    "gift": ("【称呼】，给您备了一份小心意，您来店时我拿给您。",),
    "counted": ("【称呼】，给您留了一张多买多送的券，买一次，可以分几次用。",),
    "pickup": ("【称呼】，给您留了张到店自提券，您先点好，到店就能取。",),
    "next_visit": ("【称呼】，谢谢您来，给您留了张下次用的券，再来时更划算。",),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """An occasion to speak on: its names in chat, and lines by tone."""

    called: tuple[str, ...]
    lines: Mapping[Tone, tuple[str, ...]]

    def of(self, tone: Tone, *, without: Tone | None = None) -> tuple[str, ...]:
        """Lines of a tone first, then the others: 换一句 goes on with them; none of the tone she is not to hear."""
        tones = (tone, *(one for one in TONES if one != tone))
        return tuple(line for one in tones if one != without for line in self.lines.get(one, ()))


@cache
def scenes() -> tuple[Scene, ...]:
    """Every scene there are words for."""
    raw = tomllib.loads(files("bot.domain.selling.plays").joinpath("scenes.toml").read_text("utf-8"))
    return tuple(
        Scene((name, *row.get("called", ())), {tone: tuple(row[tone]) for tone in TONES if tone in row})
        for name, row in raw.items()
    )


def scene(word: str) -> Scene | None:
    """The scene a word names."""
    return next((one for one in scenes() if word in one.called), None)


def with_coupon(offer: Offer) -> tuple[str, ...]:
    """What is said with a coupon that no play has words for, by what it gives; the last needs no more than her name.

    What she likes is named only where the coupon can be spent on it: on anything.
    """
    lines = _WITH[offer.kind]
    return lines[-1:] if offer.terms.items or offer.terms.categories else lines


def given(offer: Offer | None) -> dict[str, str]:
    """What 【券】 stands for where an offer goes with the words; nothing without one, so that none is promised."""
    return {OFFER: offer.name + "券" * (not offer.name.endswith("券"))} if offer else {}


def unknown_gaps(line: str) -> list[str]:
    """Gaps of a line that nothing ever fills."""
    return [gap for gap in _GAP.findall(line) if gap not in GAPS]


def is_whole(line: str) -> bool:
    """Whether every bracket of a line has its other half."""
    return not re.search("[【】]", _GAP.sub("", line))


def fill(line: str, known: Mapping[str, str]) -> str | None:
    """The line as it is said; None where it needs something that is not known."""
    gaps = _GAP.findall(line)
    if any(not known.get(gap) for gap in gaps):
        return None
    return _GAP.sub(lambda found: known[found[1]], line)
