"""How a customer is named: numbers, names with a title, nicknames, and descriptions of the unnamed."""

import re
from dataclasses import dataclass

from bot.domain import phones
from bot.domain.language import lexicon
from bot.domain.language.patterns import Pattern
from bot.domain.language.values import Mention

_NEW_NUMBER = Pattern(
    r"换了?(?:个|新)?(?:号|手机|电话)|新(?:号|手机|电话)|改(?:个|下|一下)?(?:手机|电话|号)|(?:号码|手机号?"
    r"|电话)(?:换|改|更新)"
    r"|更新(?:手机|电话|号码)|旧号|老号码?(?:停|不用)|以后(?:打|用)这个号"
)
_LAST4 = Pattern(
    r"(?<![\dA-Za-z.:\-/¥￥$#])(\d{4})(?![\d.:\-/%A-Za-z]|元|块|毫升|克|度|年|分|号|码|积分|毫|件|个|人|次|步"
    r"|以上|左右|多|ml)"
)
_TAIL_WORDS = Pattern(r"(?:尾号|后四位|尾数|末四位|手机尾|号尾)(?:是|为|:)? ?(\d{4})(?!\d)")
_SPENT = Pattern(r"(?:花了?|消费|充了?|存了?|满|共|总|积分|密码|验证码|房间|单号|订单|型号|在|到|券|码|核销?) ?$")
_THOUSANDS = Pattern(
    r"(?<![一二三四五六七八九十百千万])([一二三四五六七八九])千(?=那个|那位|这位|这个|的客|客户|家|姐|哥)"
)
_TITLES = "|".join(sorted((w for line in lexicon.lines("titles") for w in line.split()), key=len, reverse=True))
_TWO_SURNAMES = "|".join(lexicon.lines("surnames")[1].split())
_SURNAMES = lexicon.lines("surnames")[0]
_GIVEN = lexicon.lines("given_names")[0]
_SURNAME = rf"(?:{_TWO_SURNAMES}|[{_SURNAMES}])"
_WEAK_TITLES = frozenset(
    ["太", "公", "工", "导", "编", "总", "爷", "奶", "舅", "姑", "妹", "弟", "婶", "叔", "伯", "董"]
)
_TITLED = Pattern(rf"({_SURNAME}[{_GIVEN}]{{0,2}}?|[老大阿][{_SURNAMES}])({_TITLES})(?![夫])")
_NICK = Pattern(
    r"(?:([一-龥])\1|(?:小|阿)[一-龥])(?:的?(?:妈妈|爸爸|妈咪|妈|爸|奶奶|姥姥|外婆|爷爷|姥爷|外公|麻麻|粑粑"
    r"|家长|姐|哥|姨))"
    r"|(?<![一-龥])(?!我|她|他|你|宝|孩子|这|那|叫|给|查|是|一|朋友|同学|娃)[一-龥](?![姐哥姨总太嫂])[一-龥](?:妈妈|爸爸|妈咪|妈"
    r"|爸)(?![一-龥]{0,1}(?:说我))"
)
_OLD = Pattern(
    rf"(?<![一-龥])(?:(?:给|帮|查|找|是|记)?)(老[{_SURNAMES}]|阿[一-龥])(?=[ ,:对不的说今昨要喜爱家那生过]|$)"
)
_YOUNG = Pattern(rf"^(?:(?:给|帮|查|找|记)?)(小[{_SURNAMES}])(?=[ ,:对不的说要喜爱家生过]|$)")
_BARE = Pattern(
    rf"(?:^|(?<=[ ,:;。!?◇给跟帮查找是叫把记和对])|(?<=今天)|(?<=昨天)|(?<=明天)|(?<=前天)|(?<=刚才)|(?<=隔壁)"
    rf"|(?<=早上)|(?<=下午)|(?<=晚上)|(?<=上次)|(?<=客人)|(?<=顾客)|(?<=会员))({_SURNAME}[{_GIVEN}]{{1,2}})"
    r"(?=$|[ ,:;。!?◇]|对|说|的|家|不|喜欢|要|她|他|这|那|今|昨|明天|刚|上次|上周|下周|生日|过敏|在|穿|爱|只|老公|老婆"
    r"|儿子|女儿|孩子|娃|妈|爸|约|打|没|换|想|订|最|从|投诉|生气|发|吐槽|记|来|要|退|问|买|点|嫌|忘|吃|喝|戴|用|也|都|还|又|已|怀|住|搬"
    r"|取|拿|到店|到了|\d{2}(?:码|号)|[SMLX]{1,3}(?:码|号)|周[一二三四五六日]|是|给|把|带|有|和|跟|预|留|付|充|办|加|催|等|怕|讨厌|习惯|偏|常|总|老|一直|查|调|看|找|修|改|做|寄|送|回|选|挑|洗|剪)"
)
_TASTED = Pattern(
    rf"(?:^|(?<=[ ,:;。!?◇给跟帮记])|(?<=今天)|(?<=昨天)|(?<=隔壁)|(?<=客人))({_SURNAME}[{_GIVEN}]{{1,2}}?)(?=[一-龥])"
)
_FULL_NAME = Pattern(rf"{_SURNAME}[{_GIVEN}]{{1,2}}")
_STAFF_AFTER = Pattern(
    r"请假|上班|值班|顶班|替班|调班|迟到|下班|离职|入职|培训|同事|店员|导购|收银|休息|轮休|员工餐|聚餐|团建"
    r"|下午茶|工作餐"
)
_REFERS = Pattern(
    r"(?:那边)?(?:推荐|介绍|带|拉|领|安利|种草|转介绍)(?:来|她|他|过来|了|的|一起)|(?:推荐|介绍|安利)(?:来|的"
    r"|过来|$)|老带新"
)
_STAFF_BEFORE = Pattern(r"(?:夸|表扬|找|认|指定|让|叫|问|店员|导购|技师|收银|同事|谢谢|感谢|派|分给|转给|交给)$")
_HINT_HEADS = (
    "姐姐|小姐姐|美女|帅哥|大哥|大姐|大爷|大妈|阿姨|叔叔|大叔|老太太|老爷子|老头|姑娘|小姑娘|小伙子|小伙"
    "|男的|女的|女生|男生|客人|顾客|宝妈|宝爸|妈妈|奶奶|爷爷"
    "|新娘子|新娘|孕妇|学生|小哥|小哥哥|情侣|夫妻|两口子|老师|哥们|妹子|妹妹|女士|先生|那个人|人|姐|哥|妹"
    "|老客|会员|客户|靓女|辣妈|大嫂|嫂子|老人家|老人|女孩|男孩|小妹|小妹妹|老奶奶|老先生|外国人|老外"
)
_TIMES = (
    r"刚刚|刚才|刚|昨天|昨儿|昨晚|前天|大前天|早上|今早|上午|中午|下午|晚上|上周[一二三四五六日末]?"
    r"|上礼拜[一二三四五六天]?|上个?月|上回|上次|那天|周[一二三四五六日末]|前几天|前两天|前阵子|去年"
)
_HINT = Pattern(
    rf"^(?:给|帮|把)?((?:(?:{_TIMES})[^,。!? ]{{0,20}}?|(?:那个|那位)?[^,。!? 她他我]{{0,16}}?)(?:那个|那位|那"
    rf"|的)[^,。!? 她他我是说对]{{0,14}}?(?:{_HINT_HEADS})(?![一-龥]{{0,1}}(?:姐|哥|码))"
    rf"|(?:{_TIMES})?[^,。!? 她他我]{{0,16}}那位)"
)
_BOUGHT = r"(?:买|退|换|点|办|拿|喝|吃|订|试|做|修|染|剪|取|充|穿|戴|看|要|带|打|洗|配|寄|加)"
_CAME = r"(?:来|退货|换货|投诉|吵架|闹事|骂人|排队|办卡|充值)"
_OTHERS = r"(?:(?!那[个位])[^,。!? 她他我])"
_DOER = Pattern(
    rf"^(?:给|帮|把|跟|查|找)?((?:(?:{_TIMES}|今天|今儿|刚来|大早上){_OTHERS}{{0,12}}?"
    rf"(?:{_BOUGHT}了?(?![了的]){_OTHERS}{{1,14}}?|{_CAME}{_OTHERS}{{0,6}}?)"
    rf"(?:的?那[个位]|的(?=[ ,。!?说问嫌]|$|(?:{_HINT_HEADS})))"
    rf"|(?:{_TIMES})那[个位](?=$|[ ,。!?]|(?:{_HINT_HEADS})|说|对|要|不|喜欢|买|退|穿|想|问|姓)"
    rf"|姓[{_SURNAMES}]的(?:那[个位])?)"
    rf"(?:{_HINT_HEADS})?(?:[ ,][^,。!? ]{{0,6}}姓[^,。!? ]{{1,2}}还是[^,。!? ]{{1,2}}$)?)"
)
_POINTS = Pattern(rf"那|^姓|^(?:{_TIMES}|今天|今儿)")
_VAGUE = Pattern(rf"[那这]?[个位]?(?:{_HINT_HEADS})?")
_ASK_HEAD = Pattern(
    r"^(?:找一下|查一下|找下|查下|查|找|搜|谁记得|谁知道|谁认识|谁晓得|帮我|帮忙|看一下|看|调一下"
    r"|调出|打开|翻一下|翻翻|麻烦|有没有人记得|还记得|你记得|想找|我要找|给我|拉一下|拉出|瞅瞅|那个谁)+ ?"
)
_ASK_TAIL = Pattern(
    r"[ ,]*(?:谁啊|是谁|叫啥|叫什么(?:名字)?|姓(?:啥|什么)|哪位|给我看|给我|调一下|打开"
    r"|再?调出来|看下|看看|尾号(?:是)?多少|多少|来着|是(?:不是)?会员么?|是我们会员吗"
    r"|有(?:没有)?(?:资料|档案|登记|会员)没?|资料|档案|找一下|查一下|查查|查下|吗|呢|啊|在不在"
    r"|电话多少|手机号?多少|是哪个|有印象(?:吗|没)|记得(?:吗|不))*[ ?!。]*$"
)
_ASKED_FOR = Pattern(rf"那个|那位|那|姓|的(?:{_HINT_HEADS})|来的$|那$")


