"""Commands, bare numbers, undo words and attack strings: read without the dictionary."""

import re

from bot.domain.language import names
from bot.domain.language.patterns import Pattern
from bot.domain.language.values import Intent, Mention, Reading, Statement
from bot.domain.text import spoken_digits

_PREFIX = Pattern(r"^[/、。.!#\\]+ ?")
_LOOK = Pattern(
    r"^(?:查询|查找|查查|查下|查一下|查|査|察|cha|chaxun|搜|找|c|lookup|到店|看看|看)(?=[ :\d]|[一-龥])[ :]*",
    re.IGNORECASE,
)
_NOTE = Pattern(r"^(?:记一下|记下|记录|记|計|备注|ji|j|note)[ :]+|^(?:记|計)(?!得|着|错|住|性|不清|忆)", re.IGNORECASE)
_COMPLAIN = Pattern(r"^(?:诉|投诉|客诉|su)[ :]+")
_ALLERGY = Pattern(r"^敏(?: (删 ?)?|(删 ?))(.+)$")
_REMARK = Pattern(r"错|误|不对|作废|删|没有?$|了$")
_SCORE = Pattern(r"^评 ?(10|\d)(?!\d)")
_LACK = Pattern(r"^缺 ?(?![点德心斤陷])(?!.*过敏)([^ ].*)$")
_UNDO = Pattern(
    r"^(?:/?(?:撤|撤回|撤销|撤了|撤掉|取消|undo|回退)(?:[ :]?\d|上一条|刚才的?|那条|一下"
    r"|最后一条|吧|了|刚刚的?)*"
    r"|错了|记错了|搞错了|弄错了|发错了|写错了|不对|错|打错了|点错了|按错了|手滑(?:了)?|手误|不是她"
    r"|不是他)[!。~吧了啊 ]*$"
)
_OTHER = Pattern(
    r"^(?:交班|接班|状态|医生|备份|恢复|帮助|help|\?|菜单|话术|搭|名单|今天|看板|人群|问|派|批|试|滞销|旺季"
    r"|上新|规则|为什么|为啥|练|停|忙|开|名单|我的券|券|分|并|建|临"
    r"|谁看过|日报|周报|月报|早报|晚报|报表|导入|导出|版本|设置|绑定|解绑|到货|换一句|详|全部|全|介绍|召回"
    r"|生日名单|黑名单|积分规则|ping|start|首页|退出|取消|确认)"
    r"(?=$|[ :\d!])"
)
_LIST = Pattern(
    r"^(?:查|看|给我|帮我|发|列|拉|导|调|来)*(?:一下|下|一份|个|份)?(?:我的?|本店|今天的?|今日|本周的?|本月的?|这个月的?|下个?月的?|这周的?|全店)?(?:(?:过?生日|召回|沉睡|流失|新客|老客|储值|会员|快到期)的?(?:客户|客人|会员|人)?的?)?(?:名单|召回名单"
    r"|生日名单|待办|任务|业绩|排行|报表|日报|排班|排班表|客户列表|会员列表)$"
)
_ORDERS = Pattern(r"^(?:1\d{0,1}|[2-9]\d?|0)$")
_CODE = Pattern(r"^(?:核销|核|验券|销券|兑换|用券|核一下|验码|验)(?:券|码|一下|下)?[ :]*(?=[A-Za-z0-9]{3,12}\b)")
_ATTACK = Pattern(
    r"<\s*/?\s*(?:script|img|svg|iframe|body|a)\b|javascript:|onerror\s*=|drop\s+table|union\s+select"
    r"|select\s.{1,40}\sfrom|insert\s+into|delete\s+from|or\s+1\s*=\s*1"
    r"|\$\{|\{\{|\}\}|__import__|eval\(|exec\(|system\(|rm\s+-rf|\.\./|%0a|%00|xp_cmdshell|;\s*--|'\s*or\s*'"
    r"|\{\s*\"|\[\s*\{|BEGIN PRIVATE|base64|sudo\s|curl\s|wget\s"
    r"|忽略(?:以上|之前|前面|上面|所有|一切|掉)|无视(?:以上|之前|所有|规则)|ignore\s+(?:all|previous|the)"
    r"|you\s+are\s+(?:now|a)|system\s*prompt|系统提示词?|提示词|你(?:现在)?(?:是|扮演|变成).{0,8}(?:管理员"
    r"|助手|AI|模型|开发者|root)"
    r"|越狱|jailbreak|DAN模式|开发者模式|管理员模式|不用审批|绕过|跳过(?:审批|权限|验证)|(?:全部|所有|全店"
    r"|整个)(?:的)?(?:客户|会员|顾客|人|手机号|电话|数据|资料)(?:的)?.{0,12}(?:导出|发给我|发我|删|清空|列出"
    r"|给我|打包)"
    r"|(?:导出|下载|删除|清空|列出|打包|拷贝|复制|把)(?:全部|所有|全店|整个).{0,10}(?:客户|会员|数据|手机"
    r"|电话|资料|名单)|给(?:所有|全部|每个)(?:人|客户|会员|顾客).{0,8}(?:发|充|加)|我是(?:老板|总部|店长"
    r"|管理员|系统|开发).{0,12}(?:密码|权限|导出|审批|手机号|开放)"
    r"|(?:数据库|后台|管理员|root).{0,4}密码",
    re.IGNORECASE,
)
_ACTIONS: tuple[tuple[Pattern, Intent], ...] = (
    (_UNDO, "undo"),
    (_LIST, "other"),
    (_ORDERS, "other"),
    (_OTHER, "other"),
)
_AFTER = Pattern(
    r"^[ ,]*(?:来了|到店|到店了|到了|在不在|谁啊|谁|是谁|这人|全|全部|电话|这位|资料|查一下|看看|打开|进店"
    r"|进店了|来咯|到)?[ !?。]*$"
)
_SMALL = Pattern(
    r"^[^\w]*$|^(?:嗯+|好+的?|收到|收到收到|ok|okk|OK|哦+|噢+|行|可以|知道了?|明白|懂了?|谢谢|辛苦了?|哈+"
    r"|呵呵+|嘻嘻|在吗?|在的|早|早安|早上好|晚安|你好|您好|hi|hello|哎+|唉+|呃+|额+|啊+|6+|牛|赞|是的?|对的?"
    r"|对|没事|不用了?|好滴|好嘞|好哒|得嘞|妥|中|成|么么哒|拜拜|再见|下班|上班)[!~。…,?]*$",
    re.IGNORECASE,
)


