"""How a person may be reached, her new number, and the mark she gave."""

from collections.abc import Iterable

from bot.domain import phones
from bot.domain.language import names
from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import Sentence
from bot.domain.language.values import Statement

_NO = (
    r"(?:别|不要|不许|不能|不让|勿|不想|不喜欢|不爱|讨厌|不用|莫|不准|甭|千万别|以后别|不方便|少|拒绝|烦"
    r"|不接受|停止|禁止)(?:再|老|总|给(?:[她他◇]+)?|一直|随便|乱|让我们|我们|天天|被)*"
)

_SOME = "(?:任何|什么|这些|那些|这种|那种|你们的?|我们的?|咱们的?|优惠|代金|抵用|折扣|打折|活动|了)*"
_COUPONS = Pattern(
    rf"(?:别|不要|不许|不能|不让|勿|不想|莫|不准|甭|千万别|以后别|拒绝|停止|禁止)(?:要|再|老|总|一直|随便|给(?:[她他我◇]|人家|客人)?"
    rf"|天天)*(?:发|送|推|寄|塞|收|领)(?:给?[她他我◇])?{_SOME}券"
    rf"|[她他◇说].{{0,6}}不用(?:再|给[她他我◇]?)*(?:发|送|推|寄){_SOME}券"
    rf"|(?<![要想需收用])(?:不(?:想|再)?要|不需要|不收|拒收|不想收)(?:再)?{_SOME}(?:[一-龥]{{0,4}}?(?<![这那哪]张))券"
    rf"(?:了|啦|吧|的|哈)*$|券(?:就|都|也)?(?:别|不要|不用|甭)再?(?:给?[她他我◇])?(?:发|送|推)"
)
_FOR_NOW = Pattern(r"先|今天|暂时|暂不|这次|这回|现在|刚|怎么|为什么|是不是|要不要|吗|[?？]")
_PUSHING = Pattern(
    r"(?:别|不要|不许|不想|不喜欢|勿|莫|甭|不准)(?:再|老|总|一直|天天|听|被|给[她他我◇]?|[跟对向][她他我◇])*推销"
)
_OFFERS = Pattern(r"券$|推销|优惠$|(?:活动|促销)$")
NO_COUPONS = "别发券"

_TIME = (
    r"(?:(?:周[一二三四五六日末]|礼拜[一二三四五六天]|工作日|周末|早上|上午|中午|下午|晚上|傍晚|夜里|白天"
    r"|午休|饭点|上班时间|下班|睡前|[一二三四五六七八九十\d]{1,2}点(?:半|\d+分?)?)(?:到|至|-"
    r"|~)?){1,4}(?:以?后|以?前|之后|之前|之间)?"
)

