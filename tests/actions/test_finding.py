import random
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, timedelta

import pytest
from pypinyin import lazy_pinyin
from sqlalchemy import insert, update

from bot.actions import finding, hinted
from bot.actions.finding import Ambiguous, find, resolve_for_write
from bot.db import audit, customers, facts
from bot.db.bulk import orders
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.tables import customer_phones, customer_stores, products
from bot.db.tables import facts as facts_table
from bot.domain.errors import NotFoundError, UsageError
from bot.domain.language.values import Mention
from bot.domain.names.keys import heard
from bot.domain.stats import Line

GOODS = {"针织衫": "上衣", "羽绒服": "外套", "爱他美奶粉": "奶粉", "热可可": "热饮", "龙凤镯": "手镯", "帆布鞋": "鞋"}


class Shop:
    """Store 001 with its goods; what is asked is asked by 小王 unless said otherwise."""

    def __init__(self, database, people, now):
        self.database, self.people, self.now = database, people, now
        self.wang, self.away = people("小王"), people("外店")
        self.goods = {name: new_id() for name in GOODS}
        rows = [
            {"id": row_id, "code": name, "name": name, "category": GOODS[name], "active": True}
            for name, row_id in self.goods.items()
        ]
        database.transact(lambda conn: conn.execute(insert(products), rows))

    def meet(self, name="", phone="", *, staff=None, guide=None, **plain):
        row_id = new_id()
        known = {"store_id": (staff or self.wang).store_id, "guide_id": guide and guide.id, "name": name, **plain}
        known["phone"] = f"+86{phone}" if phone else ""
        self.database.transact(lambda conn: customers.add(conn, row_id, self.now, **known))
        return row_id

    def bought(self, customer_id, *goods, days=0, hour=15, kind="sale"):
        at = (self.now - timedelta(days=days)).replace(hour=hour)
        lines = [Line(self.goods[name], 1000, 100) for name in goods]
        store_id = self.wang.store_id
        order = orders.Order(str(new_id()), store_id, customer_id, at.astimezone(UTC), at.date(), kind, lines)
        self.database.transact(lambda conn: orders.store_orders(conn, [order]))

    def looked_at(self, customer_id, minutes_ago):
        at = self.now - timedelta(minutes=minutes_ago)
        told = {"command": "查", "outcome": "ok", "about": [customer_id], "inbox_id": None}
        self.database.transact(lambda conn: audit.add(conn, at=at, person=self.wang, **told))

    def find(self, staff=None, focus=None, **mention):
        asked = {"staff": staff or self.wang, "now": self.now, "focus": focus}
        found = self.database.transact(lambda conn: find(conn, Mention(**mention), **asked))
        return [sight.customer.id for sight in found]

    def resolve(self, staff=None, focus=None, **mention):
        """The id of the one for a write, or the candidates of a question."""
        asked = {"staff": staff or self.wang, "now": self.now, "focus": focus}
        try:
            return self.database.transact(lambda conn: resolve_for_write(conn, Mention(**mention), **asked)).customer.id
        except Ambiguous as several:
            return [sight.customer.id for sight in several.candidates]


@pytest.fixture
def shop(database, people, now):
    return Shop(database, people, now)


# --- numbers ---------------------------------------------------------------------------------------------------


def test_a_full_number_is_certain(shop):
    fang = shop.meet("王芳", "13800138000")
    for spelling in ("13800138000", "+86 138-0013-8000", "１３８００１３８０００"):
        assert shop.find(phone=spelling) == [fang]
        assert shop.resolve(phone=spelling) == fang
    assert shop.find(phone="13800138009") == []
    assert shop.find(phone="not a number") == []


