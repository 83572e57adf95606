"""The command line. Commands import what they need when they run: a card is there in half a second."""

import gc
import os
import sys
from io import TextIOWrapper

import typer

from bot.cli import data, serve, setup, talk
from bot.cli.bench import bench
from bot.cli.demo import demo
from bot.cli.doctor import doctor
from bot.cli.keys import keys
from bot.cli.root import app, hoisted
from bot.cli.sandbox import sandbox
from bot.cli.staff import staff
from bot.cli.telegram import telegram
from bot.cli.wecom import wecom
from bot.domain.errors import RefusalError

__all__ = ["main"]

app.command("init")(setup.init)
app.command("demo")(demo)
app.command("chat")(talk.chat)
app.command("parse")(talk.parse)
app.command("import")(data.import_file)
app.command("refresh")(data.refresh)
app.command("run")(serve.run)
app.command("doctor")(doctor)
app.command("sandbox")(sandbox)
app.command("bench")(bench)
app.add_typer(data.stats, name="stats")
app.add_typer(talk.outbox, name="outbox")
app.add_typer(staff, name="staff")
app.add_typer(setup.store, name="store")
app.add_typer(setup.chain, name="chain")
app.add_typer(keys, name="keys")
app.add_typer(serve.job, name="job")
app.add_typer(telegram, name="telegram")
app.add_typer(wecom, name="wecom")


def main() -> None:
    """Run a command: 0 done, 1 refused with a sentence on standard error, 2 wrong usage, 130 interrupted."""
    _start_quickly()
    _speak_utf8()
    try:
        app(hoisted(sys.argv[1:]), prog_name="zhanggui")
    except RefusalError as refusal:
        typer.echo(refusal.say, err=True)
        sys.exit(1)


def _start_quickly() -> None:
    """Leave out what only costs time: rounds of the collector while modules load, a search for pydantic's plugins."""
    gc.set_threshold(200_000, 10, 10)  # a card is there after 130,000 objects
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")


def _speak_utf8() -> None:
    """Chinese comes through whatever the locale says; bytes that are no text do not stop a run."""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
