"""What kind of talk a message is: a question, the guide's own life, stock, an order to the bot."""

from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import Clause

_ASK = Pattern(
    r"[?]|吗[啊呀哈~]?$|吗(?=[ 她他◇])|(?:过敏|敏感|能[吃喝用穿碰]|可以[吃喝用]|[吃喝]得"
    r"|还[吃喝用穿戴爱要来在喜][^,。!? ]{0,3})不$"
    r"|么$|来着|是不是|有没有|有木有|能不能|可不可以|会不会|要不要|过不过敏|敏不敏感"
    r"|吃不吃|喝不喝|喜不喜欢|爱不爱|穿不穿|(?<!不)对不对|在不在"
    r"|知道不|知不知道|记得不|记不记得|还记得|有无|是否|行不行|什么(?!都|也)|啥(?!都|也|的)|谁(?!都|也|知)"
    r"|哪(?!怕|都)|多少|多大|多高|多重|几(?:口|号|岁|码|点|月|分|次|折|个|张|瓶|段|度)|怎么|为何|为什么"
    r"|啥时候|没\?$|[^有还也都]没$|过没有$|不\?$|好不$|忘了?$(?<=我忘了)"
)
_NO_QUESTION = Pattern(
    r"那什么|那啥|什么(?:都|也|态度|玩意|破|烂|鬼|质量|服务|东西|素质|的|情况都)|不知道(?:为什么|怎么|是|咋)|没什么|没啥"
    r"|为什么(?:不|还|没|又|总|老|这么|那么)|怎么(?:这么|这样|搞|回事|还|才|又|能|老|总|就|都|也|说|吃|办的"
    r"|穿|洗|做的)"
    r"|凭什么|谁(?:瞎|乱|给|登|记的|都|也)|啥都|啥也|哪都|哪里都|哪儿都|几个(?:人|朋友|姐妹|同事)|好几|几次都"
    r"|多少(?:次|年|都|有点|回)|哪个?(?:都|也)|无论|不管|说不清|什么什么|不咋|好不容易|几(?:号|点)都|说是不是"
    r"|没有?对(?:什么|啥)|问能不能|什么颜色都|不怎么|没怎么|怎么着|怎么样都"
)
_REPORTED = Pattern(
    r"(?:[她他]|客人|顾客|客户|人家|◇|^)(?:就|又|还|老|一直|总|天天|来|刚|今天|专门|打电话)?(?:来)?(?:问|打听"
    r"|想知道|念叨)|问了?[一二两三四五几好\d]+(?:次|回|遍)|问(?:过)?(?:咱|我们|店里|有没有|能不能|可不可以"
    r"|是不是|什么时候|啥时候)|小区.{0,4}都问|她问|他问|嫌"
)
_SOMEBODY = Pattern(r"她|(?<![其雷维吉])他(?!定|汀|命|克)|客人|顾客|客户|这位|那位|◇")
_PRONOUN = Pattern(r"她|(?<![其雷维吉])他(?!定|汀|命|克)|这位|那位")
_ABOUT = Pattern(
    r"她|(?<![其雷维吉])他(?!定|汀|命|克)|◇|这位|那位|这个客|那个客|这姐|这哥|这人|那人|刚才|刚那|客人|顾客"
    r"|这客户|那个(?:买|退|穿|带|办|换|来|染|戴|配|要|订|说|投诉|总|老|常)"
)
_TRAITS = Pattern(
    r"过敏|忌口|生日|尺码|穿多大|多大码|几码|上次|上回|积分|余额|储值|喜好|口味|住哪|电话|消费|等级|会员|券"
    r"|偏好|备注|习惯|买过|点过|退过|来过|常点|喜欢|不吃|鞋码|手寸|度数|叫啥|叫什么|贵姓|姓啥|资料|档案"
    r"|什么时候来|多久没来|几次|纪念日|敏感|能[吃喝用穿碰沾]|可以[吃喝用]|[吃喝]得"
)
_PRIVATE = Pattern(
    r"过敏|忌口|生日(?!会|券)|尺码|穿多大|几码|上次|上回|喜好|住哪|不吃|鞋码|手寸|叫啥|贵姓|姓啥|常点"
    r"|多久没来|有没有记|敏感不"
)
_MANY = Pattern(
    r"(?:客户|会员|沉睡|流失|新客|老客|客人).{0,6}(?:多少|几个|几位)|(?:今天|今日|明天|本周|这周|本月|下周"
    r"|最近)?(?:谁|哪些|哪几|有多少|几个|多少)(?:个|位|人|客户|顾客|会员|客人|老客)*(?:.{0,4}生日|过敏|没来"
    r"|要|快|到期|过期|沉睡|流失|没回|客诉|投诉|是|有|在|该|今天|这周|本周)|哪些(?:客|人|会员|老客)|多少(?:客"
    r"|人|会员|个)|(?:有)?几个(?:客|会员|人过|对|沉睡|过敏)|一共|总共多少|排名|统计|业绩|营业额|客单价|客流"
    r"|过敏的(?:客户|客人|会员|人)?(?:有|都有)"
)
_STOCK = Pattern(
    r"到货|补货|库存|还有货|有货|没货了|断货了|缺货了|进货|上货|订货|卖完|卖光|卖断|调货|还有没有货|哪个柜"
    r"|货架|在哪放|仓库|盘点|今天.{0,6}卖|新品|上架|下架|促销|价签|陈列|保质期|临期的?|快到期|搬|快递到了"
    r"|货到|送货的|报损|试吃|抗过敏|防过敏|这批|主打|脱敏|过敏药|到了.{0,3}箱|来了.{0,3}箱|促销员|厂家"
)
_STAFF = Pattern(
    r"(?:^|[,。 ◇])(?:今天|明天|昨天|刚才|晚上|中午|下午)?(?:我(?!们?(?:家|店|这)?(?:的)?(?:奶|货|衣|鞋|东西"
    r"|产品|推|给她|跟她|和她|已|答应|帮她|约|打|发|说|看她|记|送|回|联系|通知|劝|给他|问她|叫她))(?!们)"
    r"|咱(?!家|们家|店|没|这|有|只)|咱们(?!家|店|没|这)|大家|姐妹们|兄弟们|各位|同志们|亲们|家人们|店长(?!快"
    r"|我|,|来|说|看|你)|老板|经理|同事|小[李王张周陈刘赵孙吴](?=.{0,12}(?:请假|休|代|顶|班|迟到)))"
)
_OWN = Pattern(
    r"(?:^|[,。;!? ◇])(?:其实|说起来|唉|哎|哈哈|完了|救命|话说|今天|昨天|刚才|上次|但|不过|像|就|因为|我靠"
    r"|妈呀)*我(?:自己|本人|也|是|对|就|从小|一|吃|喝|穿|真的|这|这个|才|不|可|的|最|吃了|吃不|妈|爸|家|儿子"
    r"|女儿|娃|闺女|老公|老婆|男朋友|女朋友|婆婆|对象|有点|好像|觉得|怀疑|现在|以前|今天|昨天|小时候|爱|喜欢"
    r"|想|要|生日|下|明|请|皮肤|脸|手)"
)
_QUOTED = Pattern(r"[她他]说|客人说|顾客说|原话|她讲|人家说|她的意思|说[:“\"「]|她回|她吼|她问|她跟我说|说她|◇说")
_CHAT = Pattern(
    r"聚餐|吃啥|点外卖|叫外卖|奶茶有人|拼单|员工餐|工作餐|开会|例会|早会|排班|请假|调班|换班|值班|下班|打卡|工牌|工服"
    r"|工资|考勤|加班|团建|抢红包|红包|冲业绩|加油|辛苦|哈哈|嘻嘻|天气|下雨|堵车|空调(?:又|坏|滴)|wifi|打印机"
    r"|收银机|电脑(?:死|坏|卡)|厕所灯|灯坏|停电|钥匙|谁拿|谁把|谁有|谁看见|扫码枪|监控|网线|断网|刷不了卡"
    r"|扫码(?:器|枪)|水管|跳闸|卫生检查|消防|培训|直播|晨会|周会|群里|转发|笑死|累死|好困|饿|热死了$|冷死了$"
    r"|电影|追剧|股票|彩票|世界杯|球赛"
)