def test_a_number_she_had_before_is_shown_but_asked_about(shop, keys):
    fang = shop.meet("王芳", "13900000001")
    old, row_id = "+8613800138000", new_id()
    history = {"id": row_id, "customer_id": fang, "until_at": shop.now, "phone_index": customers.phone_index(keys, old)}
    history["phone"] = keys.seal("customer_phones.phone", row_id, old)
    shop.database.transact(lambda conn: conn.execute(insert(customer_phones).values(**history)))
    assert shop.find(phone="13800138000") == [fang]
    assert shop.resolve(phone="13800138000") == [fang]
    assert shop.find(shop.away, phone="13800138000") == []
    newer = shop.meet("李强", "13800138000")
    assert shop.resolve(phone="13800138000") == newer


def test_last_four_digits_are_all_of_the_store_and_nobody_else(shop):
    shop.meet("外人", "13700008000", staff=shop.away)
    fang = shop.meet("王芳", "13800138000")
    assert shop.resolve(last4="8000") == fang
    qiang = shop.meet("李强", "13900008000", guide=shop.wang)
    assert shop.find(last4="8000") == [qiang, fang]
    assert shop.resolve(last4="8000") == [qiang, fang]
    assert shop.find(last4="8001") == []


def test_name_and_digits_must_agree(shop):
    fang = shop.meet("王芳", "13800138000", gender="female")
    shop.meet("王丽", "13800137777", gender="female")
    qiang = shop.meet("李强", "13900008000", gender="male")
    assert shop.resolve(last4="8000", name="王姐") == fang
    assert shop.resolve(last4="8000", name="wangfang") == fang
    assert shop.resolve(last4="8000", name="李哥") == qiang
    assert shop.resolve(last4="7777", name="李强") == [*shop.find(last4="7777"), qiang]
    assert shop.resolve(last4="0000", name="王芳") == [fang]
    nameless = shop.meet("", "13900005555")
    assert shop.resolve(last4="5555", name="赵姐") == nameless


def test_customer_numbers(shop):
    fang = shop.meet("王芳", customer_no="00038317")
    short = shop.meet("李强", customer_no="2203")
    assert shop.resolve(hint="00038317") == fang
    assert shop.resolve(name="号 00038317") == fang
    assert shop.resolve(hint="客户号：2203") == short
    assert shop.find(last4="2203") == []
    assert shop.find(hint="38317") == []
    assert shop.find(shop.away, hint="00038317") == []


def test_first_seven_digits_only_where_the_chain_keeps_them(shop, keys):
    fang = shop.meet("王芳", "13800138000")
    indexes = customers.store_indexes(keys, shop.wang.store_id, "+8613800138000", first7=True)
    change = update(customer_stores).where(customer_stores.c.customer_id == fang).values(**indexes)
    shop.database.transact(lambda conn: conn.execute(change))
    assert shop.find(hint="1380013") == []
    opened = replace(shop.wang, first7=True)
    assert shop.find(opened, hint="1380013") == [fang]
    assert shop.resolve(opened, hint="1380013") == [fang]


# --- names -----------------------------------------------------------------------------------------------------


def test_only_an_exact_name_or_the_only_one_of_a_surname_is_certain(shop):
    fang = shop.meet("王芳", gender="female")
    assert shop.resolve(name="王芳") == fang
    assert shop.resolve(name="王姐") == fang
    for guess in ("王方", "wangfang", "wf", "芳", "王"):
        assert shop.resolve(name=guess) == [fang], guess
    maybe = shop.meet("王一")
    assert shop.resolve(name="王姐") == [fang, maybe]
    assert shop.resolve(name="王哥") == [maybe]
    second = shop.meet("王芳", guide=shop.wang)
    assert shop.resolve(name="王芳") == [second, fang]
    assert shop.resolve(name="王芳", focus=fang) == [fang, second]


