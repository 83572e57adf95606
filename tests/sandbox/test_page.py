"""The page of phones in a real browser, on the real local servers, with a small bot behind them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Request, expect

from tests.support.browser import PHONE, Table, browsing
from tests.support.little_bot import ALL, CARD, Sandbox, sandbox, working

WANG, LI, BOSS, OUTSIDE = "xiaowang", "xiaoli", "dianzhang", "waidian"
HOSTILE = '<img src=x onerror="window.hacked=1">'
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f0003860180"
    "5a349b7d0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as opened:
        yield opened


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox(tmp_path) as served:
        yield served


@pytest.fixture
def bot(place: Sandbox) -> Iterator[None]:
    with working(place):
        yield


@pytest.fixture
def table(browser: Browser, place: Sandbox) -> Iterator[Table]:
    opened = Table.open(browser, place.address)
    yield opened
    assert opened.complaints == []
    opened.close()


def test_a_guide_asks_presses_a_key_and_the_answer_is_on_her_phone_alone(table: Table, bot: None) -> None:
    wang = table.phone(WANG, "telegram")
    others = [table.phone(BOSS, "telegram"), table.phone(LI, "telegram")]

    wang.say("查 8000")
    assert wang.answer("⚠️") == CARD
    assert wang.keys() == ["记一句", "全部", "给看"]

    wang.press("全部")
    expect(wang.node.locator(".flash")).to_have_text("已选：全部")
    assert wang.answer("女 · 生日") == ALL
    assert wang.bubbles() == ["查 8000", CARD, ALL]
    assert [other.bubbles() for other in others] == [[], []]


def test_in_wecom_a_card_is_pressed_and_greyed(table: Table, bot: None) -> None:
    boss = table.phone(BOSS, "wecom", "bot")
    boss.say("查 8000")
    boss.answer("⚠️")
    assert boss.keys() == ["记一句", "全部"]

    boss.press("全部")
    settled = boss.node.locator(".card-key:disabled")
    settled.wait_for()
    assert settled.all_inner_texts() == ["已选：全部"]
    assert boss.node.locator(".card h3").all_inner_texts() == ["王*（尾号8000）"]


def test_a_group_speaks_on_the_phones_of_its_members(table: Table, bot: None) -> None:
    li, boss = table.phone(LI, "wecom", "group"), table.phone(BOSS, "wecom", "group")
    outside = table.phone(OUTSIDE, "wecom", "group")

    li.say("芋泥到了")
    boss.answer("芋泥到了")
    assert boss.node.locator(".author").all_inner_texts() == ["小李"]

    li.say("@掌柜 查 8000")
    assert boss.answer("⚠️") == CARD
    assert outside.bubbles() == []


def test_a_card_says_what_was_chosen_in_it(table: Table, place: Sandbox) -> None:
    place.wecom.callback_url = f"{place.address}/nowhere"
    options = [{"id": one, "text": one} for one in ("甲", "乙", "丙")]
    boxes = {"question_key": "check", "mode": 1, "option_list": [options[0] | {"is_checked": True}, *options[1:]]}
    card = {"main_title": {"title": "晨检"}, "task_id": "t1", "submit_button": {"text": "提交", "key": "go"}}
    place.wecom_send(BOSS, "template_card", card | {"card_type": "vote_interaction", "checkbox": boxes})
    lists = [{"question_key": "shift", "title": "班次", "selected_id": "乙", "option_list": options}]
    more = card | {"task_id": "t2", "card_type": "multiple_interaction", "select_list": lists}
    place.wecom_send(BOSS, "template_card", more)
    boss = table.phone(BOSS, "wecom", "app")

    boss.node.get_by_role("checkbox", name="丙").check()
    boss.node.get_by_role("checkbox", name="甲").uncheck()
    with table.page.expect_request("**/sandbox/press") as pressed:
        boss.node.get_by_role("button", name="提交").first.click()
    assert _values(pressed.value) == {"check": ["丙"]}
    expect(boss.node.locator(".flash")).to_contain_text("应用没有应答")

    boss.node.get_by_label("班次").select_option("丙")
    with table.page.expect_request("**/sandbox/press") as pressed:
        boss.node.get_by_role("button", name="提交").last.click()
    assert _values(pressed.value) == {"shift": ["丙"]}


def _values(request: Request) -> object:
    return json.loads(request.post_data or "")["values"]


def test_a_file_is_dropped_and_answered(table: Table, bot: None, tmp_path: Path) -> None:
    sheet = tmp_path / "会员.csv"
    sheet.write_text("姓名,手机\n")
    wang = table.phone(WANG, "telegram")
    wang.drop(sheet)

    assert wang.answer("收到") == "收到 会员.csv，读到 2 行。"
    file = wang.node.locator("a.file")
    assert file.get_attribute("download") == "会员.csv"
    with table.page.expect_download() as fetched:
        file.click()
    assert fetched.value.path().read_text() == "姓名,手机\n"


def test_a_file_may_be_let_fall_on_the_phone(table: Table, bot: None) -> None:
    wang = table.phone(WANG, "telegram")
    falling = table.page.evaluate_handle(
        "() => { const held = new DataTransfer(); held.items.add(new File(['a,b'], '会员.csv')); return held; }"
    )
    screen = wang.node.locator(".screen")
    screen.dispatch_event("dragover", {"dataTransfer": falling})
    expect(wang.node.locator(".landing")).to_be_visible()

    screen.dispatch_event("drop", {"dataTransfer": falling})
    assert wang.answer("收到") == "收到 会员.csv，读到 2 行。"
    expect(wang.node.locator(".landing")).to_be_hidden()


def test_a_picture_is_shown_in_its_place_and_large_when_tapped(table: Table, tmp_path: Path) -> None:
    for platform, talk in (("telegram", "private"), ("wecom", "bot")):
        picture = tmp_path / "芋泥.png"
        picture.write_bytes(PIXEL)
        wang = table.phone(WANG, platform, talk)
        wang.drop(picture)
        shown = wang.node.get_by_role("button", name="看大图：芋泥.png")
        shown.wait_for()
        assert shown.locator("img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 1

        shown.click()
        expect(table.page.locator("#viewer img")).to_be_visible()
        table.page.keyboard.press("Escape")
        expect(table.page.locator("#viewer")).to_be_hidden()


def test_the_clock_is_moved_by_its_buttons_and_every_phone_shows_it(table: Table, place: Sandbox) -> None:
    def step(name: str) -> None:
        with table.page.expect_response("**/sandbox/clock"):
            table.page.get_by_role("button", name=name).click()

    step("+1小时")
    assert round(place.clock.offset / 60) == 60
    step("+1天")
    assert round(place.clock.offset / 60) == 25 * 60

    expect(table.page.locator(".face .shift")).to_have_text(re.compile("^快 1 天"))

    field = table.page.get_by_label("拨到这个时间")
    with table.page.expect_response("**/sandbox/clock"):
        field.fill("2027-02-06T08:30")
    expect(table.page.locator(".face .date")).to_have_text("2月6日 周六")

    step("现在")
    assert place.clock.offset == 0
    expect(table.page.locator(".face .shift")).to_be_hidden()


def test_the_next_message_of_the_day_is_one_press_away(table: Table, place: Sandbox) -> None:
    stop = table.page.locator("[data-step=stop]")
    httpx.post(f"{place.address}/sandbox/clock", json={"to": "2027-02-05T21:00"})

    for label, hour in (("明早 8:30", "08:3"), ("到 10:00", "10:0"), ("到 18:00", "18:0"), ("到 20:30", "20:3")):
        expect(stop).to_have_text(label)
        stop.click()
        expect(table.page.locator(".face .date")).to_have_text("2月6日 周六")
        expect(table.page.locator(".face .hour")).to_have_text(re.compile(f"^{hour}[01]$"))
        expect(table.page.locator(".phone .status .hour").last).to_have_text(re.compile(f"^{hour}[01]$"))
    expect(stop).to_have_text("明早 8:30")


def test_another_hand_on_the_clock_is_seen_too(table: Table, place: Sandbox) -> None:
    httpx.post(f"{place.address}/sandbox/clock", json={"to": "2027-02-06T08:30"})

    expect(table.page.locator(".face .date")).to_have_text("2月6日 周六")


def test_on_a_real_phone_one_is_shown_at_a_time_by_tabs(browser: Browser, place: Sandbox, bot: None) -> None:
    table = Table.open(browser, place.address, PHONE)
    tabs = table.page.get_by_role("tab")
    expect(tabs).to_have_text(["小王", "店长", "徐汇店群"])

    for name, person in (("小王", WANG), ("店长", BOSS)):
        table.page.get_by_role("tab", name=name).click()
        assert [phone.get_attribute("data-person") for phone in table.page.locator(".phone:visible").all()] == [person]
        box = table.page.locator(f".phone[data-person={person}] textarea").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= PHONE[1]
    assert table.page.evaluate("document.documentElement.scrollWidth") == PHONE[0]

    boss = table.phone(BOSS, "telegram")
    boss.say("查 8000")
    assert boss.answer("⚠️") == CARD
    boss.node.locator(".msg.theirs .text").dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    expect(boss.node.locator(".quoting")).to_contain_text("芒果过敏")

    table.page.locator(".face").click()
    with table.page.expect_response("**/sandbox/clock"):
        table.page.get_by_role("button", name="+1天").click()
    assert round(place.clock.offset / 3600) == 24
    assert table.complaints == []
    table.close()


def test_what_somebody_writes_is_never_markup(table: Table, place: Sandbox, tmp_path: Path) -> None:
    wang = table.phone(WANG, "telegram")
    wang.say(HOSTILE)
    named = tmp_path / "<img src=x onerror=alert(1)>.csv"
    named.write_text("x")
    wang.drop(named)
    wang.node.locator("a.file").wait_for()
    li = table.phone(LI, "wecom", "group")
    li.say(HOSTILE)

    assert wang.bubbles() == [HOSTILE, ""]
    assert wang.node.locator("a.file .name").inner_text().splitlines()[0] == named.name
    assert li.bubbles() == [HOSTILE]
    assert table.page.locator(".bubbles img").count() == 0
    assert table.page.evaluate("window.hacked") is None


def test_the_pages_own_sieve_keeps_only_what_it_knows(table: Table) -> None:
    safe_link = '<a href="https://shop.example/a" target="_blank" rel="noopener noreferrer">王</a>'
    sifted = {
        "<b>好</b> &lt;b&gt;": "<b>好</b> &lt;b&gt;",
        HOSTILE + "王": "王",
        "<script>window.hacked=1</script>王": "王",
        "<svg onload='window.hacked=1'><a>王</a></svg>李": "李",
        "<b onclick='window.hacked=1' style='position:fixed' id=x class=stage>王</b>": "<b>王</b>",
        "<a href='javascript:window.hacked=1'>王</a>": "<a>王</a>",
        "<a href='https://shop.example/a'>王</a>": safe_link,
        "<iframe src='/'>王</iframe><form><input>李</form>": "李",
        '<span style="color:#d9822b">快</span>': '<span class="warning">快</span>',
        "<template><img src=x onerror='window.hacked=1'></template>王": "王",
    }
    sieve = """async (texts) => {
        const { safe } = await import("/safe.js");
        return texts.map((html) => {
            const box = document.createElement("div");
            box.append(safe(html));
            return box.innerHTML;
        });
    }"""

    assert dict(zip(sifted, table.page.evaluate(sieve, list(sifted)), strict=True)) == sifted
    assert table.page.evaluate("window.hacked") is None


def test_a_message_that_did_not_go_out_is_kept_and_sent_again(table: Table, bot: None) -> None:
    wang = table.phone(WANG, "telegram")
    table.page.route("**/sandbox/say", lambda route: route.abort())
    wang.node.locator("textarea").fill("查 8000")
    wang.node.locator("textarea").press("Enter")
    expect(wang.node.locator(".ghost.failed .text")).to_have_text("查 8000")
    expect(table.page.locator(".toast")).to_have_text("连不上沙盒。它还开着吗？看看启动它的那个窗口。")
    table.complaints.clear()  # the browser reports the request we cut

    table.page.unroute("**/sandbox/say")
    wang.node.get_by_role("button", name="重发").click()
    assert wang.answer("⚠️") == CARD
    expect(wang.node.locator(".ghost")).to_have_count(0)


def test_shift_enter_makes_a_line_and_an_input_method_keeps_its_enter(table: Table) -> None:
    wang = table.phone(WANG, "telegram")
    field = wang.node.locator("textarea")
    field.fill("她对花生过敏")
    field.press("Shift+Enter")
    field.press_sequentially("ok")
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True, "cancelable": True})
    assert wang.bubbles() == []

    field.press("Enter")
    wang.node.locator(".msg.mine[data-id]").wait_for()
    assert wang.bubbles() == ["她对花生过敏\nok"]


def test_a_message_is_quoted_and_the_answer_shows_it(table: Table, bot: None) -> None:
    wang = table.phone(WANG, "telegram")
    wang.say("查 8000")
    wang.answer("⚠️")
    wang.node.locator(".msg.theirs").last.hover()
    wang.node.get_by_role("button", name="引用这条来回复").last.click()
    expect(wang.node.locator(".quoting")).to_contain_text("芒果过敏")

    wang.say("撤")
    expect(wang.node.locator(".quoting")).to_be_hidden()
    assert wang.node.locator(".msg.mine blockquote").inner_text() == "⚠️ 芒果过敏（2025-07 小王记）"


def test_what_came_elsewhere_has_a_dot_until_it_is_read(table: Table, place: Sandbox) -> None:
    wang = table.phone(WANG, "telegram", "group")
    place.wecom_send(WANG, "text", {"content": "早上好"})
    dot = wang.node.locator("[data-side=wecom] .dot")
    expect(dot).to_be_visible()

    table.phone(WANG, "wecom", "group")
    expect(wang.node.locator(".back .badge")).to_have_text("1")
    wang.open("app")
    expect(wang.node.locator(".back .badge")).to_have_count(0)
    table.phone(WANG, "telegram")
    expect(dot).to_be_hidden()


def test_the_menu_and_the_first_suggestions_are_one_tap(table: Table, place: Sandbox, bot: None) -> None:
    wang = table.phone(WANG, "telegram")
    assert wang.node.locator(".tip").all_inner_texts()[0] == "查 8000"
    wang.node.locator(".tip").first.click()
    assert wang.answer("⚠️") == CARD
    expect(wang.node.locator(".tips")).to_be_hidden()

    place.telegram_call("setMyCommands", commands=[{"command": "cx", "description": "查一位客户"}])
    boss = table.phone(BOSS, "telegram")
    boss.say("查 8000")
    boss.node.get_by_role("button", name="菜单").click()
    boss.press("/cx 查一位客户")
    boss.answer("没听懂")
    assert boss.bubbles()[2] == "/cx"


def test_the_table_stands_as_it_was_left(table: Table) -> None:
    table.phone(WANG, "wecom", "bot")
    table.page.get_by_role("button", name="加一部手机").click()
    table.page.reload()

    phones = table.page.locator(".phone[data-known=true]")
    expect(phones).to_have_count(4)
    assert [(one.get_attribute("data-person"), one.get_attribute("data-talk")) for one in phones.all()] == [
        (WANG, "bot"),
        (BOSS, "app"),
        (LI, "group:001"),
        (OUTSIDE, "private"),
    ]


def test_every_fault_on_the_sheet_is_known_to_its_platform(table: Table, place: Sandbox) -> None:
    table.page.get_by_role("button", name="制造故障").click()
    faults = table.page.locator(".fault")
    for fault in faults.all():
        fault.click()
    expect(table.page.locator(".toast.good")).to_have_count(faults.count())
    assert len(place.telegram.faults) == 7
    assert place.killed.is_set()

    table.page.get_by_role("button", name="全部恢复正常").click()
    expect(table.page.locator(".toast", has_text="两边都恢复正常了")).to_be_visible()
    assert len(place.telegram.faults) == 0


def test_everything_is_in_reach_of_the_keyboard(table: Table, bot: None) -> None:
    wang = table.phone(WANG, "telegram")
    side = wang.node.locator("[data-side=telegram]")
    side.focus()
    table.page.keyboard.press("ArrowRight")
    expect(wang.node).to_have_attribute("data-platform", "wecom")
    table.page.keyboard.press("ArrowRight")
    expect(wang.node).to_have_attribute("data-platform", "telegram")

    wang.say("查 8000")
    wang.answer("⚠️")
    wang.node.locator("[data-press=全部]").focus()
    table.page.keyboard.press("Enter")
    assert wang.answer("女 · 生日") == ALL


def test_a_reader_further_up_stays_there_and_is_told_of_what_came(table: Table, place: Sandbox, bot: None) -> None:
    wang = table.phone(WANG, "telegram")
    for _ in range(3):
        wang.say("查 8000")
    expect(wang.node.locator(".msg.theirs")).to_have_count(3)
    scroller = wang.node.locator(".scroller")
    scroller.evaluate("(element) => element.scrollTo({ top: 0, behavior: 'instant' })")
    expect(wang.node.locator(".to-end")).to_be_visible()

    place.telegram_call("sendMessage", chat_id=str(place.telegram.user_id_of(WANG)), text="早上好")
    expect(wang.node.locator(".to-end span")).to_have_text("1")
    assert scroller.evaluate("(element) => element.scrollTop") == 0

    wang.node.get_by_role("button", name="到最新的消息").click()
    expect(wang.node.locator(".to-end")).to_be_hidden()
    expect(wang.node.locator(".msg.theirs").last).to_be_in_viewport()


def test_a_line_that_broke_is_taken_up_again_and_nothing_is_missed(table: Table, place: Sandbox) -> None:
    wang = table.phone(WANG, "telegram")
    table.page.route("**/sandbox/events", lambda route: route.abort())
    table.page.reload()
    line = table.page.locator(".line")
    expect(line).to_have_text("断开了，正在重连")

    said = {"platform": "telegram", "person": WANG, "talk": "private", "text": "查 8000"}
    httpx.post(f"{place.address}/sandbox/say", json=said).raise_for_status()
    assert wang.bubbles() == []

    table.page.unroute("**/sandbox/events")
    expect(line).to_have_text("已连接", timeout=20_000)
    expect(wang.node.locator(".msg.mine[data-id] .text")).to_contain_text("查 8000")
    table.complaints.clear()  # the browser reports the requests we cut
