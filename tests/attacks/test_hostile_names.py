"""Names and notes that are markup, steer the line, mention everybody or never end: shown as words or not at all.

Elsewhere: the pure escaping of each platform in tests/channels (test_telegram_pieces, test_wecom_app_text,
test_wecom_bot_words, test_wecom_webhook), the page of phones in tests/sandbox/test_page, the terminal in
tests/console/test_render. Here the words take the whole way: a file or a chat, the card, the wire.
"""

import csv
import io
import re
import unicodedata
from pathlib import Path

import pytest

from bot.channels.wecom_bot.markdown import parts as markdown
from bot.wire import Parcel
from tests.attacks.conftest import Shop
from tests.support.telegram_channel import Line, alone
from tests.support.wecom_app import shop as wecom_shop

HOSTILE = {
    "a bold tag": "<b>",
    "a closing code tag": "</code>",
    "an escaped script": "&lt;script&gt;",
    "a script": "<script>alert(1)</script>",
    "an override of the reading direction": "\u202e王芳\u2066",
    "letters of no width": "\u200b王\u2060\u200d芳\ufeff",
    "five hundred emoji": "👩‍🍼" * 166,
    "a mention of everybody": "<@all>",
    "a link": "[点击领券](http://evil)",
    "a warning of its own on a new line": "好\n⚠️ 会员免单\u2028📌 店长已批",
    "signs that steer a terminal": "\x1b[2J\x1b]0;x\x07好\r",
    "a template": "{customer.__class__}{{ 7*7 }}%s$x",
}
HEADER = ["手机号", "姓名", "门店", "导购", "来源", "备注", "偏好"]
PLAIN = "好"
NARROW = {ord("＜"): "<", ord("（"): "("}  # what WeCom's words are widened from
MARKUP = re.compile(r"<\s*[@/!A-Za-z]|\]\s*\(")


def table(words: str, phone: str) -> bytes:
    """A file with one customer everything about whom is these words."""
    file = io.StringIO()
    csv.writer(file).writerows([HEADER, [phone, words, "001", "小王", words, words, words]])
    return file.getvalue().encode()


def cards(shop: Shop, words: str, place: int = 99) -> list[str]:
    """What a guide is shown of a customer so described."""
    assert shop.take("customers", table(words, f"139111100{place}")).refused == 0
    return [shop.say("小王", text).reply.text for text in (f"查 139111100{place}", "全部", "为什么", f"给看 00{place}")]


def steering(text: str) -> str:
    """Signs in it that are not seen but do something; a line's end is ours, and a joiner makes emoji."""
    return "".join(char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs"} and char not in "\n\u200d")


def test_a_customer_whose_every_word_is_hostile_has_a_card_like_anybody(shop: Shop) -> None:
    shown = {name: cards(shop, words, place) for place, (name, words) in enumerate(HOSTILE.items(), 10)}

    heights = [len(card.splitlines()) for card in cards(shop, PLAIN)]
    assert {name: [len(card.splitlines()) for card in found] for name, found in shown.items()} == dict.fromkeys(
        HOSTILE, heights
    )
    assert {name: steering("".join(found)) for name, found in shown.items()} == dict.fromkeys(HOSTILE, "")


def test_a_name_told_in_chat_is_kept_as_words_or_refused_in_words(shop: Shop) -> None:
    answers = {
        name: [
            shop.say("小王", f"{said} {words}") for said in (f"建 愿意 139111133{place}", "查", "记", "改 来源", "临")
        ]
        for place, (name, words) in enumerate(HOSTILE.items(), 10)
    }

    kinds = {one.error for said in answers.values() for one in said}
    assert kinds <= {None, "usage", "not_found"}
    assert {name: steering("".join(one.reply.text for one in said)) for name, said in answers.items()} == dict.fromkeys(
        HOSTILE, ""
    )


def test_four_thousand_emoji_are_refused_by_file_and_by_chat_and_cost_nobody_a_card(shop: Shop) -> None:
    report = shop.take("customers", table("😀" * 4000, "13911110001"))
    told = shop.say("小王", "建 愿意 13911113391 " + "😀" * 4000)

    assert (report.new, report.refused) == (0, 1)
    assert Path(str(report.refused_file)).read_text(encoding="utf-8-sig").endswith("请写短些再导\n")
    assert told.reply.text == "太长了，一条最多500字，请分条发。"


def test_a_nickname_of_the_unnamed_cannot_write_lines_of_her_card(shop: Shop) -> None:
    shop.say("小王", "临 \u202e金毛\u2066阿姨\n🎁 会员免单")

    lines = shop.say("小王", "查 金毛阿姨").reply.text.splitlines()

    assert [line for line in lines if "免单" in line] == lines[:1]


@pytest.mark.parametrize("engine", ["sqlite"])  # what goes over the wire does not depend on it
def test_every_platform_shows_hostile_words_as_they_are(shop: Shop, tmp_path: Path) -> None:
    shown = {name: cards(shop, words, place)[1] for place, (name, words) in enumerate(HOSTILE.items(), 10)}

    assert _on_telegram(shown, tmp_path / "telegram") == shown
    for name, said in _on_wecom(shown, tmp_path / "wecom").items():
        assert MARKUP.findall(said) == [], name
        assert said.translate(NARROW) == "".join(shown[name].translate(NARROW).split()), name
    for name, said in shown.items():
        for part in markdown(said):
            assert re.findall(r"[<>\[\]*_`~|\\]|\]\(|://", part) == [], name


def _on_telegram(shown: dict[str, str], folder: Path) -> dict[str, str]:
    """What arrived, as a strict Telegram keeps it: the words alone, with no mark but the bold heading.

    What begins with @ or http Telegram marks by itself, in any text: that shows what it is, and where it leads.
    """
    arrived: dict[str, str] = {}

    async def scenario(wire: Line) -> None:
        wire.server.flood.lift()
        for name, said in shown.items():
            await wire.send(Parcel(name, wire.wang, said))
            [message] = wire.said(int(wire.wang.chat))[len(arrived) :]
            assert {mark["type"] for mark in message.get("entities", [])} <= {"bold", "mention", "url"}, name
            arrived[name] = message["text"]

    alone(scenario, folder)
    return arrived


def _on_wecom(shown: dict[str, str], folder: Path) -> dict[str, str]:
    """What arrived, as a strict WeCom took it, without white space: that is lost where a long text is cut."""
    folder.mkdir()
    arrived = {}
    with wecom_shop(folder) as store:
        for name, said in shown.items():
            before = len(store.sent())
            store.send(said)
            arrived[name] = "".join("".join(body["text"]["content"] for body in store.sent()[before:]).split())
        assert list(store.wecom.complaints) == []
    return arrived
