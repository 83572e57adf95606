"""What the sender wants: seen from the words first, then from the facts they hold."""

import re

from bot.domain.language import cues
from bot.domain.language.facts import complaints, contact, reactions
from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import Sentence
from bot.domain.language.values import Intent, Statement

_UNDO = Pattern(
    r"(?:发|记|登|搞|弄|写|填|点|录|标|选|打|贴|挂|说)(?:错|岔|串|反)(?:了|人|位|地方|客人|客户|单|到|成|行)"
    r"|错了?[,， ]?(?:是|应该)|(?:撤|撤回|撤销|收回|取消|删掉?|去掉|抹掉|划掉|作废|清掉|退回)(?:一下|掉"
    r"|了)?(?:刚|上一?条|上面|前面|刚才|那条|这条|上个|最后)"
    r"|(?:刚|上一?条|上面|前面|刚才|最后|这条|那条)[^,。!?]{0,10}(?:撤|收回|取消|删|作废|不算|去掉|抹掉|划掉"
    r"|不要了|别要|恢复)|撤了吧|撤回吧|撤一下|撤掉吧|撤销|恢复到?(?:刚才|之前|原来)|手滑|手误|张冠李戴|认错人"
    r"|不是(?:这位|这个客|这个人|她的|同一个)|记到(?:别人|[◇一-龥]{1,3})(?:头|身|名|那)"
)
_REDEEM = Pattern(
    r"核销|核一?下|(?<!体)验券|销券|验一?下(?:码|券)|(?:用|使)(?:掉|一下|了)?(?:一?张)?(?:这张|那张|她的"
    r"|他的)?券(?:码)?[ :]*[A-Za-z0-9]{3,}|券码[ :]*[A-Za-z0-9]{3,}|用.{0,3}券.{0,4}码.{0,3}[A-Za-z0-9]{3,}"
    r"|(?:用|核|销|验|兑)[^,。]{0,8}?(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{4,8}(?![A-Za-z0"
    r"-9])|兑(?:换|一下)?[ :]*[A-Za-z0-9]{4,}|核[ :]*[A-Za-z0-9]{4,}"
)
_COUPON = Pattern(
    r"(?:发|送|补|申请|安排|来|批|塞|弄|搞|推|(?<!新)开|赠|派|加|要)[^,。!?]{0,16}?(?:券|优惠|折扣|半价|买一送一"
    r"|满减|立减|代金|红包|抵用|免单|满\d+减\d*|买[\d一二两三五十]+[送赠][\d一二两三五]+|折(?![腾叠断])|兑换码|礼金)"
)
_COUPON_NOT = Pattern(
    r"券(?:也|都|已|用了|用完|领了|过期|到期|没|还|怎么|能|不|呢|是)|抖音券|传单|领的券|团购券|说.{0,6}(?:券|优惠)|嫌|问"
    r"|退券|别(?:再)?发|不要|红包雨|答应|领了|送了张|要个?说法|收到.{0,4}券|用.{0,3}券.{0,4}(?:买|下单)"
)
_OUTCOME = Pattern(
    r"没人?接|未接|不接(?:电话)?$|无人接|没打通|打不通|打通|接通|关机|停机|空号|拒接|挂了|挂断|占线|忙音"
    r"|打过了|打了(?:电话|两|三|一|几)|都打(?:过|完)|电话(?:打|没|接|通)|已(?:联系|电话|发|回|打|读|邀|通知"
    r"|回访|致歉|加)|联系(?:上|过|不上|到)了?|没联系上|没回(?:我|消息|信|微信)?|不回(?:消息|微信)?|回(?:了"
    r"|复了|我了|消息了)|加不上|没通过|通过了(?:微信|好友)?|删了我|被拉黑|把(?:我|我们|咱)(?:拉黑|删)"
    r"|约(?:好|上|到|了)(?!束|会|三点|两点).{0,6}(?:来|到店|试|取)?$|(?:说|答应|约)(?:了|好)?.{0,6}(?:周|礼拜"
    r"|明天|后天|下午|晚上|月底|下周|有空|改天|过两天)[^,。]{0,4}(?:来|过来|到店)|(?:再|过阵子|以后"
    r"|下次)来(?:买|看|拿|办)|说(?:考虑|再想|再看|不需要|不用|没空|没时间|不感兴趣|下次|有空|改天|过几天|忙"
    r"|知道了|等等)|回访(?:了|过)|加(?:上|了)(?:[她他])?的?微信|微信加上|下个?月再说|说太忙|没兴趣|不感兴趣"
    r"|没买|没成交|成交|(?<![一-龥])成了|开单|下单了|买了(?:单|两|三|一|[\d]|[件双条])?|付了?(?:定金|款)"
    r"|办了(?:卡|会员)|续(?:卡|费)了|充了|没要(?!退|求|赔)|扭头|走了|没看上|试了|跑单|搬(?:走|去|到|回)|回老家|出国"
    r"|来不了|不来了|名单划|移出|划掉|退出名单|券(?:也|都)?用了|领了|已核销|来过了|到店了|她说行|她说好"
    r"|答应来|没谈成|再考虑|考虑(?:一下|考虑)|换(?:家|店)了|去别家|收下了|满意了|接受了|原谅|解决了|处理好了"
    r"|已读"
)
_NUMBERED = Pattern(
    r"^\d{1,2}(?:[、, ]{1,2}\d{1,2}){0,9}[、, ]?(?:号)?(?:都|已|没|说|打|约|接|别|让|不|拒|关|空|停|搬|回|要"
    r"|考虑|来|通|成|买|再|挂|加|发|联系)|^(?:全|都|全部|都已经?)(?:打|联系|发|通知|回访)(?:过|完|好)"
)
_FOLLOW = Pattern(
    r"^(?:[◇她他, ]|帮我|麻烦|请)*(?:提醒|记得|别忘|到时|答应|承诺|帮[她他◇]+(?:留|订|定|预|安排|约|盯|问|查"
    r"|找|调)|给[她他◇]+(?:留|预留|订|预约|安排(?!.{0,6}券)|打|回|寄|送|改|发)|留|预留|预约|约|订|回访(?!了"
    r"|过)|跟进|安排|明天|后天|下周|周[一二三四五六日末]|礼拜|星期|月底|跟[她他◇]+(?:说好|约好))"
)
_LATER = Pattern(
    r"提醒|记得|别忘|答应|承诺|预约|约了|约好|留(?:着|到|一|两)|回访|跟进|到货.{0,6}(?:通知|告诉|叫|喊|联系)"
    r"|来取|来拿|来试|取件|上门|回个?电话|回电|待会儿?回|说好(?:给|帮|了)|(?:周|礼拜|星期|明天|后天"
    r"|[点号]).{0,8}(?:来|取|送|回|打|试|到店)"
)
_LOOKUP = Pattern(
    r"(?:调|拉|翻|找|查|打开|看|搜|给我看|发我|报|瞅|瞧|显示|提)(?:出|一下|下|看|给我|来"
    r"|瞅瞅|个)*(?:的?(?:资料|档案|信息|记录|卡片|卡|详情|历史|订单|积分|余额|备注|生日|尺码|喜好))|^(?:麻烦"
    r"|帮我|帮忙|请|给我)*(?:查|找|搜|看|调|打开|翻|拉)(?:一下|下|查|找|看|出)?|(?:再)?(?:调出来|打开|看下"
    r"|看看|看一下|拉出来|翻一下|查一下|查下|找一下|找下|出来看看|给我看|给我看看|发我看)$|(?:的)?(?:资料"
    r"|档案|信息|详情|消费记录|订单)$|来了$|到店了?$|进店了?$|进门了$|又来了$|在店里$"
)
_SEEK = Pattern(
    r"^(?:找|查|搜|调|翻|看看|看下|帮我(?:找|查|看)|打开|谁(?:记得|知道|认识|晓得)|麻烦(?:找|查)|拉)|(?:谁啊"
    r"|是谁|哪位|叫啥|叫什么|给我看看?|调一下|调出来|打开|再调出来看下|看下|看看|来着|会员吗|资料|档案|查下"
    r"|查一下|查查|找找|翻翻|搜搜|找一下|有印象吗|给我)[ ?!。]*$"
)
_HEAD_ONLY = Pattern(
    r"^[^,。!?是说]{0,24}(?:那个|那位|的)(?:(?![是说对])[一-龥]){0,6}(?:[ ,][^,。!?是说]{0,12}来的"
    r"|[ ,]姓[^,。!?]{1,8})?$"
)
_NOTE = Pattern(r"备注|记一?下|登记|记上|记着|标记|标一下|写上|记住|存一下|录一?下|补充|更新|改成|更正")
_TRAIT = Pattern(
    r"\d{2,3}度|散光|瞳距|发质|油皮|干皮|混油|敏感肌|身高|体重|[一-龥]指\d|手围|胸围|腰围|臀围|脚背|脚宽|床\d"
    r"|左眼|右眼|1[4-9]\d ?(?:cm|厘米|\d{2,3}斤)|\d{2,3}(?:斤|公斤|kg)"
)
_QUIET_FACTS = frozenset({"competitor", "loss_reason", "source", "promise", "hold", "demand", "contact_rule"})


