"""What she asked for, what was promised or kept, where she came from, and why she left."""

import re

from bot.domain.language import lexicon
from bot.domain.language.patterns import Pattern
from bot.domain.language.sentence import MASK, Sentence
from bot.domain.language.values import Statement

_WHEN = (
    r"(?:下下?个?)?(?:周|礼拜|星期)[一二三四五六日天末](?:上午|中午|下午|晚上"
    r"|早上)?(?:[一二两三四五六七八九十\d]{1,2}点半?)?|(?:明|后|今|大后)(?:[天儿日](?:上午|中午|下午|晚上?"
    r"|早上?)?|[早晚])(?:[一二两三四五六七八九十\d]{1,2}点半?)?|(?:上午|中午|下午|晚上"
    r"|早上)?[一二两三四五六七八九十\d]{1,2}点(?:半|钟)?"
    r"|[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}[号日]|(?<!\d)[\d]{1,2}号(?!色|技|店|线"
    r"|楼)|情人节|七夕|中秋节?|端午|圣诞节?|春节|过年|月底|月初|下个?月|国庆|元旦|五一|年前|年后|过年前|周末"
)

_HOLD = Pattern(
    rf"(?:帮|给|替)?(?:[她他◇])*(?:先|预|单独|帮忙|多|再)?(?:留|预留|(?<![带纽皮衣搭折锁卡环])扣|押)(?:着|了|下|一下|住"
    rf"|一?[个件双条份盒瓶套杯支只袋箱块张台]"
    rf"|[ :])*([^,。!? ◇]{{2,16}}?)(?:(?:留)?(?:到|至|等到?)({_WHEN})|(?:等)?[她他](?:{_WHEN})?(?:来)?(?:取|拿"
    rf"|提)|$)(?:来?取|来?拿|来?提|过来|晚上|之前|为止|前|再来?)?"
)
_SPACED_HOLD = Pattern(rf"(?:^|[ ,◇])(?:预)?留 ([^,。!? ◇]{{2,16}}) (?:到|至|等到?)({_WHEN})")
_KEPT = Pattern(rf"把(?:[她他◇]+的?)?(?:那|这)?[一-龥]?([^,。!? ◇]{{1,12}}?)(?:给[她他◇]+)?留(?:着|到|至)({_WHEN})?")
_HOLD_NOT = Pattern(
    r"留(?:言|意|下(?:电话|微信|号|联系|个?印象|来的?)|号|微信|电话|学|给我|下吧|步|心|评|长|刘海|到肩|短|香"
    r"|味|话)|停留|保留|留在|没留|说好留|留到"
)
_PROMISE = Pattern(
    r"答应(?:过|了|好)?(?:[她他◇]+|人家|客人)?(?:的)?(?:是|说|要|了|:|，)*(.{2,24})|(?:跟|和)[她他◇]+(?:说好"
    r"|约好|讲好)了?(.{2,24})|承诺(?:过|了)?(?:[她他◇]+)?(.{2,24})|说好(?:给|帮)[她他◇]*(.{2,24})"
)
_REMIND = Pattern(
    r"(?:提醒我?|(?:^|(?<=[,。;!? ◇]))记得|别忘了?|到时候?|帮我记着|叫我|喊我|催我|设个?提醒|定个?闹钟|务必"
    r"|一定要|要记得)(.{2,28})"
)
_NOTICE = Pattern(
    r"((?:到货|补货|到了?|有货|来货|新到|上新|上架|来了|有了|一到)[^,。!?]{0,12}?(?:通知|告诉|喊|叫|联系"
    r"|发给?|说一声|call|打给|微信|微她)[她他◇]*[^,。!? ]{0,4}|(?:通知|告诉"
    r"|联系)[她他◇]+[^,。!? ]{0,6}(?:到货|来货))"
)
_APPOINT = Pattern(
    rf"(?:约了?|预约了?|定了?|订了?|改(?:约)?到|改成)(?:好了?|在|到|的|她|他)*({_WHEN})([^,。!? ]{{0,12}})"
    rf"|({_WHEN})(?:[她他◇要会再]|过来|就|之?前|以前)*((?:来(?!了|不|的)|过来|上门|到店|回来)(?:取|拿|提|试|做|改|修|量|剪"
    rf"|染|烫|看|换|复查|护理|付|结|挑)?[^,。!? ]{{0,10}}|取[^,。!? ]{{1,8}}|(?:给"
    rf"|帮|约)[她他◇]+[^,。!? ]{{2,12}}|回访[^,。!? ]{{0,6}}|送(?:货|到|过去)[^,。!? ]{{0,8}})"
)
_BACK = Pattern(
    rf"(?:说|讲|约)?(?:好)?({_WHEN})(?:(?!没)[^,。!? ]){{0,3}}(?:再)?(?:来(?!不|了|的|[一-龥]了)|过来|到店)"
)
_ASKED_FOR = Pattern(
    r"(?:问|找|要|想要|想买|想找|求|打听|念叨|点名要|专门来买|来买|来问|惦记|盼)(?:了|过)?(?:好几"
    r"|[一二两三四五几\d])?(?:次|回|遍|趟)?(?:了)?(?:咱们?|我们|店里|家)?(?:有没有|有无|有|能不能进|能不能订"
    r"|进不进|啥时候有|什么时候有|什么时候来)?(?:那种|那个|个|一种|一|些|点|款|卖"
    r"|过)*([^,。!?她他]{2,16})"
)
_LACK_WORD = Pattern(
    r"缺货|断货|没货|没有货|卖完|卖光|咱没有|我们没有|店里没有|没有卖|咱没|我们没|没进|不卖|没这|只有|暂缺"
    r"|没有这|没码|断码|缺码|没[她他]的码|缺(?!陷|点|德|心|斤)"
)
_WONDERS = Pattern(r"有没有|啥时候有|什么时候有|能不能进|进不进|登记(?:下|一下)?(?:需求|缺货)")
_WAIT = Pattern(
    r"(?:下次|等|以后)?(?:到货|到|进|补|来|有)了?((?!了|八|九|十|一|二|两|三|第|时|点|后|人|空|事|新|根"
    r"|\\d)[^,。!?她他]{1,12}?)(?:的?话|了|的时候|货|就|再|,)*(?:通知|告诉|喊|叫[她他◇]|联系[她他◇]"
    r"|发[她图消微给]|说一声|第一时间)"
)
_FRONT_LACK = Pattern(
    r"^(?:[◇她他]|要的|想要|找的|说|问|的)*([^,。!?◇她他]{2,14}?)(?:又|都|已经|老|一直|现在|还"
    r"|目前)*(?:缺货|断货|没货|卖完|卖光|断码|缺码|没有货|没补货|没到货)"
)
_CHEAP = Pattern(
    r"折|便宜|更低|才(?=[\d几一二三四五六七八九])|划算|打折|降价|同款|价格|有活动|送|好喝|好吃|新鲜|近|买了|去了"
    r"|办了|对比|比"
)
_NEXT_DOOR = Pattern(
    r"((?:隔壁|对面|楼下|楼上|网上|街对面|旁边|马路对面|附近|新开)(?:的)?(?:新开的?)?(?:那)?(?:家"
    r"|个)?(?:新开的?)?(?:[一-龥]{0,5}?(?:店|家|超市|专柜|网店|药店|奶茶|眼镜店|金店|药房|宠物店|鞋店"
    r"|家具城))?)(?=[^,。!?]{0,8}(?:便宜|更低|才|卖|同款|有|只要|打|送|好|新|不用|价))"
)
_REFER = Pattern(
    r"(?:是|被|经|由|听)?(?:[她他]|客户|朋友|同事|老客|老客户|邻居|闺蜜|会员)?(?:的)?((?:[一-龥]{1,3}(?:姐|哥"
    r"|姨|叔|总|太太|太|小姐|女士|先生|老师|阿姨|大爷|大妈|大姐|嫂|婶|妈妈?|爸爸?|医生|老板|经理))"
    r"|(?:[老小阿][一-龥])|(?:尾号)?\d{4})(?:那边)?(?:推荐|介绍|带|拉|领|安利|转介绍)(?:来|她|他|过来|了|的"
    r"|一起|$)"
)
_REFER_BY = Pattern(r"(?:介绍人|推荐人|引荐人)(?:是|写|填|:|为)? ?((?:[一-龥]{2,4})|\d{4,11})")
_FRIEND = Pattern(
    r"(?:朋友|同事|闺蜜|邻居|熟人|家人|亲戚|同学|老客户?|老顾客|会员|妈妈?|婆婆|老公|姐姐|妹妹|姐妹|室友|表姐"
    r"|同楼)(?:推荐|介绍|带|拉|安利|种草)(?:来|她|他|过来|的|了)?"
)
_SOURCE = Pattern(
    r"(?:来的|来$|进来|找来|过来|看到|刷到|搜到|知道|加的|关注|下单|团的|买的券|种草|了解|引流|扫码|办的|成交"
    r"|认识|摸过来|逛)"
)
_SOURCE_SAYS = Pattern(r"来源|渠道|怎么来|从.{1,8}(?:来|知道|看到)|通过")
_LEFT = Pattern(
    r"没买|没成|走了|扭头|转身|不买了|没下单|放下|没要|不要了|不办了|没办|没拿|没定|跑单|流失|不来了|来不了"
    r"|退卡|去了别|没谈成|不考虑|放弃|算了|去那[边家]|去别|去对面|去隔壁|没成交|再看看|先不|不续|没续|不做了"
    r"|改去|被抢|[她他◇]就?过去了"
)
_MOVED = Pattern(
    r"搬(?:走|去|到|家)(?!货)|搬了家|回老家|调去|调到.{1,4}(?:上班|工作)|换工作|出国|移民|离开(?:本市|北京"
    r"|上海|深圳|广州|这边)|不住这|去外地|住太远|搬离"
)
_REASONS: tuple[tuple[Pattern, str], ...] = (
    (_MOVED, "搬走"),
    (
        Pattern(
            r"贵|便宜|价格|预算|砍价|还价|来砍|超预算|打折|[一二三四五六七八九\d]折|折扣|降价|优惠(?:太少|不够|少)|钱不够|太高了|涨价"
        ),
        "价格",
    ),
    (Pattern(r"态度|服务|等太久|体验|没人理|排队|等不及|等了|太慢|翻白眼"), "体验"),
    (Pattern(r"别家买|在别|网上买|去(?:了)?(?:那边|那家|别|对面|隔壁)|换.{1,4}家|被.{1,4}抢|竞品"), "竞品"),
    (
        Pattern(
            r"不合适|不合脚|不合身|穿不上|显胖|显黑|不好看|不喜欢|没看上|没相中|款式|颜色不|太紧|太大|太小|没货|缺货"
            r"|断码|没码|缺码|断货|太远|不方便|不同意|商量|不需要|用不着|没时间|太忙|戒了|大了"
        ),
        "其他",
    ),
)


