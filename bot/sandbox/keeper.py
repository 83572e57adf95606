"""The bot's own process beside the platforms: it is started again when it dies, and never outlives this one."""

import asyncio
import ctypes
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 25.0  # seconds in which it has to say that it works
MOST_STARTS, WINDOW = 5, 60.0  # so often is it started again, in so many seconds; then it waits
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Keeper:
    """A command that is kept running; it works once a line of its output holds `ready`."""

    words: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    ready: str
    rest: float = 1.0  # seconds before it is started again
    _process: Process | None = None
    _starts: deque[float] = field(default_factory=deque)

    async def keep(self, greeting: str, tell: Callable[[str], None]) -> None:
        """Run it, greet when it works, and run it again each time it ends; over only where it never worked."""
        await self._start()
        if not await self._works():
            await self.stop()
            return
        tell(greeting)
        while True:
            await self._ended()
            pause = self._pause()
            often = "" if pause == self.rest else f"一分钟里停了 {MOST_STARTS + 1} 次，"
            tell(f"机器人停了，{often}{pause:.0f} 秒后再起来。")
            await asyncio.sleep(pause)
            await self._start()
            if await self._works():
                tell("机器人又在岗了。")
            else:
                self.kill()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            await self._ended()

    async def _start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *self.words,
            cwd=self.folder,  # away from the .env of a real shop
            stdin=DEVNULL,
            stdout=PIPE,
            env=self.environment,
            start_new_session=True,  # Ctrl-C is for this process, which then ends that one in order
            preexec_fn=end_with(os.getpid()),
        )

    async def _works(self) -> bool:
        """Wait until it says that it works."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                async for line in self._output():
                    if self.ready in line.decode(errors="replace"):
                        return True
        return False

    async def _ended(self) -> None:
        """Wait for its end; what it says meanwhile is read, so that it never waits for a reader."""
        if self._process is not None:
            reading = asyncio.create_task(self._output().read())
            try:
                await self._process.wait()
            finally:
                reading.cancel()  # a process of its own may live on and hold the line open

    def _output(self) -> asyncio.StreamReader:
        if self._process is None or self._process.stdout is None:
            raise RuntimeError("the service was not started")
        return self._process.stdout

    def _pause(self) -> float:
        """Count one more start; the seconds to wait before it, longer where there were too many of late."""
        now = asyncio.get_running_loop().time()
        while self._starts and self._starts[0] <= now - WINDOW:
            self._starts.popleft()
        pause = self.rest if len(self._starts) < MOST_STARTS else max(self.rest, self._starts[0] + WINDOW - now)
        self._starts.append(now + pause)
        return pause


def end_with(parent: int) -> Callable[[], None] | None:
    """What a new process does first so that it is told to end when this one dies, however that happens; Linux only."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up here: between fork and exec as little as possible is done

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before it was asked
            os._exit(1)

    return ask
