"""问: one number, protected where it could mean somebody; no allergies for head office."""

import pytest

from bot.db import facts as stored
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.tables import facts
from bot.domain.errors import NotAllowedError, UsageError
from bot.handlers.board.asking import ask
from tests.board.conftest import Undone, at, context, customer

_GIVEN = "安宁平和乐美"


def _noted(conn, names: list[str], **content: str) -> None:
    for name in names:
        told = {"state": "live", "source": "chat", "said_at": at("10:00")}
        row = stored.row(keys_of(conn), new_id(), customer(conn, name), content, **told)
        conn.execute(facts.insert().values(**row))


def _answer(shop_of: Undone, words: str, name: str = "店长", veil: str = "none") -> str:
    with shop_of.reading() as conn:
        return ask.run(context(conn, shop_of, name, at("15:00"), veil), ask.takes(words)).text


def _named(surname: str, many: int) -> list[str]:
    return [f"{surname}{given}" for given in _GIVEN[:many]]


@pytest.mark.parametrize("words", ["沉睡 芒果过敏", "沉睡里面 芒果过敏的 有几个", "沉睡的 对芒果过敏"])
def test_a_number_of_a_group(shop_of: Undone, words: str) -> None:
    shop_of.transact(lambda conn: _noted(conn, _named("冯", 6), kind="allergy", value="芒果"))

    assert _answer(shop_of, words) == "徐汇店 沉睡 芒果过敏：7人（这一群共13人）。"


def test_a_few_are_not_counted(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: _noted(conn, _named("冯", 3), kind="allergy", value="芒果"))

    assert _answer(shop_of, "沉睡 芒果过敏") == "徐汇店 沉睡 芒果过敏：少于5人，不显示人数。"


def test_nobody_is_told_as_a_few(shop_of: Undone) -> None:
    assert _answer(shop_of, "沉睡 花生过敏") == "徐汇店 沉睡 花生过敏：少于5人，不显示人数。"


def test_all_but_a_few_are_not_counted(shop_of: Undone) -> None:
    names = [*_named("冯", 6), *_named("褚", 6)]
    shop_of.transact(lambda conn: _noted(conn, names, kind="allergy", value="芒果"))

    assert _answer(shop_of, "沉睡 芒果过敏") == "徐汇店 沉睡 芒果过敏：几乎全部（共13人），不显示人数。"


def test_a_family_of_allergies_is_one(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: _noted(conn, _named("冯", 6), kind="allergy", value="腰果"))

    assert _answer(shop_of, "沉睡 坚果过敏") == "徐汇店 沉睡 坚果过敏：6人（这一群共13人）。"


def test_the_allergy_of_a_relative_is_not_hers(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: _noted(conn, _named("冯", 6), kind="allergy", value="花生", of="child"))

    assert _answer(shop_of, "沉睡 花生过敏") == "徐汇店 沉睡 花生过敏：少于5人，不显示人数。"


def test_likes_and_dislikes(shop_of: Undone) -> None:
    def noted(conn) -> None:
        _noted(conn, [*_named("冯", 6), *_named("褚", 6)], kind="preference", value="三分糖", facet="口味")
        _noted(conn, [*_named("冯", 6), *_named("孙", 6)], kind="avoid", value="香菜")

    shop_of.transact(noted)

    assert _answer(shop_of, "爱喝三分糖") == "徐汇店 记了三分糖：13人（这一群共57人）。"
    assert _answer(shop_of, "不吃香菜 三分糖") == "徐汇店 不要香菜 记了三分糖：6人（这一群共57人）。"
    assert _answer(shop_of, "不吃香菜 不要香菜") == "徐汇店 不要香菜 不要香菜：12人（这一群共57人）。"


def test_two_questions_do_not_single_anybody_out(shop_of: Undone) -> None:
    """13 like it, 9 of them dislike 香菜: 13 − 9 would tell of four; and 12 − 6 of nobody in particular."""

    def noted(conn) -> None:
        _noted(conn, [*_named("冯", 6), *_named("褚", 6)], kind="preference", value="三分糖", facet="口味")
        _noted(conn, [*_named("冯", 6), *_named("褚", 3), *_named("孙", 6)], kind="avoid", value="香菜")

    shop_of.transact(noted)

    assert _answer(shop_of, "不吃香菜") == "徐汇店 不要香菜：15人（这一群共57人）。"
    assert _answer(shop_of, "三分糖 不吃香菜") == (
        "徐汇店 记了三分糖 不要香菜：和少问一个条件时只差几个人，不显示人数。请分开问。"
    )


