"""`run`: the service."""

from typing import Annotated, Literal

import typer

from bot.cli.root import given


def run(
    context: typer.Context,
    only: Annotated[
        Literal["channels", "clock", "sender"] | None,
        typer.Option(help="One role of the three: receive and answer, tidy and run errands, push."),
    ] = None,
) -> None:
    """Run the service: every channel that is set up, the HTTP server, pushes. SIGTERM ends it in order.

    Example:  zhanggui run
    """
    import asyncio
    import logging

    from bot.serve import serve
    from bot.serve.journal import Journal

    to_stderr = logging.StreamHandler()
    to_stderr.setFormatter(Journal())
    logging.basicConfig(level=logging.INFO, handlers=[to_stderr])
    for name in ("httpx", "httpcore", "urllib3", "telegram", "websockets", "aiohttp", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)  # they write addresses with tokens in them, and much else
    options = given(context)
    with asyncio.Runner(loop_factory=_loop()) as runner:
        runner.run(serve(options.settings(), only, options.tell))


def _loop() -> "type | None":
    """The quicker loop where there is one."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop  # type: ignore[return-value]  # a function that makes one is as good
