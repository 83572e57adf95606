"""A text with entities as HTML that a page may show: nothing of the text itself is ever markup."""

from html import escape
from itertools import pairwise

from bot.sandbox.telegram.text.entities import Entity

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}


def shown(text: str, entities: list[Entity]) -> str:
    """Safe HTML; line ends stay line ends. Entities that cross one another are closed and opened again."""
    cuts: dict[int, None] = {0: None}
    for one in entities:
        cuts[one["offset"]] = None
        cuts[one["offset"] + one["length"]] = None
    raw = text.encode("utf-16-le", "surrogatepass")
    edges = sorted([*cuts, len(raw) // 2])
    html: list[str] = []
    standing: list[Entity] = []
    for start, end in pairwise(edges):
        wanted = [one for one in entities if one["offset"] <= start and end <= one["offset"] + one["length"]]
        same = 0
        while same < min(len(standing), len(wanted)) and standing[same] is wanted[same]:
            same += 1
        html += [_closing(one) for one in reversed(standing[same:])]
        html += [_opening(one) for one in wanted[same:]]
        standing = wanted
        html.append(escape(raw[2 * start : 2 * end].decode("utf-16-le", "replace"), quote=False))
    html += [_closing(one) for one in reversed(standing)]
    return "".join(html)


def _opening(entity: Entity) -> str:
    kind = entity["type"]
    if kind == "text_link" and str(entity["url"]).startswith(("http://", "https://")):
        return f'<a href="{escape(entity["url"])}" rel="noreferrer noopener" target="_blank">'
    if kind == "spoiler":
        return '<span class="tg-spoiler">'
    return f"<{_TAGS[kind]}>" if kind in _TAGS else ""


def _closing(entity: Entity) -> str:
    kind = entity["type"]
    if kind == "text_link" and str(entity["url"]).startswith(("http://", "https://")):
        return "</a>"
    if kind == "spoiler":
        return "</span>"
    return f"</{_TAGS[kind]}>" if kind in _TAGS else ""
