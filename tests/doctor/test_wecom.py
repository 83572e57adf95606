"""The WeCom app, each thing made wrong in turn against the local server and a spoilt way to it."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.db import people
from tests.support.cast import add_cast
from tests.support.local_server import serving
from tests.support.platforms import SETUP


@pytest.fixture
def told(where):
    """The settings of the app alone."""
    return {
        "wecom_corp_id": SETUP.corp_id,
        "wecom_agent_id": str(SETUP.agent_id),
        "wecom_secret": SETUP.secret,
        "wecom_token": SETUP.token,
        "wecom_aes_key": SETUP.aes_key,
        "wecom_api": where.base,
    }


@pytest.mark.parametrize(
    ("wrong", "code", "screen", "setting"),
    [
        ({"wecom_secret": "another"}, 40001, "应用管理 → 这个应用 → Secret", "ZHANGGUI_WECOM_SECRET"),
        ({"wecom_corp_id": "ww1"}, 40013, "我的企业", "ZHANGGUI_WECOM_CORP_ID"),
    ],
)
def test_a_wrong_id_or_secret_is_told_with_the_screen_it_is_on(clinic, told, wrong, code, screen, setting):
    found = clinic.findings(**told | wrong)

    assert found["wecom"].state == "fail"
    assert found["wecom"].cause.startswith(f"企业微信 {code}：")
    assert [words for words in (screen, setting) if words not in found["wecom"].mends[0]] == []
    assert found.keys() & {"wecom_trusted_ip", "wecom_app", "wecom_menu"} == set()


def test_a_platform_out_of_reach_is_told(clinic, told):
    found = clinic.findings(**told | {"wecom_api": "http://127.0.0.1:1"})["wecom"]

    assert (found.state, found.cause) == ("fail", "连不上企业微信的服务器。")


def test_an_address_that_is_not_trusted_is_told_with_the_address_and_the_screen(clinic, told, where):
    where.wecom.add_fault({"kind": "60020", "path": "agent/get"})

    found = clinic.findings(**told)

    assert (found["wecom_trusted_ip"].state, found["wecom_trusted_ip"].cause) == (
        "fail",
        "企业微信 60020：服务器不在可信 IP 里。请到应用 → 企业可信IP，把 127.0.0.1 填进去，约一分钟后生效。",
    )
    assert "最下面「企业可信IP」→ 配置" in found["wecom_trusted_ip"].mends[0]
    assert found.keys() & {"wecom_app", "wecom_menu"} == set()


@pytest.mark.parametrize(("code", "words"), [(301002, "同一个应用"), (50003, "右上角的开关"), (48002, "权限")])
def test_an_app_that_may_not_be_used_is_told(clinic, told, where, code, words):
    where.wecom.add_fault({"kind": str(code), "path": "agent/get"})

    found = clinic.findings(**told)["wecom_app"]

    assert found.state == "fail"
    assert words in found.mends[0]


def test_an_app_nobody_can_see_is_told(clinic, told, where):
    where.wecom.corp.invisible.update(where.wecom.corp.people)

    found = clinic.findings(**told)["wecom_app"]

    assert (found.state, found.cause) == ("fail", "应用的可见范围是空的，谁也看不到它。")


def test_somebody_bound_who_cannot_see_the_app_is_counted(clinic, told, where, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    for code in ("xiaowang", "xiaoli"):
        shop.transact(lambda conn, code=code: people.bind(conn, people.staff_id_of(conn, code), "wecom", code, now))
    where.wecom.corp.invisible.add("xiaoli")

    found = clinic.findings(**told)["wecom_app"]

    assert (found.state, found.cause) == ("warn", "1 个绑定了的账号不在应用的可见范围里，收不到消息。")


def test_a_menu_that_is_not_there_is_made_by_the_service(clinic, told):
    found = clinic.findings(**told)["wecom_menu"]

    assert (found.state, found.cause) == ("warn", "应用下面还没有菜单。")


def test_a_callback_of_a_service_that_does_not_run_is_not_tried(clinic, told):
    assert "wecom_callback" not in clinic.findings(**told, public_url="http://127.0.0.1:1")


def spoilt(kind):
    """What stands at the public address instead of the service."""

    async def answer(request):
        if kind == "page":
            return PlainTextResponse("<html>登录</html>")
        if kind == "moved":
            return RedirectResponse("https://www.example.com/")
        return Response(status_code=int(kind))

    return Starlette(routes=[Route("/wecom/callback", answer)])


@pytest.mark.parametrize(
    ("kind", "cause", "mend"),
    [
        ("page", "回了 200，但内容不对：答话的不是掌柜。", "反向代理要把 /wecom/callback 连同 ? 后面的参数原样转给"),
        ("moved", "回了 HTTP 307。", "被跳转了"),
        ("404", "回了 HTTP 404。", "反向代理要把 /wecom/callback 连同 ? 后面的参数原样转给"),
        ("403", "回了 HTTP 403。", "ZHANGGUI_WECOM_TOKEN 和 ZHANGGUI_WECOM_AES_KEY 改过的话，重启 zhanggui run"),
        ("502", "回了 HTTP 502。", "反向代理通了，后面的服务没有应答"),
    ],
)
def test_a_wrong_answer_at_the_public_address_is_told_with_what_it_means(beside, kind, cause, mend):
    with serving(spoilt(kind)) as address:
        found = beside.findings(public_url=address)["wecom_callback"]

    assert (found.state, found.cause) == ("fail", f"{address}/wecom/callback {cause}")
    assert found.mends[0].startswith(mend)


def test_a_public_address_nobody_answers_at_is_told(beside):
    found = beside.findings(public_url="http://127.0.0.1:1")["wecom_callback"]

    assert (found.state, found.cause) == ("fail", "http://127.0.0.1:1/wecom/callback 连不上。")


def test_a_token_the_running_service_does_not_have_is_told(beside):
    found = beside.findings(wecom_token="AnotherToken")["wecom_callback"]

    assert (found.state, found.cause.partition(" ")[2]) == ("fail", "回了 HTTP 403。")


def test_without_a_public_address_only_the_inside_was_tried(beside):
    found = beside.findings(public_url="")["wecom_callback"]

    assert (found.state, found.cause) == (
        "warn",
        "本机上答得对；没有填 ZHANGGUI_PUBLIC_URL，外面能不能打开没有查。",
    )
