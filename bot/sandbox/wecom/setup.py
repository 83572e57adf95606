"""What an administrator of WeCom would have set: the corp, its app, its smart bot, and where their callbacks go."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class WecomSetup:
    """The settings of one corp; secrets stay out of its repr.

    The callback addresses, and `address` where this server is, may be set later on the server. With `bot_callback_url`
    the smart bot is in callback mode, without it the long connection is open: one excludes the other.
    `contact_by_app` lists the app among those that may use customer contact. `patience` is how long WeCom waits for a
    callback's answer, `poll` how often it asks for a stream, in real seconds.
    """

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    bot_id: str
    bot_secret: str = field(repr=False)
    bot_token: str = field(default="", repr=False)
    bot_aes_key: str = field(default="", repr=False)
    callback_url: str = ""
    bot_callback_url: str = ""
    contact_secret: str = field(default="", repr=False)
    contact_by_app: bool = False
    app_name: str = "掌柜"
    bot_name: str = "掌柜"
    patience: float = 5.0
    poll: float = 1.0
    address: str = ""
