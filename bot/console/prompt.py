"""A person at the keyboard: completion, a bar that says who and where, two commands only a terminal has.

What was typed is remembered while it runs and nowhere else: it holds customers' numbers.
"""

import re
import shutil
from collections.abc import Iterable, Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.shortcuts import CompleteStyle

from bot.commands import Commands
from bot.console.cast import Person, cast, listed, meant
from bot.console.render import DIM, GREEN, OFF, columns, render
from bot.console.talk import Talk, seat
from bot.db import people
from bot.db.core.engine import Database

Tip = tuple[str, str]

_LEAVE = frozenset(("退出", "exit", "quit"))
_I_AM = re.compile(r"[/／]?我是(\s*)(.*)")
_GO_TO = re.compile(r"[/／]?到(?:\s*(私聊)|\s*群\s*(\S*)|\s*)")
_OWN = (
    ("我是", "换一个人说话（只在终端里）"),
    ("到", "换到群里或私聊：到 群 001（只在终端里）"),
    ("退出", "结束"),
)
_OFTEN = ("查", "记", "撤", "全", "帮助")
_WHERE = "到哪里？/到 群 001 进门店群，/到 私聊 回来。"


class Session:
    """The conversation of one sitting; `tips` are what to type first, and what it shows (else: what is typed most)."""

    def __init__(self, database: Database, commands: Commands, talk: Talk, tips: Sequence[Tip]) -> None:
        """Take who speaks first from the talk."""
        self._database, self._commands, self._talk = database, commands, talk
        self._tips = tips or [(one.example, one.help) for one in commands.all if one.names[0] in _OFTEN[:3]]
        self._cast = cast(database)
        self._me = self._known(talk.here.account)
        self._session: PromptSession[str] = PromptSession(
            history=InMemoryHistory(),
            completer=_Names(commands, self),
            complete_while_typing=True,
            complete_style=CompleteStyle.COLUMN,
            bottom_toolbar=self._bar,
            reserve_space_for_menu=6,
        )
        self._colour = self._session.output.get_default_color_depth() is not ColorDepth.DEPTH_1_BIT

    @property
    def me(self) -> Person:
        """Who speaks."""
        return self._me

    @property
    def cast(self) -> Sequence[Person]:
        """Who else could."""
        return self._cast

    def run(self) -> None:
        """Greet, then answer until 退出, Ctrl-D or a second Ctrl-C."""
        print(self._greeting())  # noqa: T201 — the terminal is where this channel speaks
        interrupted = False
        while True:
            try:
                text = self._session.prompt(self._sign).strip()
            except EOFError:
                return
            except KeyboardInterrupt:
                if interrupted:
                    return
                interrupted = True
                continue
            interrupted = False
            if text.lstrip("/／") in _LEAVE:
                return
            if text:
                print(self._answer(text), end="\n\n")  # noqa: T201 — the same

    def _answer(self, text: str) -> str:
        own = self._change_person(text) or self._change_place(text)
        if own:
            return own
        return render(self._talk.say(text), colour=self._colour, width=shutil.get_terminal_size().columns)

    def _change_person(self, text: str) -> str | None:
        said = _I_AM.fullmatch(text)
        if said is None:
            return None
        space, name = said.groups()
        found = meant(self._cast, name, self._me.store) if name else []
        if len(found) == 1:
            self._me = found[0]
            self._talk.here = seat(self._me.code, self._talk.here.store)
            return f"现在是 {self._me.name}（{self._me.title}）。"
        if name and not found and not space:  # 我是谁, or a sentence
            return None
        heading = f"「{name}」不止一位：" if found else f"没有「{name}」，可以是：" if name else "可以是："
        return f"{heading}\n{listed(found or self._cast)}"

    def _change_place(self, text: str) -> str | None:
        said = _GO_TO.fullmatch(text)
        if said is None:
            return None
        back, code = said.groups()
        if not back and not code:
            return _WHERE
        if back:
            self._talk.here = seat(self._me.code)
            return "回到私聊。"
        with self._database.reading() as conn:
            store = people.store_by_code(conn, code)
        if store is None:
            return f"没有门店 {code}。{_WHERE}"
        self._talk.here = seat(self._me.code, store.code)
        return f"现在在 {store.name} 的群里，群里的回答会发到私聊。"

    def _known(self, code: str) -> Person:
        return next((one for one in self._cast if one.code == code), Person(code, code, "guide", "未绑定"))

    def _place(self) -> str:
        store = self._talk.here.store
        return f"{store} 群" if store else "私聊"

    def _sign(self) -> StyleAndTextTuples:
        place = f"@{self._place()}" if self._talk.here.store else ""
        return [("ansigreen bold", f"{self._me.name}{place}> ")]

    def _bar(self) -> StyleAndTextTuples:
        who = f" {self._me.name}（{self._me.title}）· {self._place()} "
        return [("bold", who), ("", " 命令 /  换人 /我是  换地方 /到  结束 Ctrl-D")]

    def _greeting(self) -> str:
        dim, green, off = (DIM, GREEN, OFF) if self._colour else ("", "", "")
        lines = [f"你现在是 {green}{self._me.name}{off}（{self._me.title}）。像发微信一样打字，回车发出："]
        broad = max(columns(typed) for typed, _ in self._tips)
        for typed, shows in self._tips:
            room = shutil.get_terminal_size().columns > broad + columns(shows) + 4
            gap = " " * (broad - columns(typed) + 2)
            lines.append(f"  {green}{typed}{off}" + (f"{gap}{dim}{shows}{off}" if room else ""))
        lines.append("换人 /我是 店长 · 换到群里 /到 群 001 · 全部命令 帮助 · 结束 退出")
        return "\n".join(lines) + "\n"


class _Names(Completer):
    """After a slash: the commands this person may use, with their help; after 我是: the cast."""

    def __init__(self, commands: Commands, session: Session) -> None:
        self._commands, self._session = commands, session

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        del complete_event
        typed = document.text_before_cursor
        if not typed.startswith(("/", "／")):
            return
        if said := _I_AM.fullmatch(typed):
            for one in self._session.cast:
                if one.code.startswith(said[2]):
                    yield Completion(f"/我是 {one.code}", -len(typed), display=one.code, display_meta=one.name)
            return
        for names, help_ in self._names():
            if any(name.startswith(typed[1:].lower()) for name in names):
                yield Completion(f"/{names[0]}", -len(typed), display_meta=help_)

    def _names(self) -> Iterable[tuple[tuple[str, ...], str]]:
        mine = [one for one in self._commands.all if not one.hidden and self._session.me.role in one.roles]
        often = {name: place for place, name in enumerate(_OFTEN)}
        for command in sorted(mine, key=lambda one: often.get(one.names[0], len(often))):
            yield command.names, command.help
        for name, help_ in _OWN:
            yield (name,), help_
