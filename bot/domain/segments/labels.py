"""The labels a customer may have, their codes in the database and their words in chat."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Scheme = Literal["layer", "stage", "spend", "frequency"]
SCHEMES: dict[Scheme, str] = {"layer": "分层", "stage": "阶段", "spend": "消费", "frequency": "频次"}
"""What is kept of each customer after a refresh; source and attributes are read when asked for."""

LAYERS: dict[str, str] = {
    "loyal": "高价值忠诚",
    "leaving": "要走的大客",
    "potential": "潜力成长",
    "ordinary": "普通常客",
    "new": "新客",
    "slowing": "变慢",
    "lost_big": "沉睡大客",
    "asleep": "沉睡",
    "never": "还没买过",
}
"""RFM × life cycle, in the order they are listed in chat."""

LIFE: dict[str, str] = {"new": "新客", "asleep": "沉睡", "never": "还没买过"}
"""What a customer may be in a scheme of bands besides its bands."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What a refresh makes of a customer, a column each; `r`, `f` and `m` are fifths, 5 the best, 0: never bought.

    `spend` and `frequency` are codes of the bands of her store's rules, or of LIFE (`spend`: only never).
    """

    stage: str
    layer: str
    spend: str
    frequency: str
    r: int
    f: int
    m: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The labels kept of a customer; `as_of` is the day of the refresh, `since_on` when she came to her layer."""

    customer_id: int
    store_id: int
    labels: Labels
    since_on: date
    as_of: date