def asked(clause: Clause) -> bool:
    """Whether the clause asks something of the bot, not tells what a customer asked."""
    text = clause.text + ("?" if "?" in clause.closing else "")
    match = _ASK.search(text)
    if not match or _NO_QUESTION.search(text):
        return False
    return _REPORTED.search(text[: match.end()]) is None


def personal(text: str, *, known: bool) -> bool:
    """Whether a question is about one customer; `known` when she is named or in focus."""
    return bool(_ABOUT.search(text)) or ((_TRAITS if known else _PRIVATE).search(text) is not None and not stock(text))


def aggregate(text: str) -> bool:
    """Whether a question is about many customers at once."""
    return _MANY.search(text) is not None


def own(text: str) -> bool:
    """Whether the guide speaks of herself or her own family."""
    match = _OWN.search(text)
    return match is not None and _QUOTED.search(text, 0, match.start() + 1) is None


def somebody(text: str) -> bool:
    """Whether the words speak of a person served."""
    return _SOMEBODY.search(text) is not None


def pronoun(text: str) -> bool:
    """Whether a she or he is spoken of."""
    return _PRONOUN.search(text) is not None


def stock(text: str) -> bool:
    """Whether it is about goods on the shelf rather than about a person."""
    return _STOCK.search(text) is not None


def chatter(text: str) -> bool:
    """Whether it is talk among colleagues."""
    return (_STAFF.search(text) is not None and _QUOTED.search(text) is None) or _CHAT.search(text) is not None
