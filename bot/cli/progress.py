"""How far a long command is, on standard error: a bar on a terminal, else a line for each tenth."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

Step = Callable[[int, int], None]


@contextmanager
def shown(words: str, *, quiet: bool) -> Iterator[Step]:
    """A function to call with how much is done and how much there is, as often as one likes."""
    if quiet:
        yield lambda _done, _total: None
    elif sys.stderr.isatty():
        with _bar(words) as step:
            yield step
    else:
        yield _tenths(words)


@contextmanager
def _bar(words: str) -> Iterator[Step]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _tenths(words: str) -> Step:
    said = 0

    def step(done: int, total: int) -> None:
        nonlocal said
        tenth = done * 10 // total if total else 10
        if tenth > said:
            said = tenth
            typer.echo(f"{words} {tenth * 10} %", err=True)

    return step
