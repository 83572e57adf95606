"""The WeCom app: its secret, the trusted address, who sees it, its callback, its menu."""

from bot.doctor.case import Case
from bot.doctor.finding import Verdict, check, fail, ok, warn
from bot.doctor.looks.echo import APP, Echo
from bot.doctor.looks.wecom import UNTRUSTED

_CONSOLE = "管理后台（work.weixin.qq.com）"
_APP = f"{_CONSOLE} → 应用管理 → 这个应用"
_AGAIN = "过一分钟再运行 zhanggui doctor；一直这样就看这台机器能不能打开 https://qyapi.weixin.qq.com。"
_MENDS = {
    40001: f"{_APP} → Secret → 查看，发到手机上的企业微信里，整串复制到 ZHANGGUI_WECOM_SECRET。",
    40013: f"{_CONSOLE} → 我的企业 → 最下面的企业ID，复制到 ZHANGGUI_WECOM_CORP_ID。",
    40056: f"{_APP} → 最上面的 AgentId，填到 ZHANGGUI_WECOM_AGENT_ID。",
    41011: f"{_APP} → 最上面的 AgentId，填到 ZHANGGUI_WECOM_AGENT_ID。",
    301002: f"{_APP}：AgentId 和 Secret 要从同一个应用复制。",
    45009: "一小时内调用太多：停掉重复的程序，等一小时。",
    48002: f"{_APP} → 开通这个接口的权限。",
    50003: f"{_APP} → 右上角的开关打开。",
}


@check("企业微信应用的 Secret")
def wecom(case: Case) -> Verdict | None:
    """The platform is reached and gives a token for the corp and the secret."""
    if case.wecom is None:
        return None
    refused = case.wecom.token
    if refused is None:
        return ok("企业 ID 和 Secret 正确")
    if refused.code is None:
        return fail(refused.say, "看 DNS 和防火墙：这台机器要能打开 https://qyapi.weixin.qq.com。")
    return fail(refused.say, _MENDS.get(refused.code, _AGAIN))


@check("企业可信IP")
def wecom_trusted_ip(case: Case) -> Verdict | None:
    """The platform takes calls from this machine's address."""
    if case.wecom is None or case.wecom.token:
        return None
    refused = case.wecom.agent
    if refused is None:
        return ok("这台机器的 IP 可以调用接口")
    if refused.code != UNTRUSTED:
        return None
    saved = "后台要先有一个能用的地址才让填：到「接收消息」里保存 URL（看「企业微信回调」这一项）"
    first = saved if case.service.state == "ours" else f"先启动 zhanggui run；{saved}"
    return fail(
        refused.say,
        f"{_APP} → 最下面「企业可信IP」→ 配置，填上面的 IP（出口 IP 会变的话，每个都填）；",
        f"{first}。",
    )


@check("企业微信应用")
def wecom_app(case: Case) -> Verdict | None:
    """The app is this one, switched on, and those who are let in can see it."""
    if case.wecom is None or case.wecom.token or (case.wecom.agent and case.wecom.agent.code == UNTRUSTED):
        return None
    if (refused := case.wecom.agent) is not None:
        return fail(refused.say, _MENDS.get(refused.code or 0, _AGAIN))
    about = case.wecom.about
    if about.get("close"):
        return fail("应用被停用了。", _MENDS[50003])
    users = [str(one.get("userid", "")).lower() for one in _listed(about, "allow_userinfos", "user")]
    others = _listed(about, "allow_partys", "partyid") or _listed(about, "allow_tags", "tagid")
    if not users and not others:
        return fail("应用的可见范围是空的，谁也看不到它。", f"{_APP} → 可见范围 → 修改，加上门店的部门或员工。")
    outside = [one for one in case.shop.accounts.bound.get("wecom", ()) if one.lower() not in users]
    if outside and not others:
        return warn(
            f"{len(outside)} 个绑定了的账号不在应用的可见范围里，收不到消息。", f"{_APP} → 可见范围 → 修改，加上他们。"
        )
    return ok(f"「{about.get('name', '')}」，可见范围 {len(users)} 人" + ("和部门、标签" if others else ""))


def _listed(about: object, part: str, inner: str) -> list[dict[str, object]]:
    """A list inside of the app's data; empty where the platform left it out."""
    found = about.get(part) if isinstance(about, dict) else None
    listed = found.get(inner) if isinstance(found, dict) else None
    return listed if isinstance(listed, list) else []


@check("企业微信回调")
def wecom_callback(case: Case) -> Verdict | None:
    """What the platform checks when the address is saved comes back right."""
    where = f"{_APP} → 接收消息 → 设置API接收"
    return judged(case, APP, where, ("ZHANGGUI_WECOM_TOKEN", "ZHANGGUI_WECOM_AES_KEY"))


@check("企业微信菜单")
def wecom_menu(case: Case) -> Verdict | None:
    """The keys under the app's conversation are there."""
    if case.wecom is None or case.wecom.has_menu is None:
        return None
    if case.wecom.has_menu:
        return ok("有")
    return warn("应用下面还没有菜单。", "启动（或重启）zhanggui run，它会建好；手机上最多 24 小时后才看得到。")


def judged(case: Case, path: str, where: str, names: tuple[str, str]) -> Verdict | None:
    """What the answer to the check of an address means, for the app and the smart bot alike."""
    echo = case.echoes.get(path)
    if echo is None:
        return None
    if echo.result != "right":
        return fail(f"{echo.address} {_said(echo)}。", *_mend(case, echo, where, names))
    if echo.local:
        return warn(
            "本机上答得对；没有填 ZHANGGUI_PUBLIC_URL，外面能不能打开没有查。",
            "把 ZHANGGUI_PUBLIC_URL 填成平台访问的地址（如 https://bot.example.com），再运行 zhanggui doctor；",
            f"然后在 {where}，URL 填 https://bot.example.com{path}（换成你的），保存。",
        )
    return ok(f"{echo.address} 答得对（{where} 里的 URL 就填它）")


def _said(echo: Echo) -> str:
    return {
        "wrong": "回了 200，但内容不对：答话的不是掌柜",
        "status": f"回了 HTTP {echo.status}",
        "unreached": "连不上",
        "late": "5 秒没有回答（企业微信只等 5 秒）",
        "certificate": "的证书不被承认",
    }[echo.result]


def _mend(case: Case, echo: Echo, where: str, names: tuple[str, str]) -> tuple[str, ...]:
    path = echo.address[echo.address.rindex("/wecom/") :]
    proxy = f"反向代理要把 {path} 连同 ? 后面的参数原样转给 {case.settings.http}（见 deploy/nginx.conf）。"
    if echo.result == "certificate":
        return ("反向代理要送出完整的证书链，证书的域名要和 ZHANGGUI_PUBLIC_URL 一样。",)
    if echo.result in {"unreached", "late"}:
        return ("看 ZHANGGUI_PUBLIC_URL 写得对不对、域名指没指到这台机器、防火墙放没放行、反向代理有没有在运行。",)
    if echo.status == 403:
        return (
            f"{names[0]} 和 {names[1]} 改过的话，重启 zhanggui run；要和 {where} 里的一模一样。",
            f"没有改过：{proxy}",
        )
    if echo.status in {502, 503, 504}:
        return ("反向代理通了，后面的服务没有应答：看 zhanggui run 的日志，重启它。",)
    if 300 <= echo.status < 400:
        return ("被跳转了：ZHANGGUI_PUBLIC_URL 要直接写最后的 https 地址，平台不跟跳转。",)
    return (proxy,)
