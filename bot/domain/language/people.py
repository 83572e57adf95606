"""Who is meant: the customer as named, and the relatives, friends and pets around her."""

import re
from dataclasses import dataclass
from functools import cache

from bot.domain import phones
from bot.domain.language import lexicon
from bot.domain.language.values import Mention

_NEW_NUMBER = re.compile(
    r"换了?(?:个|新)?(?:号|手机|电话)|新(?:号|手机|电话)|改(?:个|下|一下)?(?:手机|电话|号)|(?:号码|手机号?|电话)(?:换|改|更新)"
    r"|更新(?:手机|电话|号码)|旧号|老号码?(?:停|不用)|以后(?:打|用)这个号"
)
_LAST4 = re.compile(
    r"(?<![\dA-Za-z.:\-/¥￥$#])(\d{4})(?![\d.:\-/%A-Za-z]|元|块|毫升|克|度|年|分|号|码|积分|毫|件|个|人|次|步|以上|左右|多|ml)"
)
_TAIL_WORDS = re.compile(r"(?:尾号|后四位|尾数|末四位|手机尾|号尾)(?:是|为|:)? ?(\d{4})(?!\d)")
_SPENT = re.compile(r"(?:花了?|消费|充了?|存了?|满|共|总|积分|密码|验证码|房间|单号|订单|型号|在|到|券|码|核销?) ?$")
_THOUSANDS = re.compile(
    r"(?<![一二三四五六七八九十百千万])([一二三四五六七八九])千(?=那个|那位|这位|这个|的客|客户|家|姐|哥)"
)
_TITLES = "|".join(sorted((w for line in lexicon.lines("titles") for w in line.split()), key=len, reverse=True))
_TWO_SURNAMES = "|".join(lexicon.lines("surnames")[1].split())
_SURNAMES = lexicon.lines("surnames")[0]
_GIVEN = lexicon.lines("given_names")[0]
_SURNAME = rf"(?:{_TWO_SURNAMES}|[{_SURNAMES}])"
_WEAK_TITLES = frozenset("太 公 工 导 编 总 爷 奶 舅 姑 妹 弟 婶 叔 伯 董".split())
_TITLED = re.compile(rf"({_SURNAME}[{_GIVEN}]{{0,2}}?|[老大阿][{_SURNAMES}])({_TITLES})(?![夫])")
_NICK = re.compile(
    r"(?:([一-龥])\1|(?:小|阿)[一-龥])(?:的?(?:妈妈|爸爸|妈咪|妈|爸|奶奶|姥姥|外婆|爷爷|姥爷|外公|麻麻|粑粑|家长|姐|哥|姨))"
    r"|(?<![一-龥])(?!我|她|他|你|宝|孩子|这|那|叫|给|查|是|一|朋友|同学|娃)[一-龥]{2}(?:妈妈|爸爸|妈咪|妈|爸)(?![一-龥]{0,1}(?:说我))"
)
_OLD = re.compile(
    rf"(?<![一-龥])(?:(?:给|帮|查|找|是|记)?)(老[{_SURNAMES}]|阿[一-龥])(?=[ ,:对不的说今昨要喜爱家那生过]|$)"
)
_YOUNG = re.compile(rf"^(?:(?:给|帮|查|找|记)?)(小[{_SURNAMES}])(?=[ ,:对不的说要喜爱家生过]|$)")
_BARE = re.compile(
    rf"(?:^|(?<=[ ,:;。!?◇])|(?<=给)|(?<=帮)|(?<=查)|(?<=找)|(?<=是)|(?<=叫)|(?<=把)|(?<=记))"
    rf"({_SURNAME}[{_GIVEN}]{{1,2}})"
    r"(?=$|[ ,:;。!?◇]|对|说|的|家|不|喜|要|她|他|这|那|今|昨|明|刚|上次|生日|过敏|在|穿|爱|只|老公|老婆|儿子|女儿|孩子|约|打|没|换|想|订|最|从)"
)
_NOT_NAMES = frozenset(
    "单纯 单独 单位 王子 高兴 高大 黄金 白金 白银 金银 金玉 金属 黄豆 白云 明天 明年 明星 时光 马上 马云 花生 温和 温泉 常用 常年 包子 成功 成家 安心 方便 方正 "
    "平安 平常 石头 石榴 牛奶 牛油 牛肉 麦子 苗条 和平 水晶 水果 江湖 高级 高端 高中 高考 许愿 万一 万千 万年 万科 田园 龙虎 喜欢 "
    "元旦 元宝 冬天 夏天 夏季 夏日 秋天 秋季 秋冬 成年 全家 全国 全家福 白天 白玉 梅子 梅花 桃子 凉皮 凉鞋 沙发 钱包 车厘子 温水 热水 阳光 "
    "应该 应急 关于 关心 路过 路上 路边 连续 连忙 安静 安全 宁可 宁愿 任何 毛衣 毛巾 毛线 向来 向日葵 段位 房子 房产 经常 计划 单子 单品 "
    "高跟 高领 高腰 汤圆 米色 米粉 米糊 米粒 黄色 白色 蓝色 金色 白衬衫 黄花 时尚 盛大 全程 全新 时新 常来 常春 安排 贝贝 司机 卫生 小美 符合 "
    "沈阳 安康 宁波 金华 温州 常州 江苏 江山 石家庄 成都 万达 万象 家里 包装 包包 党员 华为 小米 富贵 关节 方向 方法 方的 于是 和善 水仙 皮鞋".split()
)
_STAFF_AFTER = re.compile(
    r"请假|上班|值班|顶班|替班|调班|迟到|下班|离职|入职|培训|同事|店员|导购|收银|休息|轮休|员工餐|聚餐|团建|下午茶|工作餐"
)
_REFERS = re.compile(
    r"(?:那边)?(?:推荐|介绍|带|拉|领|安利|种草|转介绍)(?:来|她|他|过来|了|的|一起)|(?:推荐|介绍|安利)(?:来|的|过来|$)|老带新"
)
_STAFF_BEFORE = re.compile(r"(?:夸|表扬|找|认|指定|让|叫|问|店员|导购|技师|收银|同事|谢谢|感谢|派|分给|转给|交给)$")
_HINT_HEADS = (
    "姐姐|小姐姐|美女|帅哥|大哥|大姐|大爷|大妈|阿姨|叔叔|大叔|老太太|老爷子|老头|姑娘|小姑娘|小伙子|小伙|男的|女的|女生|男生|客人|顾客|宝妈|宝爸|妈妈|奶奶|爷爷"
    "|新娘子|新娘|孕妇|学生|小哥|小哥哥|情侣|夫妻|两口子|老师|哥们|妹子|妹妹|女士|先生|那个人|人|姐|哥|妹|老客|会员|客户|靓女|辣妈|大嫂|嫂子|老人家|老人|女孩|男孩|小妹|小妹妹|老奶奶|老先生|外国人|老外"
)
_TIMES = r"刚刚|刚才|刚|昨天|昨儿|昨晚|前天|大前天|早上|今早|上午|中午|下午|晚上|上周[一二三四五六日末]?|上礼拜[一二三四五六天]?|上个?月|上回|上次|那天|周[一二三四五六日末]|前几天|前两天|前阵子|去年"
_HINT = re.compile(
    rf"^(?:给|帮|把)?((?:(?:{_TIMES})[^,。!? ]{{0,20}}?|(?:那个|那位)?[^,。!? 她他我]{{0,16}}?)(?:那个|那位|那|的)[^,。!? 她他我]{{0,14}}?(?:{_HINT_HEADS})(?![一-龥]{{0,1}}(?:姐|哥|码))|(?:{_TIMES})?[^,。!? 她他我]{{0,16}}那位)"
)
_ASK_HEAD = re.compile(
    r"^(?:找一下|查一下|找下|查下|查查|查|找|搜|谁记得|谁知道|谁认识|谁晓得|帮我|帮忙|看看|看一下|看|调一下|调出|打开|翻一下|翻翻|麻烦|有没有人记得|还记得|你记得|想找|我要找|给我|拉一下|拉出|瞅瞅|那个谁)+ ?"
)
_ASK_TAIL = re.compile(
    r"[ ,]*(?:谁啊|是谁|叫啥|叫什么(?:名字)?|姓(?:啥|什么)|哪位|给我看看?|给我调一下|给我|调一下|调出来|打开|再?调出来看下|再?调出来|看下|看看|尾号(?:是)?多少|多少|来着|是(?:不是)?会员(?:吗|么)?|是我们会员吗|有(?:没有)?(?:资料|档案|登记|会员)(?:吗|没)?|资料|档案|找一下|查一下|查查|查下|吗|呢|啊|在不在|电话多少|手机号?多少|是哪个|有印象(?:吗|没)|记得(?:吗|不))*[ ?!。]*$"
)
_ASKED_FOR = re.compile(rf"那个|那位|那|姓|的(?:{_HINT_HEADS})|来的$|那$")


