"""Reading sentences: the longest a guide may send, put together from what guides say."""

import random
from collections.abc import Iterator

from bot.bench.figures import Figure
from bot.bench.place import SEED
from bot.bench.rounds import in_turn, once, rounded
from bot.domain.language import read
from bot.understand import LONGEST

_SAID = (
    "她芒果过敏", "三分糖去冰", "生日3月8日", "别打电话发微信就行", "王姐说那件羊毛衫起球了", "她老公不能喝冰的",
    "下周三之前答复她", "13800138000 王芳", "喜欢浅色宽松的", "穿M码鞋37", "孩子五岁对牛奶过敏", "上次的蛋糕很满意",
    "投诉等了四十分钟", "要靠窗的位置", "尾号8000那位", "明天下午三点来取", "不吃香菜", "她闺蜜也想办卡",
    "给她留两盒芋泥波波", "幺三八零零幺三八零零零", "搬到静安那边去了", "农历八月初二生日", "退过一次裙子",
)  # fmt: skip


def measure(readings: int) -> Iterator[Figure]:
    """The first sentence with its dictionary, then long ones, each different."""
    texts = [_long(random.Random(SEED + turn)) for turn in range(readings)]  # noqa: S311 — no secret
    first = once(lambda: read(_SAID[0]))
    took = in_turn({"long": lambda turn: read(texts[turn % readings])}, readings)["long"]
    short = in_turn({"short": lambda turn: read(_SAID[turn % len(_SAID)])}, readings)["short"]
    yield Figure("parse.first_ms", rounded(first * 1000), "ms")
    yield Figure("parse.short_ms", rounded(short.us / 1000), "ms")
    yield Figure("parse.long_ms", rounded(took.us / 1000), "ms")
    yield Figure("parse.long_p99_ms", rounded(took.p99_us / 1000), "ms", 20)


def _long(dice: random.Random) -> str:
    """As many sayings as fit into the longest message there is."""
    text = ""
    while len(text) < LONGEST:
        text += dice.choice(_SAID) + dice.choice("，。 、；")
    return text[:LONGEST]
