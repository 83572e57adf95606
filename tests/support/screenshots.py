"""The pictures of the page of phones in docs/pictures: a script that plays a morning and photographs it.

Run: .venv/bin/python -m tests.support.screenshots
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests.support.browser import LAPTOP, PHONE, Table, browsing
from tests.support.little_bot import Sandbox, sandbox, working

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
MOST_BYTES = 300_000
WANG, DIANZHANG, XIAOLI = "xiaowang", "dianzhang", "xiaoli"

TASKS = {
    "card_type": "button_interaction",
    "source": {"desc": "今日任务", "desc_color": 3},
    "main_title": {"title": "回访：王*（尾号8000）", "desc": "沉睡 62 天，平时 17 天来一次"},
    "sub_title_text": "好久不见！还是芋泥波波吗",
    "horizontal_content_list": [
        {"keyname": "过敏", "value": "芒果"},
        {"keyname": "常买", "value": "芋泥波波 三分糖"},
        {"keyname": "导购", "value": "小王"},
    ],
    "task_id": "visit_8000",
    "button_selection": {
        "question_key": "way",
        "title": "怎么联系",
        "option_list": [{"id": "wx", "text": "企业微信"}, {"id": "tel", "text": "电话"}],
        "selected_id": "wx",
    },
    "button_list": [
        {"text": "已联系", "style": 1, "key": "done"},
        {"text": "发券", "style": 2, "key": "coupon"},
    ],
}
CHECK = {
    "card_type": "vote_interaction",
    "source": {"desc": "晨检"},
    "main_title": {"title": "开门前看一遍", "desc": "可多选，9:30 前提交"},
    "task_id": "check_001",
    "checkbox": {
        "question_key": "check",
        "mode": 1,
        "option_list": [
            {"id": "a", "text": "过敏原标签", "is_checked": True},
            {"id": "b", "text": "价签", "is_checked": True},
            {"id": "c", "text": "新品陈列"},
        ],
    },
    "submit_button": {"text": "提交", "key": "submit"},
}
CHART = """<body style="margin:0; width:640px; height:400px; background:#fff; color:#1c2026">
<div style="padding:28px 34px; font:24px 'Noto Sans CJK SC',sans-serif">
<b>徐汇店 · 上周回头客</b>
<div style="color:#7a828e; font-size:19px">共 126 位，比前一周多 9 位</div>
<svg width="572" height="250" style="margin-top:18px">%s<line y1="212" x2="572" y2="212" stroke="#d9dde3"/></svg>
</div></body>"""
BAR = """<rect x="{x}" y="{top}" width="44" height="{height}" rx="8" fill="#1c7c66" opacity="{ink}"/>
<text x="{middle}" y="240" text-anchor="middle" font-size="19" fill="#7a828e">{day}</text>"""
SHOWN = (("一", 92), ("二", 104), ("三", 88), ("四", 121), ("五", 150), ("六", 196), ("日", 178))


def main() -> None:
    """Play, photograph, and refuse a picture that is too large."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sandbox(Path(folder)) as place, browsing() as browser:
        with working(place):
            _play(place, browser, Path(folder))
        for dark in (False, True):
            _photograph(place, browser, dark=dark)
    large = [path.name for path in PICTURES.glob("*.png") if path.stat().st_size > MOST_BYTES]
    if large:
        raise SystemExit(f"over {MOST_BYTES} bytes: {', '.join(large)}")


def _play(place: Sandbox, browser: Browser, folder: Path) -> None:
    """A morning in the shop, so that every kind of message stands on a phone."""
    place.wecom.callback_url = f"{place.address}/nowhere"
    with _table(browser, place) as table:
        place.clock.move_to(_monday(place))
        wang = table.phone(WANG, "telegram")
        wang.say("查 8000")
        wang.answer("⚠️")
        wang.press("全部")
        wang.answer("⚠️")
        wang.say("她对花生也过敏 三分糖去冰")
        wang.answer("给 王*")
        li = table.phone(XIAOLI, "wecom", "group")
        li.say("今天芋泥到货晚，先推燕麦奶")
        place.clock.forward(60)
        li.say("@掌柜 查 8000")
        li.answer("⚠️")
        boss = table.phone(DIANZHANG, "telegram")
        sheet = folder / "会员 11月.xlsx"
        sheet.write_bytes(b"PK\x03\x04 a sheet")
        boss.say("查 8000")
        boss.drop(sheet)
        boss.answer("收到")
        chart = _chart(browser)
        place.telegram_call(
            "setMyCommands",
            commands=[
                {"command": "cx", "description": "查一位客户"},
                {"command": "ji", "description": "记一句话"},
                {"command": "che", "description": "撤回刚才的"},
            ],
        )
        place.telegram_call(
            "sendPhoto",
            {"photo": ("上周.png", chart)},
            chat_id=str(place.telegram.user_id_of(DIANZHANG)),
            caption="上周的回头客",
            protect_content="true",
        )
    place.wecom_send(DIANZHANG, "text", {"content": "早上好！今天有 3 位客人该联系了，最要紧的一位在下面。"})
    place.wecom_send(DIANZHANG, "template_card", TASKS)
    place.wecom_send(XIAOLI, "text", {"content": "早上好！今天没有要联系的客人。"})
    place.wecom_send(XIAOLI, "template_card", CHECK)


def _photograph(place: Sandbox, browser: Browser, *, dark: bool) -> None:
    shade = "-dark" if dark else ""
    with _table(browser, place, dark=dark) as table:
        table.phone(WANG, "telegram")
        table.phone(DIANZHANG, "telegram" if dark else "wecom")
        table.phone(XIAOLI, "wecom", "app" if dark else "group")
        _shoot(table, f"sandbox-laptop{shade}")
        if not dark:
            table.page.get_by_role("button", name="制造故障").click()
            _shoot(table, "sandbox-faults")
    with _table(browser, place, PHONE, dark=dark) as table:
        table.phone(WANG, "telegram")
        _shoot(table, f"sandbox-phone{shade}")
        if not dark:
            table.page.get_by_role("tab", name="店长").click()
            table.phone(DIANZHANG, "wecom")
            _shoot(table, "sandbox-phone-wecom")


@contextmanager
def _table(browser: Browser, place: Sandbox, size: tuple[int, int] = LAPTOP, *, dark: bool = False) -> Iterator[Table]:
    table = Table.open(browser, place.address, size, dark=dark)
    yield table
    assert table.complaints == [], table.complaints
    table.close()


def _shoot(table: Table, name: str) -> None:
    table.page.mouse.move(0, 0)
    table.page.locator("body").evaluate("() => document.activeElement?.blur()")
    table.page.wait_for_function("() => [...document.images].every((image) => image.complete)")
    table.page.screenshot(path=PICTURES / f"{name}.png")


def _monday(place: Sandbox) -> float:
    """The coming Monday, 8:30 in Shanghai."""
    days = int((place.clock.now() + 8 * 3600) // 86400)
    return (days + (3 - days) % 7 + 1) * 86400 + 30 * 60.0


def _chart(browser: Browser) -> bytes:
    bars = "".join(
        BAR.format(
            x=12 + 80 * at, middle=34 + 80 * at, top=212 - height, height=height, ink=0.55 + height / 450, day=day
        )
        for at, (day, height) in enumerate(SHOWN)
    )
    page = browser.new_page(viewport={"width": 640, "height": 400})
    page.set_content(CHART % bars)
    picture = page.screenshot()
    page.close()
    return picture


if __name__ == "__main__":
    main()