def explicit(sentence: Sentence, text: str) -> Intent | None:
    """An order to the bot that the words give away whatever else they hold."""
    if _REDEEM.search(text) and not re.search(r"已核销|核销(?:了|过|完|不了|失败)|没核销", text):
        return "redeem"
    if _COUPON.search(sentence.masked) and not _COUPON_NOT.search(text) and not complaints.strong(text):
        return None if contact.refuses_offers(contact.statements(sentence)) else "coupon"
    return None


def undoes(text: str, facts: list[Statement]) -> bool:
    """Whether it takes back what was just done; a complaint of a shop's mistake does not."""
    if any(fact.negated for fact in facts) or not _UNDO.search(text):
        return False
    wrong = any(fact.kind == "complaint" for fact in facts)
    if wrong and not re.search(r"记|登|录|撤|[这那上]一?条|错人|不是[她他]", text):
        return False
    return not complaints.strong(text) and not re.search(
        r"店员|给[她他]|把[她他]|师傅|收银|衣服|鞋|货|单子|尺寸|颜色|包装|快递", text
    )


def seeks(text: str) -> bool:
    """Whether the words ask to find somebody by a description."""
    return _SEEK.search(text) is not None


def looks_up(sentence: Sentence, *, hint: bool) -> bool:
    """Whether it asks for a customer's card without a question word."""
    if _LOOKUP.search(sentence.text):
        return bool(sentence.mention or hint or sentence.several)
    return hint and _HEAD_ONLY.match(sentence.text) is not None and not sentence.in_context


