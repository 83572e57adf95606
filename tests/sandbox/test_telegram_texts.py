"""Texts of the local Telegram: what becomes an entity, what HTML mode refuses and where, what a phone may show."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram.text.entities import cut, found, merged, trimmed
from bot.sandbox.telegram.text.markup import parsed
from bot.sandbox.telegram.text.render import shown
from bot.sandbox.telegram.wire import Refusal


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("/查 13800138000", []),
        ("/查@guide_bot 138", []),
        ("／cx 1", []),
        ("/cx张三", []),
        ("/cx13800138000", ["/cx13800138000"]),
        ("/cx 138", ["/cx"]),
        ("/cx@guide_bot 138", ["/cx@guide_bot"]),
        ("看 /cx 138", ["/cx"]),
        ("🍵/cx，138", ["/cx"]),
        ("a/cx http://x.cn/cx </cx>", []),
        ("/start Abc-12_x", ["/start"]),
    ],
)
def test_a_command_is_latin_and_stands_alone(text: str, commands: list[str]) -> None:
    marked = [one for one in found(text) if one["type"] == "bot_command"]

    assert [cut(text, one["offset"], one["length"]) for one in marked] == commands


def test_offsets_count_utf16_units() -> None:
    assert found("🍵 /cx @guide_bot") == [
        {"type": "bot_command", "offset": 3, "length": 3},
        {"type": "mention", "offset": 7, "length": 10},
    ]


def test_a_mention_needs_room_before_it() -> None:
    assert [one["type"] for one in found("/查@guide_bot") + found("/查 @guide_bot")] == ["mention"]


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("<b>王</b>芳", "王芳", [("bold", 0, 1)]),
        ("🍵<i>x &lt;3 &amp;&#x27;&quot;&#20013;</i>", "🍵x <3 &'\"中", [("italic", 2, 9)]),
        ("<b>a<u>b</u></b>", "ab", [("bold", 0, 2), ("underline", 1, 1)]),
        ("<B>a</B> & b > c", "a & b > c", [("bold", 0, 1)]),
        ("<b></b>x&nbsp;", "x&nbsp;", []),
        ("<span class='tg-spoiler'>s</span>", "s", [("spoiler", 0, 1)]),
        ('<pre><code class="language-python">x</code></pre>', "x", [("pre", 0, 1)]),
        ("<blockquote expandable>长</blockquote>", "长", [("expandable_blockquote", 0, 1)]),
    ],
)
def test_html_becomes_text_and_entities(html: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    read, marks = parsed(html)

    assert (read, [(one["type"], one["offset"], one["length"]) for one in marks]) == (text, entities)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("客户 <路径>", 'Unsupported start tag "路径" at byte offset 7'),
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("王<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>王</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
    ],
)
def test_html_is_refused_with_the_place_in_bytes(html: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        parsed(html)

    assert (refused.value.code, refused.value.words) == (400, f"Bad Request: can't parse entities: {words}")


def test_a_link_keeps_its_address_and_only_the_web_is_shown() -> None:
    text, marks = parsed('<a href="https://x.cn/?a=1&amp;b=2">单</a><a href="javascript:alert(1)">坏</a>')

    assert [one.get("url") for one in marks] == ["https://x.cn/?a=1&b=2"]
    assert shown(text, marks) == (
        '<a href="https://x.cn/?a=1&amp;b=2" rel="noreferrer noopener" target="_blank">单</a>坏'
    )


def test_white_space_around_a_text_goes_and_entities_move_along() -> None:
    assert trimmed("\n 王芳 ", [{"type": "bold", "offset": 0, "length": 5}]) == (
        "王芳",
        [{"type": "bold", "offset": 0, "length": 2}],
    )


def test_a_hundred_entities_are_kept() -> None:
    assert len(merged("/a " * 150, [])) == 100


def test_entities_that_cross_are_closed_and_opened_again() -> None:
    marks = [{"type": "bold", "offset": 0, "length": 2}, {"type": "italic", "offset": 1, "length": 2}]

    assert shown("a<c", marks) == "<b>a<i>&lt;</i></b><i>c</i>"


@given(st.text("<>/&;abipu \"='🍵客#x1", max_size=40))
def test_any_text_is_read_or_refused_and_shown_safely(html: str) -> None:
    try:
        text, marks = parsed(html)
    except Refusal:
        return
    page = shown(text, marks)
    tags = re.findall(r"<[^>]*>", page)

    assert all(
        re.fullmatch(r"</?(b|i|u|s|a)>|<a href=\"http[^\"<>]*\" rel=\"[a-z ]*\" target=\"_blank\">", tag)
        for tag in tags
    )
    assert re.sub(r"<[^>]*>", "", page).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text