def _wanted(text: str, *, asked: bool) -> str | None:
    """The words of a clause that name what was missing."""
    if match := _WAIT.search(text):
        return match[1]
    match = _FRONT_LACK.search(text)
    if match and not re.search(r"今天|昨天|库存|我们|咱", match[1]):
        return match[1]
    match = _ASKED_FOR.search(text) if asked else None
    return match[1] if match else None


def demands(sentence: Sentence) -> list[Statement]:
    """What she asked for and the shop had not."""
    wanting = _LACK_WORD.search(sentence.text) or _WONDERS.search(sentence.text)
    found = [_demand(words) for clause in sentence.clauses if (words := _wanted(clause.text, asked=bool(wanting)))]
    kept = [one for one in found if 1 < len(one.value) <= 16]
    return kept[:1]


def _demand(words: str) -> Statement:
    value = re.sub(
        r"^(?:[的那个款了有那种 ◇卖货]|我们|咱们?|一款|一双|一个|一件)+|(?:[吗么呢啊的了 ?没]|咱.*|我们.*|店里.*"
        r"|来着|没有|有没有|有货|到货|可惜.*|但.*|卖)+$",
        "",
        words,
    )
    return Statement("demand", value)


def holds(sentence: Sentence) -> list[Statement]:
    """Goods put aside, with the day until which."""
    found = []
    for clause in sentence.clauses:
        if kept := _KEPT.search(clause.text):
            return [Statement("hold", kept[1].strip("的"), until=kept[2])]
        match = _HOLD.search(clause.text)
        if match and not _HOLD_NOT.search(clause.text[max(0, match.start() - 2) :][:14]) and MASK not in match[1]:
            value = re.sub(r"^(?:[的个那了一件条双]|给|她|他)+|(?:[的了吧啊哈])+$", "", match[1])
            agreed = re.search(rf"(?:答应|说好|承诺).{{0,6}}?({_WHEN})", clause.text[: match.start()])
            if len(value) > 1:
                found.append(Statement("hold", value, until=match[2] or (agreed[1] if agreed else None)))
    spaced = _SPACED_HOLD.search(sentence.masked)
    return found[:1] or ([Statement("hold", spaced[1], until=spaced[2])] if spaced else [])


