"""What a message may hold, by kind, with the limits of each; the same for people, app groups and webhooks."""

import re

from bot.sandbox.wecom import cards
from bot.sandbox.wecom.api.media import stored_media
from bot.sandbox.wecom.corp import Corp
from bot.sandbox.wecom.refusals import Body, RefusedError

TITLE, DESCRIPTION, URL = 128, 512, 2048
TEXT = 2048


def check_content(corp: Corp, body: Body, kinds: tuple[str, ...], owner: str = "") -> Body:
    """The content of a message whose kind is one of these; raises RefusedError. `owner`: the webhook that sends it."""
    kind = body.get("msgtype")
    if not isinstance(kind, str) or kind not in kinds:
        raise RefusedError(40008)
    content = body.get(kind)
    if not isinstance(content, dict):
        raise RefusedError(44004 if kind in ("text", "markdown") else 40058, f"{kind} missing")
    if kind in ("text", "markdown"):
        check_words(content, TEXT)
    elif kind in ("image", "voice", "video", "file"):
        stored_media(corp, content.get("media_id"), kind, owner)
    elif kind == "textcard":
        _check_textcard(content)
    elif kind == "news":
        _check_news(content)
    elif kind == "template_card":
        check_card(corp, content)
    return content


def check_words(content: Body, most: int) -> None:
    """Words that are there, and no more bytes than may be."""
    words = content.get("content")
    if not isinstance(words, str) or not words.strip():
        raise RefusedError(44004)
    if len(words.encode()) > most:
        raise RefusedError(45002)


def check_card(corp: Corp, card: object, *, update: bool = False) -> Body:
    """A template card whose files and members are there."""
    checked = cards.check(card, update=update)
    for row in checked.get("horizontal_content_list") or []:
        if row.get("type") == 2:
            try:
                stored_media(corp, row["media_id"])
            except RefusedError as refusal:
                raise RefusedError(42029) from refusal
        if row.get("type") == 3 and corp.member(row["userid"]) is None:
            raise RefusedError(42050)
    return checked


def _sized(part: Body, name: str, most: int, code: int, *, needed: bool) -> None:
    value = part.get(name, "")
    if not isinstance(value, str) or (needed and not value.strip()):
        raise RefusedError(40058, f"{name} missing")
    if len(value.encode()) > most:
        raise RefusedError(code)


def _check_textcard(content: Body) -> None:
    _sized(content, "title", TITLE, 45003, needed=True)
    _sized(content, "description", DESCRIPTION, 45004, needed=True)
    _sized(content, "url", URL, 45005, needed=True)
    if not re.match("https?://", content["url"]):
        raise RefusedError(40058, "url")
    words = content.get("btntxt", "")
    if not isinstance(words, str) or len(words) > 4:
        raise RefusedError(40058, "btntxt")


def _check_news(content: Body) -> None:
    articles = content.get("articles")
    if not isinstance(articles, list) or not 1 <= len(articles) <= 8:
        raise RefusedError(45008)
    for article in articles:
        if not isinstance(article, dict):
            raise RefusedError(40058, "articles must be an array of objects")
        _sized(article, "title", TITLE, 45003, needed=True)
        _sized(article, "description", DESCRIPTION, 45004, needed=False)
        _sized(article, "url", URL, 45005, needed=not article.get("appid"))