@dataclass(frozen=True, slots=True)
class Named:
    """A customer's mention with its stretch of the text."""

    start: int
    end: int
    mention: Mention


@dataclass(frozen=True, slots=True)
class Relative:
    """A relative, friend or pet in the text; `of` is None where the customer herself is the one."""

    start: int
    end: int
    of: str | None


@cache
def _relatives() -> lexicon.Lexicon:
    return lexicon.grouped("relatives")


_NEED_OWNER = frozenset(
    "妈 爸 娘 爹 妹 弟 猫 狗 老爷子 夫人 对象 姑娘 同学 邻居 主子 老娘 儿 女 老大 毛毛头 同事 三花 串串 朋友 搭子".split()
)
_OWNED_BY = re.compile(r"(?:[她他家的俩只姐哥姨◇]|(?:^|[ ,。;!?])|一个|有个|养的|养了|有|只|条|给|跟|和|带)$")
_COMPOUND = re.compile(r"粮|条|砂|眼|罐|窝|薄荷|抓板|毛|圈|介绍|推荐|拉|椅|装|霜|王|湿巾|节|卡|车|乳液|粥|房")
_SELF = re.compile(r"她自己|他自己|她本人|他本人|本人|自己|大人(?:没|不|能)|(?<!其)[她他](?!家|们|的)")
_HER = re.compile(r"[她他]$|[她他]家$|[她他]的$|◇$|◇家$|◇的$")
_WITH = re.compile(r"(?:带着?|陪着?|和|跟|同|与|替|送|随)(?:她|他|了|着|俩|两个|个)?$")