def attack(text: str) -> bool:
    """Whether the text is code, markup or an attempt to give the bot orders."""
    return _ATTACK.search(text) is not None


def strip(text: str) -> tuple[str, Intent | None]:
    """The text behind 「/记」 or 「/诉」, and the intent that the command forces."""
    plain = _PREFIX.sub("", text)
    if match := _COMPLAIN.match(plain):
        return plain[match.end() :], "complaint"
    if match := _NOTE.match(plain):
        rest = plain[match.end() :]
        return (rest, "note") if rest else (plain, None)
    return plain, None


def read(text: str) -> Reading | None:
    """The reading of a command or a bare number; None for a sentence."""
    plain = _PREFIX.sub("", text)
    if not plain or _SMALL.match(plain):
        return Reading("smalltalk", Mention())
    figures = spoken_digits(plain)
    return _plain_number(figures) or _coded(plain, figures) or _fact(plain) or _action(plain)


def _plain_number(text: str) -> Reading | None:
    if text[0] not in "0123456789+(尾":
        return None
    if text.isdecimal() and len(text) < 4:
        return Reading("other", Mention())
    if text.isdecimal() and 4 < len(text) < 11:
        return Reading("lookup", Mention(hint=text))
    return _bare(text)


def _bare(text: str) -> Reading | None:
    """One or more numbers with nothing but small words around them."""
    found = names.numbers(text)
    if not found or not _AFTER.match(text[found[-1].end :]) or text[: found[0].start].strip():
        return None
    if len(found) > 1:
        return Reading("lookup", Mention(), several=True)
    return Reading("lookup", found[0].mention)


def _coded(plain: str, figures: str) -> Reading | None:
    if _LIST.match(plain):
        return Reading("other", Mention())
    if _CODE.match(plain):
        return Reading("redeem", Mention())
    look = _LOOK.match(figures)
    if not look or not plain[look.end() :].strip():
        return None
    rest = figures[look.end() :].strip()
    return _bare(re.sub(r"[和、,跟]", " ", rest)) or _called(rest, plain)


def _called(rest: str, plain: str) -> Reading | None:
    """「c王芳」: a name right behind the command."""
    found = names.named(re.sub(r"(?<=[一-龥]) (?=[一-龥])", "", rest))
    if len(found) == 1 and found[0].end - found[0].start >= len(rest.replace(" ", "")):
        return Reading("lookup", found[0].mention)
    if plain[:1].isascii() and re.fullmatch(r"[一-龥]{2,4}", rest):
        return Reading("lookup", Mention(name=rest))
    return None


def _fact(plain: str) -> Reading | None:
    if match := _ALLERGY.match(plain):
        words = re.split(r"[ ,、和]+", match[3].strip())
        gone = bool(match[1] or match[2])
        facts = tuple(
            Statement("allergy", word, negated=gone) for word in words if word and not (gone and _REMARK.search(word))
        )
        return Reading("note", Mention(), facts)
    if match := _LACK.match(plain):
        return Reading("note", Mention(), (Statement("demand", match[1].strip()),))
    return None


def _action(plain: str) -> Reading | None:
    for pattern, intent in _ACTIONS:
        if pattern.match(plain):
            return Reading(intent, Mention())
    return None


def score(text: str) -> str | None:
    """The figure behind 「评」."""
    match = _SCORE.match(_PREFIX.sub("", text))
    return match[1] if match else None


def looks(text: str) -> str | None:
    """What is asked for behind 「查」, 「找」 and their kin; None without one of them."""
    match = _LOOK.match(_PREFIX.sub("", text))
    return _PREFIX.sub("", text)[match.end() :].strip() if match else None
