"""Whether words ask that she be left alone. A probable 「别再打」 is one; a negated or quoted one is none."""

from typing import Literal

from bot.domain.language.patterns import Pattern

_NO = (
    r"(?:千万别|别|不要|不许|不让|不准|不能|甭|勿|莫|休|唔好|唔要|唔准|毋|停止|禁止|拒绝|不想|不愿意?|不希望"
    r"|不接受|不必|不再|不允许|反感|讨厌|受够)"
)
_FILL = (
    r"(?:再|在|老|总|老是|总是|天天|一直|随便|乱|继续|给|跟|向|往|来|去|被|接到|收到|我们?|咱们?|她|他|人家|你们"
    r"|这里|任何|要|会|到处| )*"
)
_ACT = (
    r"(?:打(?![折包开听算卡])|联[系络]|call|CALL|骚扰|打扰|烦(?!恼)|[找吵](?:她|他|我|人|了|$)|来电|致电|推[送销]|营销"
    r"|发(?:消息|短信|信息|微信|广告|了|$|东西|任何)|电话|有(?:任何)?联系)"
)
_ASKED = rf"(?:{_NO}{_FILL}{_ACT}|(?:以后|说|讲)(?:都|也|就)?(?:不用|不必|唔使){_FILL}{_ACT}|不用(?:再|在){_ACT})"
_STOP = Pattern(_ASKED)
_DENIED = Pattern(
    r"(?:没有?|并没|未|冇|又没|怕|担心|以为|如果|要是|万一|不会是?|不是|是不是|会不会)(?:她|他|客人|客户|人家)?"
    rf"(?:说|讲|话|要求|提|表示|听到|听她说|听他说|叫|让)*(?:过|了|是|要|让|叫|我们?|咱们?|她|他|以后)*{_ASKED}"
    r"|(?:别|不要|不能|不可以)(?:忘|漏)[^,。 ]{0,4}打"
)
_CUT_OFF = Pattern(
    r"拉黑|黑名单|[把被][^,。 ]{0,8}删|删(?:了|掉)?(?:我|好友|微信)|退订|再(?:打|联系|骚扰|烦|发"
    r"|来)[^,。 ]{0,6}(?:投诉|报警|举报|告|拉黑|骂|翻脸)"
    r"|滚|去世|过世|病逝|离世|不在世|不在人世|骚扰电话|报警|举报|断联|别烦|死心吧|永(?:久|远)(?:别|不)"
)
_TIME = (
    r"(?:晚上|早上|中午|上午|下午|白天|夜里|周[一二三四五六日末天]|工作日|上班(?:时间?)?|休息(?:时间?)?|午休|饭点"
    r"|这两天|这几天|今天|明天|最近|这周|这阵子|暂时|[\d一二三四五六七八九十]{1,2}点)"
)
_AT_TIMES = Pattern(rf"{_TIME}[^,。 ]{{0,5}}?{_ASKED}|(?:别|不要|勿)(?:再)?在?{_TIME}[^,。 ]{{0,3}}?{_ACT}")
_OTHER_WAY = Pattern(
    r"(?:发|用|加|改|打)(?:微信|短信|电话|消息)(?:里|上)?(?:就|也|才|还是|都)*(?:可以|行|好|OK|ok|吧|成|说|联系|沟通|聊)"
    r"|(?:微信|短信|电话|消息)(?:里|上)?(?:说|联系|沟通|发|聊|留言)?(?:就|也|才|还是|都)*(?:可以|行|好$|OK|ok|成)"
    r"|[只就改](?:能|肯|看|用|发|加|接)+(?:微信|短信|电话)|有事(?:发)?(?:微信|短信)|发微信$"
)
_MESSAGES = Pattern(rf"{_NO}{_FILL}(?:发(?:微信|短信)|加微信)(?:(?:和|跟|或|、)?(?:微信|短信))*")
"""Only one way of reaching her, not all of them."""
_FOR_GOOD = Pattern(rf"(?:以后|再也|永远|从此|{_NO}再|{_NO}在)")

Wish = Literal["stop", "limited", ""]


def without_denied(words: str) -> str:
    """The words less what they say she did not ask."""
    return _DENIED.sub(" ", words)


def wish(words: str) -> Wish:
    """`stop`: no more calls by anybody. `limited`: not at some times or not in some way, which is no stop."""
    if _CUT_OFF.search(words):
        return "stop"
    if _STOP.search(words) and _OTHER_WAY.search(_STOP.sub(" ", words)):
        return "limited"
    if _MESSAGES.search(words) and not _STOP.search(_MESSAGES.sub(" ", words)):
        return "limited"
    if _AT_TIMES.search(words):
        return "stop" if _FOR_GOOD.search(words) else "limited"
    return "stop" if _STOP.search(words) else ""