def test_two_equal_numbers_are_not_told(shop_of: Undone) -> None:
    """All six who like it dislike 香菜 too: two equal numbers would say so of each of them."""

    def noted(conn) -> None:
        _noted(conn, _named("冯", 6), kind="preference", value="抹茶", facet="口味")
        _noted(conn, [*_named("冯", 6), *_named("褚", 5)], kind="avoid", value="香菜")

    shop_of.transact(noted)

    assert _answer(shop_of, "沉睡 爱抹茶").endswith("6人（这一群共13人）。")
    assert _answer(shop_of, "沉睡 爱抹茶 不吃香菜").endswith("不显示人数。请分开问。")


def test_a_label_alone(shop_of: Undone) -> None:
    assert _answer(shop_of, "沉睡 有多少人") == "徐汇店 沉睡：13人。"


def test_head_office_counts_no_allergies(shop_of: Undone) -> None:
    with pytest.raises(NotAllowedError, match="请找那家店的店长"):
        _answer(shop_of, "沉睡 芒果过敏", "总部")


def test_head_office_is_shown_ten_at_least(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: _noted(conn, _named("冯", 6), kind="preference", value="抹茶", facet="口味"))

    assert _answer(shop_of, "沉睡 爱抹茶", "总部") == "全链 沉睡 记了抹茶：少于10人，不显示人数。"
    assert _answer(shop_of, "静安店 沉睡", "总部") == "静安店 沉睡：20人。"


def test_another_store_is_not_hers_to_ask(shop_of: Undone) -> None:
    with pytest.raises(NotAllowedError, match="只能问自己店"):
        _answer(shop_of, "静安店 沉睡")


def test_abroad_notes_are_not_counted(shop_of: Undone) -> None:
    assert _answer(shop_of, "沉睡", veil="closed") == "徐汇店 沉睡：13人。"
    with pytest.raises(NotAllowedError, match="请到企业微信问"):
        _answer(shop_of, "沉睡 芒果过敏", veil="closed")


@pytest.mark.parametrize(
    ("words", "strange"),
    [
        ("沉睡或者新客", "「沉睡或者新客」"),
        ("近30天来过的", "「近30天来过」"),
        ("消费超过500的", "「消费超过500」"),
        ("昨天来过的有几个", "「昨天来过」"),
        ("沉睡 爱笑的 高个子", "「高个子」"),
        ("沉睡 买过3次的", "「买过3次」"),
        ("沉睡 六月生日 住得远", "「六月生日」、「住得远」"),
    ],
)
@pytest.mark.parametrize("who", ["店长", "总部"])
def test_words_that_mean_nothing_here_are_named_and_nothing_is_counted(shop_of: Undone, words, strange, who) -> None:
    with pytest.raises(UsageError) as refused:
        _answer(shop_of, words, who)

    assert str(refused.value).startswith(f"没看懂{strange}，没有数。能问的：人群")


@pytest.mark.parametrize("words", ["沉睡 去冰", "沉睡 M码", "沉睡 抹茶", "沉睡 葡萄冻冻", "沉睡 珍珠", "沉睡 爱逛夜市"])
def test_what_is_noted_or_sold_is_understood(shop_of: Undone, words: str) -> None:
    assert "少于5人" in _answer(shop_of, words)


@pytest.mark.parametrize("words", ["沉睡里面 芒果过敏的 有几个", "沉睡 芒果", "沉睡 不吃芒果", "沉睡 过敏"])
def test_head_office_is_told_no_health_however_it_asks(shop_of: Undone, words: str) -> None:
    shop_of.transact(lambda conn: _noted(conn, [*_named("冯", 6), *_named("褚", 6)], kind="preference", value="芒果"))

    with pytest.raises(NotAllowedError, match="过敏和忌口的人数总部不看"):
        _answer(shop_of, words, "总部")
    assert "记了芒果：12人" in _answer(shop_of, "爱芒果", "总部")