def test_somebody_of_another_store_and_nobody_are_alike(shop):
    shop.meet("王芳", "13800138000", staff=shop.away, customer_no="777777")
    told = []
    for known, unknown in (
        ({"phone": "13800138000"}, {"phone": "13800138001"}),
        ({"last4": "8000"}, {"last4": "8001"}),
        ({"name": "王芳"}, {"name": "李强"}),
        ({"hint": "777777"}, {"hint": "777778"}),
        ({"hint": "昨天买羽绒服的王姐"}, {"hint": "昨天买羽绒服的李哥"}),
    ):
        for mention in (known, unknown):
            assert shop.find(**mention) == []
            with pytest.raises(NotFoundError) as refusal:
                shop.resolve(**mention)
            told.append((refusal.value.say, refusal.value.offers))
    assert len(set(told)) == 1


def test_head_office_finds_by_full_numbers_only(shop):
    hq = shop.people("总部")
    fang = shop.meet("王芳", "13800138000", customer_no="777777")
    assert shop.resolve(hq, phone="13800138000") == fang
    assert shop.resolve(hq, hint="777777") == fang
    for mention in ({"last4": "8000"}, {"name": "王芳"}, {"hint": "昨天退货的"}):
        with pytest.raises(UsageError, match="11位手机号"):
            shop.find(hq, **mention)


# --- whoever was spoken of ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mention", [{}, {"name": "她"}, {"hint": "这位"}, {"name": "TA"}, {"hint": "这个客人"}])
def test_a_pronoun_is_the_one_in_focus(shop, mention):
    fang = shop.meet("王芳")
    assert shop.find(focus=fang, **mention) == [fang]
    assert shop.resolve(focus=fang, **mention) == fang
    assert shop.find(**mention) == []
    with pytest.raises(UsageError):
        shop.resolve(**mention)
    with pytest.raises(NotFoundError):
        shop.resolve(shop.away, focus=fang, **mention)


def test_just_now_is_the_focus_or_who_was_looked_at_last(shop):
    fang, qiang = shop.meet("王芳", gender="female"), shop.meet("李强", gender="male")
    assert shop.find(hint="刚才那个") == []
    shop.looked_at(fang, 20)
    shop.looked_at(qiang, 15)
    assert shop.find(hint="刚才那个") == [qiang, fang]
    assert shop.find(hint="刚才那个姐姐") == [fang]
    assert shop.find(hint="刚才那位", focus=fang) == [fang]
    assert shop.resolve(hint="刚才那位", focus=fang) == [fang]


# --- hints -----------------------------------------------------------------------------------------------------


def test_who_returned_it_yesterday_comes_before_who_was_there_the_day_before(shop):
    jie = shop.meet("陈洁", gender="female")
    cheng = shop.meet("程敏", gender="female", guide=shop.wang)
    qiang = shop.meet("陈强", gender="male")
    shop.bought(jie, "针织衫", days=1, hour=16, kind="refund")
    shop.bought(cheng, "热可可", days=2)
    shop.bought(qiang, "针织衫", days=1, kind="refund")
    shop.bought(shop.meet("王芳", gender="female"), "针织衫", days=9)
    asked = "昨天退了针织衫那个姐姐 姓陈还是程"
    assert shop.find(hint=asked) == [jie, cheng]
    assert shop.resolve(hint=asked) == [jie, cheng]
    assert shop.find(name="昨天退了针织衫那个姐姐 姓陈还是程") == [jie, cheng]
    asker = hinted.Asker(None, shop.wang, shop.now, None)
    clue = shop.database.transact(lambda conn: hinted.borne_out(replace(asker, conn=conn), asked))[jie]
    assert (clue.kind, clue.on, clue.things) == ("refund", (shop.now - timedelta(days=1)).date(), ("针织衫", "上衣"))