@dataclass(frozen=True, slots=True)
class Named:
    """A customer's mention with its stretch of the text."""

    start: int
    end: int
    mention: Mention


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
    for pattern in (_NICK, _TITLED, _OLD, _YOUNG, _BARE):
        for match in pattern.finditer(text):
            start, end = match.span(1) if pattern in (_OLD, _YOUNG, _BARE) else match.span()
            if pattern is _TITLED:
                start = _without_lead(text, start, end)
            if pattern is _TITLED and match[2] in _WEAK_TITLES and len(match[1]) > 1:
                continue
            if _is_name(text, start, end) and not any(a.start < end and start < a.end for a in found):
                found.append(Named(start, end, Mention(name=text[start:end])))
    return found + [one for one in _tasted(text) if not any(a.start < one.end and one.start < a.end for a in found)]


def _tasted(text: str) -> list[Named]:
    """「张丽花生过敏」, 「陈洁少冰」: a full name right before a substance or a word of taste."""
    found = []
    for match in _TASTED.finditer(text):
        start = match.start(1)
        for end in (start + 2, start + 3, start + 4):
            name = text[start:end]
            if end < len(text) and _FULL_NAME.fullmatch(name) and _thing_at(text, end) and _is_name(text, start, end):
                found.append(Named(start, end, Mention(name=name)))
                break
    return found