def new_number(text: str) -> bool:
    """Whether the sentence tells a changed telephone number."""
    return _NEW_NUMBER.search(text) is not None


def named(text: str) -> list[Named]:
    """Everyone named as a customer, in order; referrers and staff are left out."""
    found_numbers = numbers(text)
    taken = [(one.start, one.end) for one in found_numbers]
    names = [one for one in _names(text) if not any(a < one.end and one.start < b for a, b in taken)]
    return sorted(found_numbers + names, key=lambda one: one.start)


def numbers(text: str) -> list[Named]:
    """Telephone numbers and last four digits that name a customer."""
    found = []
    new = new_number(text)
    for phone, start, end in phones.find(text):
        if not new:
            found.append(Named(start, end, Mention(phone=phone.national)))
    spans = [(start, end) for _, start, end in phones.find(text)]
    for match in _LAST4.finditer(text):
        inside = any(a <= match.start() < b for a, b in spans)
        if (
            not inside
            and not _REFERS.match(text, match.end())
            and not _SPENT.search(text, max(0, match.start() - 6), match.start())
        ):
            found.append(_last4(text, match))
    for match in _THOUSANDS.finditer(text):
        digit = "零一二三四五六七八九".index(match[1])
        found.append(Named(match.start(), match.end(), Mention(last4=f"{digit}000")))
    return found


def _last4(text: str, match: re.Match[str]) -> Named:
    tail = _TAIL_WORDS.search(text, max(0, match.start() - 6), match.end())
    return Named(tail.start() if tail else match.start(), match.end(), Mention(last4=match[1]))


def _names(text: str) -> list[Named]:
    found: list[Named] = []
    for pattern in (_TITLED, _NICK, _OLD, _YOUNG, _BARE):
        for match in pattern.finditer(text):
            start, end = match.span(1) if pattern in (_OLD, _YOUNG, _BARE) else match.span()
            if pattern is _TITLED:
                start = _without_lead(text, start, end)
            if pattern is _TITLED and match[2] in _WEAK_TITLES and len(match[1]) > 1:
                continue
            if _is_name(text, start, end) and not any(a.start < end and start < a.end for a in found):
                found.append(Named(start, end, Mention(name=text[start:end])))
    return found


def _without_lead(text: str, start: int, end: int) -> int:
    """A name may be three characters long before its title only if they look like one."""
    body = text[start:end]
    inner = _TITLED.search(text, start + 1, end)
    if inner and len(body) > 3 and inner.end() == end:
        return inner.start()
    return start


