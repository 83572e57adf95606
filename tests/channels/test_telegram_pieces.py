"""What is sent to Telegram for an answer: parts, buttons, files, and where they go."""

import html
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram import text as texts
from bot.channels.telegram.pieces import pieces
from bot.chat import LET_GO, Address, Choice, Press
from bot.wire import Parcel

GUIDE = Address("telegram", "42", "42")
GROUP = Address("telegram", "42", "-1007", private=False)
TWO = (Choice("记一句", "记 #a"), Choice("全部", "全 #a"))


def parcel(text: str, **more: object) -> Parcel:
    return replace(Parcel("k", GUIDE, text), **more)


def bodies(one: Parcel) -> list[dict[str, object]]:
    return [dict(piece.body) for piece in pieces(one)]


def test_an_answer_is_one_message_with_its_buttons() -> None:
    found = pieces(parcel("王芳", choices=TWO, menu=7))

    assert [piece.chat for piece in found] == ["42"]
    assert dict(found[0].body) == {
        "do": "text",
        "text": "王芳",
        "keys": [[["记一句", Press(7, 1).key], ["全部", Press(7, 2).key]]],
    }


def test_without_a_menu_there_are_no_buttons() -> None:
    assert bodies(parcel("王芳", choices=TWO)) == [{"do": "text", "text": "王芳", "keys": []}]


def test_silence_is_no_message() -> None:
    assert pieces(parcel("")) == []


def test_short_labels_stand_two_in_a_row_and_long_ones_alone() -> None:
    choices = (Choice("静安店的一位顾客朋友", "a"), Choice("是", "b"), Choice("不是", "c"), Choice("算了", LET_GO))
    [body] = bodies(parcel("哪位？", choices=choices, menu=1))

    assert [[label for label, _ in row] for row in body["keys"]] == [["静安店的一位顾客朋友"], ["是", "不是"], ["算了"]]
    assert body["keys"][-1] == [["算了", Press(1, 0).key]]


def test_a_label_that_had_to_be_cut_names_its_digit() -> None:
    assert texts.label("王芳（138****8000）上次来是三十天以前", 2) == "2 王芳（138****8000）上次来是…"
    assert texts.columns(texts.label("王" * 40, 2)) <= 30
    assert texts.label("全\n部", 1) == "全 部"


def test_a_message_has_at_most_a_hundred_buttons() -> None:
    choices = tuple(Choice(f"第{n}位", f"查 {n}") for n in range(120))
    [body] = bodies(parcel("都是", choices=choices, menu=1))

    assert sum(len(row) for row in body["keys"]) == 100


def test_a_name_with_a_tag_in_it_is_only_a_name() -> None:
    assert texts.markup("<b>王芳</b> & 'x' \"y\"") == "&lt;b&gt;王芳&lt;/b&gt; &amp; &#x27;x&#x27; &quot;y&quot;"


def test_the_heading_of_something_long_is_bold() -> None:
    assert texts.markup("王<芳\na\nb\nc") == "<b>王&lt;芳</b>\na\nb\nc"
    assert texts.markup("记下了\n1 撤") == "记下了\n1 撤"


def test_a_long_answer_is_cut_between_paragraphs() -> None:
    paragraphs = [f"第{n}位\n" + "芋泥波波，" * 100 for n in range(10)]
    parts = texts.parts("\n\n".join(paragraphs))

    assert len(parts) == 2
    assert parts[0].endswith("芋泥波波，\n（未完 1/2）")
    assert parts[1].startswith("第6位\n")
    assert [body["keys"] != [] for body in bodies(parcel("\n\n".join(paragraphs), choices=TWO, menu=1))] == [
        False,
        True,
    ]


def test_a_line_too_long_is_cut_after_a_stop() -> None:
    parts = texts.parts("不要糖。" * 1000)

    assert [part.replace("\n（未完 1/2）", "")[-1] for part in parts] == ["。", "。"]


def test_no_emoji_is_cut_in_two() -> None:
    family = "👩🏽‍👩🏽‍👧🏽‍👦🏽"
    parts = texts.parts(family * 700)

    assert len(parts) > 1
    for part in parts:
        assert re.sub(r"\n（未完 \d/\d）", "", part).replace(family, "") == ""