def promises(sentence: Sentence) -> list[Statement]:
    """What was promised, asked to be reminded of, or agreed for a day."""
    text = sentence.text
    for pattern in (_PROMISE, _REMIND):
        if match := pattern.search(sentence.masked):
            index = next(i for i, group in enumerate(match.groups(), 1) if group)
            value = re.split(r"[,。!?]", text[match.start(index) : match.end(index)])[0]
            return [_promise(value)]
    if match := _NOTICE.search(text):
        return [_promise(_clause_with(sentence, match.start()))]
    if match := _APPOINT.search(sentence.masked):
        index = 2 if match[1] else 4
        value = text[match.start(index) : match.end(index)].strip(" ,") or text[match.start() : match.end()]
        due = match[1] or match[3]
        if match[3] and re.search(r"来[^,]?[一-龥]了", value):
            return []
        return [Statement("promise", value.strip("◇ "), due=due)] if len(value) > 1 else []
    return []


def _clause_with(sentence: Sentence, place: int) -> str:
    clause = sentence.clause_at(place)
    if clause is None:
        return ""
    start = re.match(r"(?:[◇她他]|下次|以后|说|要|等|没买|让我们?)*", clause.text)
    return sentence.text[clause.start + (start.end() if start else 0) : clause.end]


def _promise(value: str) -> Statement:
    due = re.search(rf"(?:{_WHEN})(?:之前|以前|前)?", value)
    trimmed = re.sub(rf"^(?:[ :,的了我]|要|(?:{_WHEN})(?:之前|以前|前)?)+|[ 。,!~吧哈啊哦]+$", "", value)
    return Statement("promise", trimmed or value, due=due.group() if due else None)


