"""To whom a row is handed: 给小周, 派给小李, 让店长打, 我来打."""

from bot.domain.language.patterns import Pattern

_DO = r"(?:打|跟进|跟|联系|处理|接手|负责|回访|管|去|来|吧|一下|电话|哈|了)*"
_GIVEN = Pattern(
    r"(?:都|改|就|先|也|请|帮我|把[她他])*"
    r"(?P<verb>(?:改派|指派|转交|安排|派|转|交|移|分|换|拨|让|归|给|由|叫|请)(?:给|到|成|由)?)"
    rf"(?P<whom>[一-龥]{{1,4}}?|[A-Za-z][A-Za-z0-9]{{0,11}}) ?(?:今天|明天|帮忙)?{_DO}"
)
_TAKES = Pattern(
    r"(?P<whom>[小老阿][一-龥]|[一-龥]?店长|我)(?:自己)?(?:来|去)?(?:打|跟进|跟|联系|处理|接手|负责|来"
    r"|去)(?:吧|一下|哈)?"
)
_SURE = frozenset(("改派", "指派", "转交", "派", "转", "交", "移", "分", "拨", "归"))
_CALLED = Pattern(
    r"[小老阿大][一-龥]{1,2}|[一-龥]{0,2}(?:店长|班长|主管|经理|领班|老板|师傅|姐|哥)|前台|别人|同事|我|自己|[A-Za-z].*"
)
_SHIFT = Pattern(r"[早中晚当]班")
_NOBODY = Pattern(
    r"[她他它券钱了打发说过想回再买来看午点号]|我.|手机|周[一二三四五六日末]|电话|优惠|考虑|客|天|晚|微信"
    r"|短信|消息|折|老[公婆妈爸人师]|小[孩朋票样礼费]|阿姨|大[姐家夫]"
    r"|孩子|女儿|儿子|店里|我们|时间|面子"
)


def whom(words: str) -> str:
    """The colleague that a clause hands a row to; empty where it hands nothing over."""
    given = _GIVEN.fullmatch(words)
    if given and _is_somebody(given["whom"], sure=given["verb"].removesuffix("给") in _SURE):
        return given["whom"]
    takes = _TAKES.fullmatch(words)
    return takes["whom"] if takes and not _NOBODY.search(takes["whom"]) else ""


def _is_somebody(name: str, *, sure: bool) -> bool:
    if _SHIFT.fullmatch(name):
        return True
    if _NOBODY.search(name):
        return False
    return _CALLED.fullmatch(name) is not None or (len(name) > 1 if sure else 2 <= len(name) <= 3)