def test_hints_of_guides(shop):
    guo = shop.meet("郭强", gender="male")
    mother = shop.meet("周敏", gender="female")
    bride = shop.meet("何静", gender="female")
    cocoa = shop.meet("林涛", gender="male")
    other = shop.meet("马超", gender="male")
    shop.bought(guo, "羽绒服", days=8)
    shop.bought(mother, "爱他美奶粉", days=1, kind="refund")
    shop.bought(bride, "龙凤镯", days=40)
    shop.bought(cocoa, "热可可", hour=9)
    shop.bought(other, "热可可", hour=14)
    shop.bought(other, "羽绒服", days=30)
    for asked, meant in {
        "上礼拜买羽绒服那位男的 姓郭": guo,
        "退奶粉那个宝妈 昨天来的": mother,
        "那个买了龙凤镯的新娘子": bride,
        "早上那个穿红羽绒服买了两杯热可可的大哥": cocoa,
        "昨天退货的": mother,
        "姓郭的": guo,
        "姓guo的": guo,
    }.items():
        assert shop.find(hint=asked)[:1] == [meant], asked


def test_a_word_she_is_remembered_by(shop):
    dog = shop.meet("", alias="柯基姐姐", state="temporary")
    cat = shop.meet("王芳", gender="female")

    def note(conn):
        row_id = new_id()
        plain = {"state": "live", "source": "chat", "author_id": shop.wang.id, "said_at": shop.now}
        content = {"kind": "family", "value": "养了两只布偶", "of": "pet"}
        conn.execute(insert(facts_table).values(**facts.row(keys_of(conn), row_id, cat, content, **plain)))

    shop.database.transact(note)
    shop.looked_at(cat, 60 * 30)
    assert shop.find(hint="带俩柯基来的那个美女") == [dog]
    assert shop.find(hint="带布偶来的那个美女") == [cat]


def test_a_hint_tells_people_of_one_name_apart(shop):
    first = shop.meet("王芳", gender="female", guide=shop.wang)
    second = shop.meet("王敏", gender="female")
    shop.bought(second, "羽绒服", days=3)
    assert shop.find(name="王姐") == [first, second]
    assert shop.find(name="王姐", hint="前几天买羽绒服") == [second, first]
    assert shop.find(name="王姐 羽绒服") == [second, first]


def test_a_gender_alone_finds_nobody(shop):
    shop.meet("王芳", gender="female")
    assert shop.find(hint="那个美女") == []


# --- recall ----------------------------------------------------------------------------------------------------

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余杜叶程魏苏吕丁任卢姚"
GIVEN = (
    "芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲建华红梅国志海春晓东宁伟鹏飞雪琳"
    "琪倩婷雯颖洁莉萍燕佳欣悦思雨涵梓轩浩宇俊峰凯旭阳晨曦嘉诗梦瑶"
)
HOMOPHONES = (
    *("芳方坊", "静婧靖", "丽莉俐", "敏闽皿", "洁杰婕", "玲铃灵", "文雯纹", "颖影莹"),
    *("霞侠遐", "伟炜玮", "明铭鸣", "欣新心", "宇羽雨", "辉晖徽", "涛滔"),
)
EACH = 43


@dataclass
class Person:
    id: int
    name: str
    gender: str

    @property
    def sounds(self):
        return [heard(syllable) for syllable in lazy_pinyin(self.name)]


@pytest.fixture
def crowd(shop):
    """500 customers of one store and what each bought within five weeks, the same every time."""
    dice = random.Random(20261120)
    made, told = [], []
    for number in range(500):
        name = dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2))))
        person = Person(new_id(), name, dice.choice(("female", "female", "male")))
        made.append(person)
        for _ in range(dice.randint(1, 3)):
            on = (shop.now - timedelta(days=dice.randint(1, 35))).replace(hour=dice.randint(10, 21))
            kind, good = dice.choice(("sale", "sale", "refund")), dice.choice(list(GOODS))
            told.append((person, on, kind, good))
        phone = f"+86139{number:04}{dice.randrange(10_000):04}"
        known = {"name": name, "gender": person.gender, "phone": phone, "store_id": shop.wang.store_id}
        if number % 3 == 0:
            known["guide_id"] = shop.wang.id
        shop.database.transact(lambda conn, p=person, k=known: customers.add(conn, p.id, shop.now, **k))
    rows = [
        orders.Order(
            str(n), shop.wang.store_id, p.id, on.astimezone(UTC), on.date(), kind, [Line(shop.goods[good], 1000, 100)]
        )
        for n, (p, on, kind, good) in enumerate(sorted(told, key=lambda row: row[1]))
    ]
    shop.database.transact(lambda conn: orders.store_orders(conn, rows))
    return dice, made, told


