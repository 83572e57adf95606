"""Words made to keep a regular expression busy: no pattern of ours can be led to try the same letters in many ways.

Two looks: the shape of every pattern, and how work grows with a message's length, as a ratio within one run.
Elsewhere: what the reader of sentences takes for long texts in tests/domain/language/test_reading.
"""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from functools import cache
from itertools import islice
from re import _constants as codes
from re import _parser as parser
from typing import Any

import pytest

import bot
import bot.handlers
from bot.commands import collect
from bot.domain.errors import RefusalError
from bot.domain.language import read, warm
from bot.domain.language.patterns import Pattern
from bot.understand import LONGEST, understand

LEFT_OUT = ("bot.sandbox", "bot.demo", "bot.bench", "bot.__main__")
REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)
MANY = 8  # fewer turns multiply the work, and that is all
MOST = 1000
CATEGORIES = {codes.CATEGORY_DIGIT: "1", codes.CATEGORY_SPACE: " ", codes.CATEGORY_WORD: "a"}
Node = Any  # what the parser makes of a pattern has no public type
Ways = tuple[str, ...]


def patterns() -> dict[str, tuple[str, int]]:
    """Every pattern of the product that is kept in a module: where, and its flags."""
    found = {}
    for info in pkgutil.walk_packages(bot.__path__, "bot."):
        if info.name.startswith(LEFT_OUT):
            continue
        for name, value in vars(importlib.import_module(info.name)).items():
            ready = value._ready if isinstance(value, Pattern) else value
            if isinstance(ready, re.Pattern) and isinstance(ready.pattern, str):
                found[ready.pattern] = (f"{info.name}.{name}", ready.flags)
    return found


def ways(node: Node) -> Ways:
    """Texts a piece of a pattern takes, one for each way of taking it: a text that is there twice is taken two ways."""
    found: Ways = ("",)
    for kind, of in node:
        following = _ways(kind, of)
        found = tuple(islice((before + after for before in found for after in following), MOST))
    return found


def _ways(kind: Node, of: Node) -> Ways:
    if kind in (codes.LITERAL, codes.ANY, codes.NOT_LITERAL):
        return (chr(of) if kind is codes.LITERAL else "龘",)
    if kind is codes.IN:
        return tuple(dict.fromkeys(_letters(of)))
    if kind is codes.BRANCH:
        return tuple(text for one in of[1] for text in ways(one))
    if kind is codes.SUBPATTERN:
        return ways(of[-1])
    if kind in REPEATS:
        least, most, inner = of
        once = tuple(text for text in ways(inner) if text)
        turns = range(least, min(most, max(least, 1) + 1) + 1)
        return tuple(text * turn for turn in turns for text in (once if turn else ("",)))
    return ("",)


def _letters(choice: Node) -> Iterator[str]:
    """Letters of a class; one of a class of everything else."""
    for kind, of in choice:
        if kind is codes.NEGATE:
            yield "龘"
            return
        if kind is codes.LITERAL:
            yield chr(of)
        elif kind is codes.RANGE:
            yield chr(of[0])
        elif kind is codes.CATEGORY:
            yield CATEGORIES.get(of, "龘")


def repeated(node: Node) -> Iterator[Node]:
    """The inside of every repeat that may go on for long."""
    for kind, of in node:
        if kind in REPEATS:
            if of[1] > MANY:
                yield of[2]
            yield from repeated(of[2])
        elif kind is codes.SUBPATTERN:
            yield from repeated(of[-1])
        elif kind is codes.BRANCH:
            for one in of[1]:
                yield from repeated(one)
        elif kind in (codes.ASSERT, codes.ASSERT_NOT):
            yield from repeated(of[1])


def doubtful(node: Node) -> set[str]:
    """Texts the inside of a repeat takes in one turn in two ways, or both in one turn and in two."""
    one = [text for text in ways(node) if text]
    known = set(one)
    twice = {text for text in known if one.count(text) > 1} if len(one) != len(known) else set()
    return twice | {a + b for a in known for b in known if len(a + b) <= 8 and a + b in known}


def test_no_repeat_takes_the_same_letters_in_two_ways() -> None:
    """Each such letter doubles the work: forty of them in one message, and a thread is lost for a year."""
    found = {
        f"{where}: {'、'.join(sorted(several)[:5])}"
        for text, (where, flags) in patterns().items()
        for inside in repeated(parser.parse(text, flags))
        if (several := doubtful(inside))
    }

    assert found == set()


@pytest.mark.parametrize(
    ("text", "several"),
    [
        (r"(?:真|的|真的)*x", {"真的"}),
        (r"(?:a+)*x", {"aa"}),
        (r"(?:a|a)*x", {"a"}),
        (r"(?:吃(?:了|过)?(?:都|也)*|都)*", {"吃都", "吃了都", "吃过都", "都都"} | {"吃都都", "吃了都都", "吃过都都"}),
        (r"(?:真|的|天生)*x", set()),
        (r"(?:a{1,3})?x", set()),
    ],
)
def test_the_look_itself_finds_what_is_there(text: str, several: set[str]) -> None:
    found = {one for inside in repeated(parser.parse(text)) for one in doubtful(inside)}

    assert bool(found) == bool(several)
    assert several <= found | {"都都"}


PUMPS = (
    *(
        "过敏",
        "1",
        "13800138000",
        "不是她是她",
        "对芒果过敏,",
        "王姐她",
        "给她发",
        "留",
        "一二三四五六七八九",
        "虾 ",
        "最",
    ),
    *("昨天买", "那个", "那位", "◇", "周一到", "早上", "一再吃", "(", "#1 ", "1 ", "8000、", "零 零零零", "1-", "+86 "),
    *("上次买奶茶的", "姓王的那位", "她说", "投诉,", "!", "号 ", "二十", "千", "刚才那条", "给我看看", "有会员吗"),
)
LED = ("还有", "真的", "点都", "推荐", "我们的", "都会", "想要的", "出来")
FRAMES = ("芒果{}☃过敏", "过敏{}☃芒果", "不要{}☃香菜", "吃{}☃嘴肿", "脖子{}☃痒", "想要{}☃", "调{}☃", "撤{}☃", "查{}☃")


@cache
def _commands() -> Any:
    return collect(bot.handlers)


def _work(text: str) -> float:
    """How long it takes to understand a message."""
    begin = time.process_time()
    try:
        if understand(text, _commands(), (), menu_is_old=False) is None:
            read(text)
    except RefusalError:
        pass
    return time.process_time() - begin


def test_a_message_twice_as_long_costs_a_few_times_as_much_whatever_it_says() -> None:
    """Together four times at worst, and never the thousandfold of a pattern that tries everything."""
    warm()
    texts = [("{}", pump) for pump in PUMPS] + [(frame, pump) for pump in LED for frame in FRAMES]
    half = sum(_work(frame.format(pump * LONGEST)[: LONGEST // 2]) for frame, pump in texts)
    whole = sum(_work(frame.format(pump * LONGEST)[:LONGEST]) for frame, pump in texts)

    assert whole / half < 16
