"""A pseudo-terminal with a person at it, who reads before she types."""

import codecs
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from tests.support.command_line import environment

READY = "结束 Ctrl-D"


class Terminal:
    """A terminal of 80 columns with a person at it, who reads before she types."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            cwd=folder,
            env=environment(TERM="xterm-256color"),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.screen = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def reads(self, words: str) -> str:
        """Wait until the screen shows the words; gives all that came since she typed."""
        until = time.monotonic() + 30
        while words not in self.screen:
            assert time.monotonic() < until, f"no {words!r} in {self.screen!r}"
            assert self._more(), f"ended without {words!r}: {self.screen!r}"
        return self.screen

    def types(self, text: str) -> None:
        """Type, and forget what was on the screen."""
        self.screen = ""
        os.write(self._ours, text.encode())

    def asks(self, text: str, words: str) -> str:
        """Type a line and wait for the words of its answer, and for the next prompt."""
        self.types(f"{text}\r")
        self.reads(words)
        return self.reads(READY)

    def leaves(self, by: str) -> int:
        """Type what ends it, and wait for the end; gives the exit code."""
        self.types(by)
        until = time.monotonic() + 30
        while self._more():
            assert time.monotonic() < until, f"did not end: {self.screen!r}"
        return self._process.wait(10)

    def close(self) -> None:
        """End it, however the test went."""
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def _more(self) -> bool:
        if not select.select([self._ours], [], [], 1)[0]:
            return self._process.poll() is None
        try:
            came = os.read(self._ours, 65536)
        except OSError:  # the other end is closed
            return False
        for _ in range(came.count(b"\x1b[6n")):  # a terminal says where its cursor is when asked
            os.write(self._ours, b"\x1b[1;1R")
        self.screen += self._decode(came)
        return bool(came)