def _few(people, key):
    """Those whose key is shared by three at most: more cannot be told apart by anybody."""
    groups = defaultdict(list)
    for person in people:
        groups[key(person)].append(person)
    return [group[0] for group in groups.values() if len(group) <= 3]


def _initials(person):
    return "".join(syllable[0] for syllable in lazy_pinyin(person.name))


def _misheard(person):
    for alike in HOMOPHONES:
        for char in alike:
            if char in person.name[1:]:
                wrong = alike[0] if char != alike[0] else alike[1]
                return person.name[0] + person.name[1:].replace(char, wrong, 1)
    return None


def _title(person):
    return person.name[0] + ("姐" if person.gender == "female" else "哥")


def queries(dice, made, told, now):
    """Sloppy words by group, each with whom they mean."""
    long = [person for person in made if len(person.name) == 3]
    slips = [(p, p.name[0] + dice.choice(GIVEN) + p.name[2]) for p in _few(long, lambda p: p.name[0] + p.name[2])]
    names = {person.name for person in made}
    yield "part", [(p, p.name[1:]) for p in _few(long, lambda p: p.name[1:])]
    yield "pinyin", [(p, "".join(lazy_pinyin(p.name))) for p in _few(made, lambda p: "".join(p.sounds))]
    yield "dialect", [(p, "".join(p.sounds)) for p in _few(made, lambda p: "".join(p.sounds)) if len(p.name) == 3]
    yield "initials", [(p, _initials(p)) for p in _few(long, _initials)]
    yield "title", [(p, _title(p)) for p in _few(made, _title)]
    yield (
        "homophone",
        [(p, w) for p in _few(made, lambda p: "".join(p.sounds)) if (w := _misheard(p)) and w not in names],
    )
    yield "wrong character", [(p, wrong) for p, wrong in slips if wrong not in names]
    yield "hint", [(one[0], _hint(dice, one, now)) for one in told if (now - one[1]).days < 10]


def _hint(dice, told, now):
    person, on, kind, good = told
    days = (now.date() - on.date()).days
    day = {1: "昨天", 2: "前天", 3: "大前天"}.get(days) or f"{on.day}号"
    surnames = dice.sample([person.name[0], dice.choice(SURNAMES)], 2)
    who = dice.choice(("姐姐", "美女", "阿姨") if person.gender == "female" else ("大哥", "帅哥", "男的"))
    said = good.removeprefix("爱他美")
    return f"{day}{'买了' if kind == 'sale' else '退了'}{said}那个{who} 姓{surnames[0]}还是{surnames[1]}"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_sloppy_words_find_whom_they_mean_among_three_and_never_write_to_another(shop, crowd):
    dice, made, told = crowd
    recall, asked = {}, 0
    for group, pairs in queries(dice, made, told, shop.now):
        some = dice.sample(pairs, min(EACH, len(pairs)))
        hits = 0
        for person, words in some:
            mention = Mention(hint=words) if group == "hint" else Mention(name=words)
            context = {"staff": shop.wang, "now": shop.now, "focus": None}
            found = shop.database.transact(lambda conn, m=mention, c=context: finding.find(conn, m, **c))
            hits += person.id in [sight.customer.id for sight in found[:3]]
            written = shop.resolve(hint=mention.hint, name=mention.name)
            assert isinstance(written, list) or written == person.id, (group, words)
        asked += len(some)
        recall[group] = hits / len(some)
    assert asked >= 300
    assert min(recall.values()) >= 0.9, recall
