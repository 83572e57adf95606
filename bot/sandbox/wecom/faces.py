"""How a message looks on a phone: safe HTML, the keys under it, its files; nothing is shown that was not escaped."""

import html
import re

from bot.sandbox.model import Bubble, Key
from bot.sandbox.wecom.refusals import Body

LINK = re.compile(
    r"&lt;a href=(?:&quot;|&#x27;)(https?://[^\s&]+(?:&amp;[^\s&]+)*)(?:&quot;|&#x27;)&gt;(.*?)&lt;/a&gt;", re.DOTALL
)
COLOURS = {"info": "#3f9d4a", "comment": "#8a8a8a", "warning": "#d9822b"}
MENU = "menu:"  # before the key of a card's corner menu


def text_html(text: str) -> str:
    """Text as the client shows it: links work, lines break."""
    return LINK.sub(r'<a href="\1">\2</a>', html.escape(text)).replace("\n", "<br>")


def markdown_html(text: str) -> str:
    """The markdown the client knows: headings, bold, links, code, quotes, three colours; line by line."""
    return "<br>".join(_line(html.escape(line)) for line in text.split("\n"))


def _line(line: str) -> str:
    line = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", line)
    line = re.sub(r"`([^`]+)`", r"<code>\1</code>", line)
    line = re.sub(r"\[([^\]]+)\]\((https?://[^)\s]+)\)", r'<a href="\2">\1</a>', line)
    for name, colour in COLOURS.items():
        line = re.sub(
            f"&lt;font color=(?:&quot;|&#x27;){name}(?:&quot;|&#x27;)&gt;(.*?)&lt;/font&gt;",
            rf'<span style="color:{colour}">\1</span>',
            line,
        )
    heading = re.match(r"#{1,6} (.+)", line)
    if heading:
        return f"<b>{heading[1]}</b>"
    quote = re.match(r"&gt; ?(.*)", line)
    return f"<blockquote>{quote[1]}</blockquote>" if quote else line


def _textcard(content: Body) -> str:
    marked = html.escape(content["description"])
    for name in ("gray", "highlight", "normal"):
        marked = re.sub(f"&lt;div class=&quot;{name}&quot;&gt;(.*?)&lt;/div&gt;", r"\1<br>", marked)
    marked = marked.replace("&lt;br&gt;", "<br>")
    more = html.escape(content.get("btntxt") or "详情")
    return f'<b>{html.escape(content["title"])}</b><br>{marked}<br><a href="{html.escape(content["url"])}">{more}</a>'


def _news(content: Body) -> str:
    rows = []
    for one in content["articles"]:
        title = html.escape(one["title"])
        linked = f'<a href="{html.escape(one["url"])}">{title}</a>' if one.get("url") else title
        rows.append(linked + (f"<br>{html.escape(one['description'])}" if one.get("description") else ""))
    return "<br>".join(rows)


def card_html(card: Body) -> str:
    """A card's words, for a reader without its layout; the page draws the card itself."""
    title = card.get("main_title") or {}
    rows = [f"<b>{html.escape(title['title'])}</b>" if title.get("title") else "", html.escape(title.get("desc") or "")]
    rows += [html.escape(str((card.get("emphasis_content") or {}).get(name) or "")) for name in ("title", "desc")]
    rows.append(text_html(card.get("sub_title_text") or ""))
    rows += [
        f"{html.escape(str(one['keyname']))}：{html.escape(str(one.get('value') or ''))}"
        for one in card.get("horizontal_content_list") or []
    ]
    for one in card.get("vertical_content_list") or []:
        rows.append(f"{html.escape(one['title'])} {html.escape(one.get('desc') or '')}")
    return "<br>".join(row for row in rows if row)


def card_keys(card: Body) -> list[list[Key]]:
    """The keys under a card: its buttons, one a row; submit; the corner menu; a greyed one has no data."""
    if card.get("replace_text"):
        return [[Key(str(card["replace_text"]), "")]]
    rows = [
        [Key(str(one["text"]), str(one["key"]) if one.get("type", 0) == 0 else f"url:{one['url']}")]
        for one in card.get("button_list") or []
    ]
    if card.get("submit_button"):
        rows.append([Key(str(card["submit_button"]["text"]), str(card["submit_button"]["key"]))])
    menu = (card.get("action_menu") or {}).get("action_list") or []
    if menu:
        rows.append([Key(str(one["text"]), f"{MENU}{one['key']}") for one in menu])
    return rows


def body_html(kind: str, content: Body) -> str:
    """The HTML of a message of this kind."""
    if kind == "text":
        return text_html(content["content"])
    if kind in ("markdown", "markdown_v2", "stream"):
        return markdown_html(content.get("content") or "")
    if kind == "textcard":
        return _textcard(content)
    if kind == "news":
        return _news(content)
    return card_html(content) if kind == "template_card" else ""


def bubble(name: str, author: str, at: float, kind: str, content: Body) -> Bubble:
    """A message from the bot's side, for one phone."""
    shown = Bubble(name, mine=False, author=author, html=body_html(kind, content), at=at)
    if kind == "template_card":
        dress(shown, content)
    return shown


def dress(shown: Bubble, card: Body) -> None:
    """Make the bubble show this card, in place of what it showed."""
    shown.card = card
    shown.html = card_html(card)
    shown.keys = card_keys(card)
    shown.note = str(card.get("replace_text") or "")


def grey(shown: Bubble, words: str) -> None:
    """Put these words on the card's keys, which cannot be pressed any more."""
    kept = [row for row in shown.keys if row and row[0].data.startswith(MENU)]
    shown.keys = [[Key(words, "")], *kept]
    shown.note = words
