"""A conversation without a keyboard: lines of a file or a pipe in, answers out, until the end of input."""

from collections.abc import Iterable
from typing import TextIO

from bot.console.render import as_json, render
from bot.console.talk import Talk


def converse(talk: Talk, said: Iterable[str], out: TextIO, *, name: str, as_lines_of_json: bool) -> None:
    """Answer each line as it comes: one object of JSON a line, or what was said with the reply under it."""
    for line in said:
        text = line.rstrip("\r\n")
        outcome = talk.say(text)
        read = f"{name}> {text}\n{render(outcome, colour=False)}\n"
        out.write((as_json(outcome) if as_lines_of_json else read) + "\n")
        out.flush()