def _is_name(text: str, start: int, end: int) -> bool:
    word = text[start:end]
    if word in _NOT_NAMES or lexicon.allergens().plain(word) or word[:2] in _NOT_NAMES:
        return False
    if text[end - 1] == "太" and text[end : end + 1] in set("多少贵高大小久慢远吵挤重硬甜咸冷热短长紧松老旧差厚薄"):
        return False
    if any((hit := lexicon.allergens().at(text, back)) and hit.end > start for back in range(max(0, start - 3), start)):
        return False
    if _REFERS.match(text, end) or _STAFF_BEFORE.search(text, max(0, start - 4), start):
        return False
    if re.match(r"[她他我你谁这那哪]|(?:小|大|老)(?:姐|哥|妹|爷|妈|姨|叔|伯|总)", word) and len(word) < 3:
        return False
    return not (word.startswith("小") and _STAFF_AFTER.search(text))


def customer(text: str) -> tuple[Mention, list[tuple[int, int]], bool]:
    """The customer spoken of, where she is named, and whether there are several of them."""
    found = named(text)
    spans = [(one.start, one.end) for one in found]
    chosen = _chosen(text, found)
    groups = _persons(text, chosen)
    if len(groups) > 1:
        return Mention(), spans, True
    return (groups[0] if groups else Mention()), spans, False


def _chosen(text: str, found: list[Named]) -> list[Named]:
    """Those meant, where the words correct themselves: 「是李姐不是王姐」."""
    meant = [one for one in found if not re.search(r"(?:不是|而不是|别是|不叫)$", text[: one.start])]
    if re.search(r"错|不是", text):
        right = [one for one in meant if re.search(r"(?:应该是|是|改成|记到|给)$", text[: one.start])]
        return right or meant
    return meant


def _persons(text: str, found: list[Named]) -> list[Mention]:
    """Mentions of one person side by side (陈女士0087) count once."""
    persons: list[Mention] = []
    last_end = -9
    for one in found:
        near = not re.search(
            r"[一-龥]",
            text[last_end : one.start].replace("的", "").replace("尾号", "").replace("那个", "").replace("手机", ""),
        )
        if persons and near and (merged := _merge(persons[-1], one.mention)):
            persons[-1] = merged
        elif not any(one.mention == other or _part(one.mention, other) for other in persons):
            persons.append(one.mention)
        last_end = one.end
    return persons


def _part(one: Mention, other: Mention) -> bool:
    return one.name is not None and one.name == other.name


def _merge(one: Mention, other: Mention) -> Mention | None:
    if (one.name and other.name) or (one.last4 and other.last4) or (one.phone and other.phone):
        return None
    return Mention(phone=one.phone or other.phone, last4=one.last4 or other.last4, name=one.name or other.name)


def hint(text: str) -> str | None:
    """The description by which an unnamed customer is told apart, at the head of a note."""
    match = _HINT.match(text)
    return match[1] if match else None


def asked_for(text: str) -> str | None:
    """The description in a request to find somebody: without the verbs before and the question behind."""
    words = _ASK_TAIL.sub("", _ASK_HEAD.sub("", text)).strip(" ,。?!")
    return words if 2 < len(words) <= 30 and _ASKED_FOR.search(words) and not re.search(r"[她他]", words) else None


def relatives(masked: str) -> list[Relative]:
    """Who else is spoken of, and where the customer herself comes back, in order."""
    found = []
    for hit in _relatives().find(masked):
        if _counts(masked, hit):
            found.append(Relative(hit.start, hit.end, hit.group))
    taken = [(one.start, one.end) for one in found]
    for match in _SELF.finditer(masked):
        if not any(a <= match.start() < b or match.end() == a for a, b in taken):
            found.append(Relative(match.start(), match.end(), None))
    return sorted(found, key=lambda one: one.start)


def _counts(text: str, hit: lexicon.Hit) -> bool:
    covering = lexicon.allergens().at(text, hit.start)
    if (covering and covering.end > hit.end) or _COMPOUND.match(text, hit.end):
        return False
    before = text[max(0, hit.start - 3) : hit.start]
    if hit.word == "妹" and before.endswith("姐"):
        return False
    return hit.word not in _NEED_OWNER or _OWNED_BY.search(before) is not None


def beside(text: str, start: int) -> bool:
    """Whether somebody is only along (带着女儿来), not the subject of what follows."""
    return _WITH.search(text, max(0, start - 4), start) is not None
