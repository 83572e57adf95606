"""Which label people mean: 高频, 奶茶党, 沉睡, 大客, 新客 … in whatever scheme it stands."""

from typing import NamedTuple

from bot.domain.segments.labels import SCHEMES, Scheme
from bot.domain.segments.rules import Rules
from bot.domain.text import normal

_ORDER: tuple[Scheme, ...] = ("frequency", "spend", "stage", "layer")  # where a name stands in several, the first
_LIFE_IN: Scheme = "stage"  # but how she comes is asked of the stage
_LIFE = ("new", "asleep", "never", "slowing", "regular")
_OTHERWISE = {
    "大客": "高消费", "大客户": "高消费", "大户": "高消费", "小客": "低消费", "老客": "常客", "熟客": "常客",
    "回头客": "常客", "新人": "新客", "睡着": "沉睡", "流失": "沉睡", "睡客": "沉睡", "沉睡客": "沉睡",
    "没买过": "还没买过", "快走的": "要走的大客", "要走": "要走的大客", "忠诚": "高价值忠诚", "vip": "高价值忠诚",
    "潜力客": "潜力成长",
}  # fmt: skip
_TAILS = ("客户", "客人", "顾客", "人群", "的人", "的", "族", "党", "们", "客")


class Named(NamedTuple):
    """A label: its scheme, its code, its words."""

    scheme: Scheme
    code: str
    name: str


def meant(text: str, rules: Rules) -> list[Named]:
    """The labels words may mean, best first; exactly one where they say it in full. A scheme may stand before."""
    said = normal(text).strip().lower()
    scheme = next((code for code, name in SCHEMES.items() if said.startswith(name) and said != name), None)
    if scheme:
        said = said.removeprefix(SCHEMES[scheme]).strip(" ：:的")
    labels = [
        Named(one, code, name) for one in _ORDER if scheme in (None, one) for code, name in rules.names(one).items()
    ]
    for words in dict.fromkeys((said, _bare(said))):
        wanted = _OTHERWISE.get(words, words)
        exact = [one for one in labels if one.name.lower() == wanted]
        if exact:
            life = [one for one in exact if one.code in _LIFE and one.scheme == _LIFE_IN]
            return (life or exact)[:1]
    words = _bare(said)
    return [one for one in labels if len(words) > 1 and words in one.name.lower()] if words else []


def _bare(words: str) -> str:
    return next(
        (words.removesuffix(tail) for tail in _TAILS if words.endswith(tail) and len(words) > len(tail) + 1), words
    )
