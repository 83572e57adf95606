"""What lists say, by kind and place: short enough for every platform, no number, and no allergy in a group."""

import re
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.cards.calling import rows as cards
from bot.cards.calling.rows import Line
from bot.db.tables import customers
from bot.domain import masks
from bot.domain.lists.kinds import Kind
from bot.domain.lists.values import WORDS
from bot.refresh.run import refresh
from tests.lists.conftest import TEN
from tests.support.due import born, coupons_ending, says

WEBHOOK = 2_048
KINDS: tuple[Kind, ...] = get_args(Kind)
NAMES = st.text(st.sampled_from("王欧阳诸葛A z·👩‍👧é13800138000"), max_size=20)
NOTES = st.text(st.sampled_from("芒果花生过敏，牛奶👶 x"), max_size=40)


@st.composite
def listed(draw) -> list[Line]:
    """Ten rows at most of any kinds, with names and notes as odd as people type them."""
    many = draw(st.integers(1, 10))
    found = []
    for place in range(1, many + 1):
        name, last4 = draw(NAMES), draw(st.sampled_from(["", "8000"]))
        found.append(
            Line(
                position=place,
                kind=draw(st.sampled_from(KINDS)),
                who=cards.who(name, "", last4),
                masked=masks.name(name),
                reason=f"记过{draw(NOTES)}",
                warning=f"⚠️{draw(NOTES)}过敏",
                offer=draw(st.sampled_from(["", "回归券"])),
                said=draw(NOTES) * 3,
                done=draw(st.sampled_from(["", *WORDS.values()])),
                whose=draw(st.sampled_from(["", "小王", "阿布都热合曼·买买提"])),
            )
        )
    return found


@given(listed())
def test_a_group_is_told_a_surname_what_for_and_who_and_nothing_else(rows: list[Line]) -> None:
    head, *told, foot = cards.group("〔门店名单11-20〕徐汇店今天：", rows, cards.HOW_TO_CLAIM).splitlines()

    assert (head, foot, len(told)) == ("〔门店名单11-20〕徐汇店今天：", cards.HOW_TO_CLAIM, len(rows))
    assert len("\n".join([head, *told, foot]).encode()) <= WEBHOOK
    purposes = "|".join({"要问候", "有券快到期", "该回购了", "可以多来", "等的货到了", "好久没来"})
    for row, line in zip(rows, told, strict=True):
        whose = re.escape(row.whose or "待认领")
        done = re.escape(f"✓{row.done}" if row.done else "")
        assert re.fullmatch(rf"{row.position} \S{{1,12}}\*? (?:{purposes}) → {whose}{done}", line), line
        assert not re.search(r"\d{4}|过敏|⚠|芒|花生", line.removeprefix(f"{row.position} "))


@given(listed())
def test_where_no_note_may_be_shown_there_is_none(rows: list[Line]) -> None:
    said = cards.discreet("头", rows, "尾")

    assert len(said.encode()) <= WEBHOOK
    assert not re.search(r"过敏|芒|花生|记过|回归券", said.replace(cards.NOTICE, ""))
    assert masks.scrub(said) == said


@given(listed())
def test_whoever_calls_sees_every_warning_however_long_the_list(rows: list[Line]) -> None:
    said = cards.private("头", rows, "尾")

    assert [line for line in said.splitlines() if re.match(r"\d", line)] == [
        said_line for row in rows for said_line in [_first(row)]
    ]
    spoken = [line for line in said.splitlines() if line.startswith("　“")]
    assert len(said.encode()) <= WEBHOOK or not spoken
    assert said.endswith("尾")


def _first(row: Line) -> str:
    if row.done:
        return f"{row.position} {row.who}✓{row.done}"
    offer = f" · 可发{row.offer}" if row.offer else ""
    return f"{row.position} {row.who}{row.warning} · {cards.MARKS.get(row.kind, '')}{row.reason}{offer}"


def test_a_day_of_lists_tells_a_group_no_number_and_no_allergy(grouped, tmp_path) -> None:
    def sensitive(conn) -> None:
        for number in (f"+861390200{kind}{nth:03}" for kind in range(7) for nth in range(6)):
            says(conn, number, TEN, kind="allergy", value="芒果")
            says(conn, number, TEN, kind="note", value="电话 13911112222")
        born(conn, "+8613902001000", "--11-20")
        coupons_ending(conn, TEN - timedelta(days=1))

    grouped.write(sensitive)
    refresh(grouped.database, tmp_path, TEN - timedelta(hours=8))
    for name in ("digest", "birthdays", "care", "expiring", "recall", "summary"):
        assert grouped.run(name, TEN + timedelta(hours=11)).failed == 0
    asked = ("1没接", "2我来", "名单", "为什么 1", "名单 生日")
    said = [grouped.say("小李", text, group="001").reply.text for text in asked]

    told = grouped.told("001")
    assert (len(told) >= 2, set(said)) == (True, {"已私信你。"})
    for text in told:
        assert len(text.encode()) <= WEBHOOK
        assert not re.search(r"过敏|芒果|⚠|尾号|\d{7}", text)


def test_no_message_of_any_kind_has_a_full_number(grouped, tmp_path) -> None:
    grouped.write(lambda conn: coupons_ending(conn, TEN - timedelta(days=1)))
    grouped.write(lambda conn: born(conn, "+8613902001000", "--11-20"))
    refresh(grouped.database, tmp_path, TEN - timedelta(hours=8))
    said = [
        grouped.say(name, f"名单 {kind}").reply.text
        for name in ("店长", "小王", "小李")
        for kind in ("", "召回", "生日", "快用完", "要走", "升级", "到期券", "关怀")
    ]
    said += [grouped.say("小李", text).reply.text for text in ("到货 无糖版", "1", "为什么 2", "2没接", "3给小王")]
    said += grouped.told("小王")
    with grouped.database.reading() as conn:
        assert len(conn.execute(select(customers.c.id)).all()) > 100

    assert [text for text in said if masks.scrub(text) != text or re.search(r"\d{7}", text)] == []
    assert max(len(text.encode()) for text in said) <= WEBHOOK


@pytest.mark.parametrize(
    ("name", "kind", "ranked", "dated"),
    [
        ("店长", "名单 召回", True, r"上次来是10-24"),
        ("店长", "名单 要走", True, r"平时7天来一次，已27天没来；按她和本店的节奏约8天一次，已到3\.5倍"),
        ("店长", "名单 升级", True, r"消费第3档、频次第3档（5档最高），共花了¥135"),
        ("小李", "名单 生日", False, r"档案里的生日：11月20日，今年是11-20"),
        ("小李", "名单 到期券", False, r"11-19发的满30减6（尾码 \w{4}），到11-23，还没用"),
        ("小李", "到货 无糖版", False, r"2026-11-19问过无糖版，当时没有"),
        ("店长", "今天", True, r"平时\d+天来一次，已\d+天没来；按她和本店的节奏约\d+天一次，已到\d+\.\d倍"),
    ],
)
def test_every_row_is_explained_by_dates_and_numbers(grouped, tmp_path, name, kind, ranked, dated) -> None:
    grouped.write(lambda conn: coupons_ending(conn, TEN - timedelta(days=1)))
    grouped.write(lambda conn: born(conn, "+8613902001000", "--11-20"))
    refresh(grouped.database, tmp_path, TEN - timedelta(hours=8))

    head = grouped.say(name, kind).reply.text
    why = grouped.say(name, "为什么 1").reply.text

    assert re.search(dated, why), why
    assert ("按经验规则排：先看价值，再看比平时晚了多少" in why, "经验规则" in head) == (ranked, ranked)
