"""The till of the sandbox's shop: signs what it sold and posts it to the bot, as a real one does."""

import hmac
from collections.abc import Sequence

import httpx

from bot.sandbox.clock import Clock

_PATIENCE = 30.0  # seconds


class Till:
    """One till for all stores."""

    def __init__(self, address: str, secret: str, clock: Clock) -> None:
        """Take where the bot listens, the secret both know, and the time."""
        self._address = address
        self._secret = secret.encode()
        self._clock = clock

    async def post(self, bodies: Sequence[bytes]) -> bool:
        """Post them one after another; False where the bot is away or takes one not."""
        async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
            for body in bodies:
                at = str(int(self._clock.now()))
                sign = hmac.digest(self._secret, at.encode() + b"." + body, "sha256").hex()
                headers = {"X-Zhanggui-Timestamp": at, "X-Zhanggui-Signature": sign, "Content-Type": "application/json"}
                try:
                    answer = await client.post(self._address, content=body, headers=headers)
                except httpx.HTTPError:
                    return False
                if answer.is_error:
                    return False
        return True