_RULES: tuple[tuple[Pattern, str], ...] = (
    (
        Pattern(
            rf"{_NO}(?:联系|骚扰|找)(?:[她他◇]|了|$)|(?<!被)(?:别|不要|勿)再?打扰[她他◇]|别再?联系"
            rf"|不想再?(?:被)?(?:联系|打扰)|拉黑(?:我们|了)|再也别(?:联系|找)|不要再(?:找|联系|打扰)|请勿打扰"
            rf"|让?别再?打了|全部退订|别再推送|不希望被联系|断联"
        ),
        "别再联系",
    ),
    (
        Pattern(
            rf"{_NO}群发|{_NO}(?:发)?(?:优惠|打折)?(?:广告|营销|推广|活动|促销|推送|短信轰炸|轰炸|刷屏|消息轰炸)|{_NO}发(?:乱七八糟"
            rf"|那些|这些)|退订|别把[她他◇]*拉群|{_NO}拉群|{_NO}进群"
        ),
        "别群发",
    ),
    (
        Pattern(
            r"(?:只|就|仅|都|尽量|最好|请|统一|优先|改)(?:能|用|肯|可以|接受|看|回|想|加|许|让|走)*(?:发|用|留|在"
            r"|通过|打|看|回)?微信|微信(?:说|联系|找[她他]?|留言|沟通|发)(?:就|才|比较)?(?:行|好|可以|回|方便)"
            r"|有事(?:发|加|留)?微信|微信留言"
        ),
        "只微信",
    ),
    (
        Pattern(
            r"(?:只|就|仅|都|尽量|最好|优先|改)(?:能|用|肯|可以|接受|看|收)*(?:发|用|收|看)?短信|(?:有事|通知)(?:发"
            r"|用)?短信|(?:发)?短信(?:通知|联系)?(?:就|才)?(?:行|好|可以)"
        ),
        "只短信",
    ),
    (
        Pattern(
            rf"{_NO}(?:打|来|接|拨|CALL|call)?(?:个)?(?:电话|手机|语音电话)|{_NO}打(?:给[她他◇]|过来|进来|(?<=别打)$"
            rf"|(?<=再打)$|(?<=别打)了|(?<=再打)了)|电话(?:别|不要|不)(?:打|接)|不(?:爱|喜欢|方便|太|会|肯"
            rf"|习惯)?接(?:陌生)?电话|电话不接|{_NO}call"
        ),
        "别打电话",
    ),
    (Pattern(rf"{_NO}发(?:微信|语音|微信语音)|不(?:用|看|玩|加|爱看|怎么看|会用)微信|没有?微信"), "别发微信"),
    (Pattern(rf"{_NO}发?短信|不看短信|短信(?:别|不要)发"), "别发短信"),
)
_WHO = Pattern(
    r"(?:有事|以后|要|都|得|请|统一|直接|就|改)*(?:联系|打给|找|加|发给)(?:[她他]|◇)?(?:的)?(老公|老婆|儿子"
    r"|女儿|闺女|妈妈?|爸爸?|助理|秘书|先生|太太|家人|司机|孩子|对象|爱人|婆婆|妹妹|姐姐|保姆|管家|阿姨)"
)
_WHEN_NOT = Pattern(
    rf"({_TIME})(?:的时候|时间)?(?:都|也|就|千万|最好|[她他◇在]|要睡觉|睡觉|开会|上课|休息|带娃|午休|忙"
    rf"|上班)*(?:别|不要|勿|不能|不方便|不接|没空|不许|不便)(?:再|给[她他]?)*(?:打|联系|找|发|来电|接|吵|打扰"
    rf"|电话|回)|(?:别|不要|勿|不许)(?:在|再|给[她他]?)*({_TIME})(?:的时候)?(?:打|联系|找|发|来电)"
)
_WHEN = Pattern(
    rf"({_TIME})(?:的时候|时间)?(?:再|才|都|也|就|比较|[她他◇]|最)*(?:方便|有空|能接|可以接|联系|打给?|再?打"
    rf"|回[她他]|找[她他]|接电话|发消息)|(?:等|过了|要|得|请|只能|最好)({_TIME})(?:再|才)?(?:联系|打|找|发)"
)
_MARK = Pattern(
    r"(?:打|评|给|打了|评了|给了|评价|nps|NPS|推荐度|推荐分|评分|打分|满意度)(?:了|是|个|:|我们|咱们?|咱店"
    r"|[ ])*(10|十|\d|[零一二两三四五六七八九])分|(?:nps|NPS|推荐度|满意度|评分)[ :是]*(10|\d)(?!\d)|^评 ?(10"
    r"|\d)(?!\d)|(10|\d|[一二三四五六七八九十])分(?:好评|推荐|满意|[, ]*(?:说|理由|原因))|打(?:个|了)?(10|\d"
    r"|[一二三四五六七八九十])(?=$|[,。 ])"
)
_MARKS = {
    "零": "0",
    "一": "1",
    "二": "2",
    "两": "2",
    "三": "3",
    "四": "4",
    "五": "5",
    "六": "6",
    "七": "7",
    "八": "8",
    "九": "9",
    "十": "10",
}
_NOT_RULE = Pattern(
    r"打(?:了|过)|没(?:接|打|人)|打不通|刚打|电话(?:没|打不)|帮我|给我|我(?:去|来|给|再)|提醒我|答应|约了"
)


def statements(sentence: Sentence) -> list[Statement]:
    """Contact rules, a new number and the mark."""
    return _rules(sentence) + _numbers(sentence) + _marks(sentence)


def on_offers(value: str) -> bool:
    """Whether what is not wanted is coupons, offers or being sold to: how to reach her, not what she eats or wears."""
    return _OFFERS.search(value) is not None


def refuses_offers(rules: Iterable[Statement]) -> bool:
    """Whether one of these rules says that she wants no coupons or no selling."""
    return any(rule.value in (NO_COUPONS, "别群发") for rule in rules)


def _rules(sentence: Sentence) -> list[Statement]:
    found: list[str] = []
    for clause in sentence.clauses:
        text = clause.text
        if late := _WHEN_NOT.search(text):
            found.append(f"{late[1] or late[2]}别联系")
            continue
        found += [value for pattern, value in _RULES if pattern.search(text)]
        if _PUSHING.search(text):
            found.append("别群发")
        if _COUPONS.search(text) and not _FOR_NOW.search(text):
            found.append(NO_COUPONS)
        if (when := _WHEN.search(text)) and not _NOT_RULE.search(sentence.text):
            found.append(f"{when[1] or when[2]}联系")
        if (who := _WHO.search(text)) and not _NOT_RULE.search(text):
            found.append(f"联系{who[1]}")
    return [Statement("contact_rule", value) for value in _distinct(found)]


def _distinct(found: list[str]) -> list[str]:
    """One rule of a kind; where only one channel is left, the refusal of the others says nothing more."""
    rules = list(dict.fromkeys(found))
    if "别再联系" in rules:
        rules = [rule for rule in rules if rule == "别再联系" or rule.startswith("联系")]
    if {"只微信", "别群发"} & set(rules):
        rules = [rule for rule in rules if rule != "别发短信"]
    return rules


def _numbers(sentence: Sentence) -> list[Statement]:
    if not names.new_number(sentence.text):
        return []
    found = phones.find(sentence.text)
    return [Statement("new_phone", found[-1][0].national)] if found else []


def _marks(sentence: Sentence) -> list[Statement]:
    match = _MARK.search(sentence.text)
    if not match:
        return []
    value = next(group for group in match.groups() if group)
    return [Statement("nps", _MARKS.get(value, value))]