def of_facts(sentence: Sentence, facts: list[Statement]) -> Intent:
    """The intent of a statement, weighed from its facts and the words around them."""
    kinds = {fact.kind for fact in facts}
    text = sentence.masked
    others = kinds - _QUIET_FACTS - {"complaint", "family", "nps"}
    if "complaint" in kinds and not _NUMBERED.match(text):
        return _complaint(sentence, kinds, others)
    if _NUMBERED.match(text) or (not others and _outcome(text, kinds)):
        return "outcome"
    if {"promise", "hold"} & kinds and not others:
        return "outcome" if _OUTCOME.search(text) and not _FOLLOW.match(text) and "hold" not in kinds else "followup"
    return "note"


def numbered(sentence: Sentence) -> bool:
    """Whether it reports on numbers of a list: 「1没接 3说下个月来」."""
    return _NUMBERED.match(sentence.masked) is not None


def _outcome(text: str, kinds: set[str]) -> bool:
    if "loss_reason" in kinds:
        return True
    if "demand" in kinds or "source" in kinds or "new_phone" in kinds:
        return False
    return _OUTCOME.search(text) is not None and not _FOLLOW.match(text) and not {"contact_rule", "hold"} & kinds


def _complaint(sentence: Sentence, kinds: set[str], others: set[str]) -> Intent:
    if complaints.strong(sentence.masked):
        return "complaint"
    gone = "competitor" in kinds or re.search(r"没买|没成|走了|扭头|没下单", sentence.text)
    if "loss_reason" in kinds and gone:
        return "outcome"
    if others or "nps" in kinds:
        return "note"
    return "complaint"


def silent(sentence: Sentence) -> Intent:
    """The intent of a message without any fact."""
    text = sentence.masked
    if _NUMBERED.match(text) or (_OUTCOME.search(text) and not _FOLLOW.match(text)):
        return "outcome"
    if _FOLLOW.match(text) and _LATER.search(text) and cues.somebody(text):
        return "followup"
    if complaints.strong(text) and cues.somebody(text):
        return "complaint"
    if (
        _NOTE.search(text)
        or (reactions.any_reaction(text) and not cues.stock(text))
        or _TRAIT.search(text)
        or (cues.somebody(text) and (sentence.mention or not cues.chatter(text)))
    ):
        return "note"
    return "smalltalk"
