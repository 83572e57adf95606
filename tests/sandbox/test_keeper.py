"""The bot's process beside the platforms: kept running, started again when it dies, never left behind."""

import asyncio
import sys
from pathlib import Path

from bot.sandbox.keeper import Keeper

WORKS = "print('掌柜在岗', flush=True)"
STAYS = f"{WORKS}; import time; time.sleep(60)"


def service(folder: Path, code: str) -> Keeper:
    return Keeper([sys.executable, "-c", code], {"PYTHONUTF8": "1"}, folder, "掌柜在岗", rest=0)


async def told(said: "asyncio.Queue[str]", count: int) -> list[str]:
    return [await asyncio.wait_for(said.get(), 20) for _ in range(count)]


def test_a_bot_that_is_killed_is_started_again_and_somebody_is_told(tmp_path: Path) -> None:
    async def story() -> list[str]:
        said: asyncio.Queue[str] = asyncio.Queue()
        one = service(tmp_path, STAYS)
        keeping = asyncio.create_task(one.keep("网页手机在这里", said.put_nowait))
        first = await told(said, 1)
        one.kill()
        then = await told(said, 2)
        keeping.cancel()
        await asyncio.wait({keeping})
        await one.stop()
        one.kill()  # nobody is there any more, and that is no error
        return first + then

    assert asyncio.run(story()) == ["网页手机在这里", "机器人停了，0 秒后再起来。", "机器人又在岗了。"]


def test_a_bot_that_keeps_dying_is_started_five_times_a_minute(tmp_path: Path) -> None:
    async def story() -> list[str]:
        said: asyncio.Queue[str] = asyncio.Queue()
        one = service(tmp_path, WORKS)
        keeping = asyncio.create_task(one.keep("网页手机在这里", said.put_nowait))
        lines = await told(said, 12)
        keeping.cancel()
        await asyncio.wait({keeping})
        await one.stop()
        return [line for line in lines if line != "机器人又在岗了。"]

    lines = asyncio.run(story())
    assert lines[:6] == ["网页手机在这里"] + ["机器人停了，0 秒后再起来。"] * 5
    assert lines[6].startswith("机器人停了，一分钟里停了 6 次，")


def test_a_bot_that_never_worked_is_given_up(tmp_path: Path) -> None:
    said: list[str] = []

    asyncio.run(service(tmp_path, "print('不行')").keep("网页手机在这里", said.append))

    assert said == []