def _thing_at(text: str, place: int) -> bool:
    """Whether a substance or a taste of two characters or more begins here."""
    lists = (lexicon.allergens(), lexicon.tastes()[0])
    return any((hit := words.at(text, place)) and hit.end - hit.start > 1 for words in lists)


def _without_lead(text: str, start: int, end: int) -> int:
    """A name may be three characters long before its title only if they look like one."""
    body = text[start:end]
    inner = _TITLED.search(text, start + 1, end)
    if inner and len(body) > 3 and inner.end() == end:
        return inner.start()
    return start


def _is_name(text: str, start: int, end: int) -> bool:
    word = text[start:end]
    if _other_word(word):
        return False
    if text[end - 1] == "太" and text[end : end + 1] in set("多少贵高大小久慢远吵挤重硬甜咸冷热短长紧松老旧差厚薄"):
        return False
    if _within_thing(text, start):
        return False
    if _REFERS.match(text, end) or _STAFF_BEFORE.search(text, max(0, start - 4), start):
        return False
    if re.match(r"[她他我你谁这那哪]|(?:小|大|老)(?:姐|哥|妹|爷|妈|姨|叔|伯|总)", word) and len(word) < 3:
        return False
    return not (word.startswith("小") and _STAFF_AFTER.search(text))


def _other_word(word: str) -> bool:
    """Whether the word is a relative, a substance or another known word and no name."""
    known = lexicon.words("not_names")
    return word in known or word[:2] in known or word in lexicon.grouped("relatives") or word in lexicon.allergens()


def _within_thing(text: str, start: int) -> bool:
    """Whether a substance or a word of taste begins here, or one from before reaches in here."""
    if _thing_at(text, start):
        return True
    before = range(max(0, start - 3), start)
    return any((hit := lexicon.allergens().at(text, back)) and hit.end > start for back in before)


def hint(text: str) -> tuple[int, int] | None:
    """Where the description stands by which an unnamed customer is told apart, at the head of a note."""
    found = [match.span(1) for pattern in (_DOER, _HINT) if (match := pattern.match(text))]
    return max(found, key=lambda span: span[1] - span[0], default=None)


def points_out(words: str) -> bool:
    """Whether a description picks out somebody else than the person in focus: 「昨天退货的」, not 「那位」."""
    return _POINTS.search(words) is not None and _VAGUE.fullmatch(words) is None


def asked_for(text: str) -> str | None:
    """The description in a request to find somebody: without the verbs before and the question behind."""
    words = _ASK_TAIL.sub("", _ASK_HEAD.sub("", text)).strip(" ,。?!")
    return words if 2 < len(words) <= 30 and _ASKED_FOR.search(words) and not re.search(r"[她他]", words) else None
