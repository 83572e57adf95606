"""The phones of the sandbox: whose they are, what each shows, and word of every change to whoever watches."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from bot.sandbox.model import Group, Person, Platform, Talk

TITLES = {"telegram": "Telegram", "wecom": "企业微信"}
MOST_BUBBLES = 120  # of one talk; older ones scroll out of the page
_QUIET = 15.0  # seconds without a change after which a watcher hears that the line is open
_BREATH = 0.05  # seconds in which changes are gathered into one report

STRANGER = "xinren"  # has a phone and no account, so that binding can be tried

_POSTS = {
    "xiaowang": "徐汇店导购",
    "xiaoli": "徐汇店导购",
    "dianzhang": "徐汇店",
    "waidian": "静安店",
    "hq": "连锁",
    "admin": "系统",
    STRANGER: "还没绑定",
}
_TIPS = {
    "xiaowang": ("查 8000", "她对花生也过敏 三分糖去冰", "查 昨天买柠檬茶的", "名单", "撤", "帮助"),
    "xiaoli": ("查 2203", "她说下周来拿两盒", "交班", "撤", "帮助"),
    "dianzhang": ("今天", "查 7715", "谁看过 8000", "我的", "帮助"),
    "waidian": ("查 8001", "查 8000", "帮助"),
    "hq": ("查 13800138000", "我的", "帮助"),
    "admin": ("帮助", "我的"),
    STRANGER: ("查 8000", "绑定 绑定码"),
}


def cast() -> tuple[tuple[Person, ...], tuple[Group, ...]]:
    """The people and the groups of the demo chain, and a newcomer whom the bot does not know."""
    people = (
        Person("xiaowang", "小王"),
        Person("xiaoli", "小李"),
        Person("dianzhang", "店长"),
        Person("waidian", "外店导购"),
        Person("hq", "总部"),
        Person("admin", "管理员"),
        Person(STRANGER, "新人"),
    )
    groups = (
        Group("001", "徐汇店群", ("xiaowang", "xiaoli", "dianzhang")),
        Group("002", "静安店群", ("waidian",)),
    )
    return people, groups


class Spot(NamedTuple):
    """A talk on somebody's phone."""

    platform: str
    person: str
    talk: str


class Phones:
    """Everybody's phones on every platform, as plain values for the page."""

    def __init__(self, platforms: Sequence[Platform], people: Sequence[Person]) -> None:
        self.platforms: Mapping[str, Platform] = {platform.name: platform for platform in platforms}
        self.people = {person.id: person for person in people}
        self._watching: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        for platform in platforms:
            platform.watchers.append(self.stir)

    def stir(self) -> None:
        """Something may have changed; whoever watches will look. Any thread may say so."""
        for event, loop in list(self._watching.items()):
            loop.call_soon_threadsafe(event.set)

    def owners(self) -> list[dict[str, Any]]:
        """Everybody with a phone, her post, and what she may like to type first."""
        return [
            {"id": one.id, "name": one.name, "post": _POSTS.get(one.id, ""), "tips": list(_TIPS.get(one.id, ("帮助",)))}
            for one in self.people.values()
        ]

    def index(self) -> list[dict[str, Any]]:
        """Every phone and the names of its talks."""
        return [
            {
                "platform": platform.name,
                "person": person,
                "talks": [{"id": talk.id, "title": talk.title, "group": talk.group} for talk in platform.talks(person)],
            }
            for platform in self.platforms.values()
            for person in self.people
        ]

    def show(self, platform: str, person: str) -> list[dict[str, Any]]:
        """What one phone shows: its talks with their last bubbles."""
        return [_plain(talk) for talk in self.platforms[platform].talks(person)]

    async def changes(self, also: Callable[[], object]) -> AsyncIterator[list[Spot] | None]:
        """The talks that changed since the last report; an empty list: `also` did; None: nothing, but still here."""
        event = asyncio.Event()
        self._watching[event] = asyncio.get_running_loop()
        try:
            seen, other = self._marks(), also()
            while True:
                try:
                    await asyncio.wait_for(event.wait(), _QUIET)
                    await asyncio.sleep(_BREATH)
                except TimeoutError:
                    yield None
                event.clear()
                fresh, now = self._marks(), also()
                changed = [spot for spot, mark in fresh.items() if seen.get(spot) != mark]
                changed += [spot for spot in seen if spot not in fresh]
                if changed:
                    yield changed
                if now != other:
                    yield []
                seen, other = fresh, now
        finally:
            del self._watching[event]

    def _marks(self) -> dict[Spot, int]:
        return {
            Spot(name, person, talk["id"]): hash(json.dumps(talk, sort_keys=True, default=str))
            for name in self.platforms
            for person in self.people
            for talk in self.show(name, person)
        }


def _plain(talk: Talk) -> dict[str, Any]:
    shown = Talk(talk.id, talk.title, talk.group, talk.bubbles[-MOST_BUBBLES:], talk.menu)
    return asdict(shown)