@given(st.text(alphabet=st.sampled_from("王a<&👍\n 。🇨🇳\u200d"), max_size=400).map(lambda text: text * 40))
def test_every_part_can_be_sent_and_nothing_is_lost(text: str) -> None:
    parts = texts.parts(text)

    assert all(0 < len(html.unescape(re.sub("</?b>", "", texts.markup(part)))) <= texts.LONGEST for part in parts)
    joined = "".join(re.sub(r"\n（未完 \d+/\d+）$", "", part) for part in parts)
    assert joined.replace("\n", "") == ("" if not text.strip() else text.replace("\n", ""))


def test_a_picture_carries_a_short_text() -> None:
    assert bodies(parcel("本月", pictures=("/a.png",), choices=TWO[:1], menu=1)) == [
        {"do": "photos", "paths": ["/a.png"], "text": "本月", "keys": [[["记一句", Press(1, 1).key]]]}
    ]


def test_a_long_text_follows_its_picture() -> None:
    text = "字" * 1025

    assert bodies(parcel(text, pictures=("/a.png",), choices=TWO[:1], menu=1)) == [
        {"do": "photos", "paths": ["/a.png"]},
        {"do": "text", "text": text, "keys": [[["记一句", Press(1, 1).key]]]},
    ]


def test_many_pictures_are_albums_of_ten() -> None:
    paths = tuple(f"/{n}.png" for n in range(11))

    assert bodies(parcel("本月", pictures=paths, documents=("/a.csv",))) == [
        {"do": "photos", "paths": list(paths[:10])},
        {"do": "photos", "paths": [paths[10]]},
        {"do": "documents", "paths": ["/a.csv"]},
        {"do": "text", "text": "本月", "keys": []},
    ]


def test_in_a_group_the_answer_hangs_on_the_message_asked_in_its_topic() -> None:
    back = {"chat": "-1007", "message": "9", "topic": "5"}

    assert bodies(parcel("已私信您", to=GROUP, back=back)) == [
        {"do": "text", "text": "已私信您", "keys": [], "topic": 5, "reply": 9}
    ]


def test_what_goes_to_the_asker_in_private_forgets_the_group() -> None:
    back = {"chat": "-1007", "message": "9", "topic": "5", "pressed": "9"}

    assert bodies(parcel("王芳", back=back, pressed=Press(1, 1), settled=True)) == [
        {"do": "text", "text": "王芳", "keys": []}
    ]


def test_an_unasked_question_is_asked_with_the_last_part() -> None:
    back = {"chat": "42", "ask": "查", "hint": "手机号"}

    assert bodies(parcel("查谁？", back=back)) == [
        {"do": "text", "text": "查谁？", "keys": [], "ask": "查", "hint": "手机号"}
    ]
    assert "ask" not in bodies(parcel("查谁？", back=back, choices=TWO, menu=1))[0]


def test_buttons_that_had_their_effect_go_and_the_answer_is_new() -> None:
    found = pieces(parcel("已发券", back={"chat": "42", "pressed": "9"}, pressed=Press(1, 1), settled=True))

    assert [dict(piece.body) for piece in found] == [
        {"do": "bare", "message": 9},
        {"do": "text", "text": "已发券", "keys": []},
    ]
    assert [(piece.harmless, piece.optional) for piece in found] == [(True, True), (False, False)]


def test_the_same_card_in_another_state_takes_the_old_ones_place() -> None:
    back = {"chat": "42", "pressed": "9", "head": texts.head("王芳（138****8000）· 老客 · 你的客户\n1 全部")}
    whole = "王芳（138****8000）· 老客\n更多\n1 记一句"
    [piece] = pieces(parcel(whole, back=back, pressed=Press(1, 1), choices=TWO[:1], menu=2))

    assert dict(piece.body) == {
        "do": "edit",
        "text": whole,
        "keys": [[["记一句", Press(2, 1).key]]],
        "message": 9,
    }
    assert piece.harmless


def test_the_next_page_of_a_list_takes_the_place_of_the_last() -> None:
    assert texts.head("今天要做的（1/3）\n王芳") == texts.head("今天要做的（2/3）\n周敏")


def test_a_list_one_picks_from_stays_where_it_is() -> None:
    back = {"chat": "42", "pressed": "9", "head": texts.head("找到 2 位：\n1 王芳\n2 周敏")}

    assert [body["do"] for body in bodies(parcel("王芳 · 老客", back=back, pressed=Press(1, 1)))] == ["text"]


def test_a_card_with_a_picture_never_takes_anothers_place() -> None:
    back = {"chat": "42", "pressed": "9", "head": texts.head("王芳")}
    one = parcel("王芳", back=back, pressed=Press(1, 1), pictures=("/a.png",))

    assert [body["do"] for body in bodies(one)] == ["photos"]