def comebacks(sentence: Sentence) -> list[Statement]:
    """「说周日来」: a visit that she herself announced."""
    match = _BACK.search(sentence.masked)
    return (
        [Statement("promise", sentence.text[match.start() : match.end()].removeprefix("说"), due=match[1])]
        if match
        else []
    )


def competitors(sentence: Sentence) -> list[Statement]:
    """Other shops that she compares us with."""
    found = []
    for hit in lexicon.words("brands").find(sentence.text):
        near = sentence.text[max(0, hit.start - 6) : hit.start] + sentence.text[hit.end : hit.end + 10]
        if re.search(
            r"隔壁|对面|楼下|便宜|才|更低|划算|降|价|砍|活动|比|换去|去了|买的|抢|也有|同款|新开|卖|块|元|只要|不用|优惠"
            r"|去.{0,4}买|那边|打折",
            near,
        ) and not re.search(r"来的|刷到|看到|团购|券|下单|搜", sentence.text[hit.end : hit.end + 6]):
            found.append(Statement("competitor", hit.word))
    if not found and (match := _NEXT_DOOR.search(sentence.text)) and _CHEAP.search(sentence.text, match.end()):
        found.append(Statement("competitor", match[1].strip("的那个")))
    return found[:2]


def origins(sentence: Sentence) -> list[Statement]:
    """Who sent her and through what."""
    text = sentence.text
    found: list[Statement] = []
    match = _REFER.search(text) or _REFER_BY.search(text)
    if match:
        found.append(Statement("referrer", match[1].removeprefix("尾号")))
        return [*found, Statement("source", "朋友介绍")]
    if _FRIEND.search(text):
        return [Statement("source", "朋友介绍")]
    hits = lexicon.grouped("sources").find(text)
    if (
        hits
        and (_SOURCE.search(text, hits[0].end) or _SOURCE_SAYS.search(text))
        and not re.search(r"发(?:到|了|抖音|小红书|朋友圈)|曝光|别", text)
    ):
        found.append(Statement("source", hits[0].group))
    return found


def losses(sentence: Sentence) -> list[Statement]:
    """Why she left without buying, or will not come again."""
    text = sentence.text
    moved = _MOVED.search(text)
    if not moved and not _LEFT.search(text):
        return []
    reason = next((name for pattern, name in _REASONS if pattern.search(text)), None)
    return [Statement("loss_reason", reason)] if reason else []
