"""Access tokens: one for each secret, the same until it ends; it ends after two hours, or early on a fault's word."""

from secrets import token_urlsafe

from bot.sandbox.wecom.corp import Corp
from bot.sandbox.wecom.refusals import RefusedError

LIFE = 7200


class Tokens:
    """The tokens given out; an old one is remembered, since it is refused in other words than an invented one."""

    def __init__(self, corp: Corp) -> None:
        """The corp's secrets are the app's and that of customer contact."""
        self._corp = corp
        self._live: dict[str, tuple[str, float]] = {}
        self._rights: dict[str, str] = {}
        self._past: set[str] = set()

    def give(self, corp_id: str, secret: str) -> str:
        """The token of this secret; raises RefusedError."""
        setup = self._corp.setup
        if not corp_id:
            raise RefusedError(41002)
        if not secret:
            raise RefusedError(41004)
        if corp_id != setup.corp_id:
            raise RefusedError(40013)
        if secret not in {setup.secret, setup.contact_secret}:
            raise RefusedError(40001)
        token, until = self._live.get(secret, ("", 0.0))
        if self._corp.now() >= until:
            if token:
                self._past.add(token)
            token = token_urlsafe(48)
            self._live[secret] = (token, self._corp.now() + LIFE)
            self._rights[token] = "app" if secret == setup.secret else "contact"
        return token

    def right(self, token: str | None) -> str:
        """Whose token it is, `app` or `contact`; raises RefusedError."""
        if not token:
            raise RefusedError(41001)
        until = dict(self._live.values()).get(token)
        if until is None:
            raise RefusedError(42001 if token in self._past else 40014)
        if self._corp.now() >= until:
            raise RefusedError(42001)
        return self._rights[token]

    def void(self) -> None:
        """End every token at once: what was given out is invalid from now on."""
        self._live.clear()
        self._past.clear()
