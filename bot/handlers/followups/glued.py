"""Words run together as they are typed in a hurry: 缺无糖版, 到货无糖版, 留两条裤子, 提醒她周五回电. Pure."""

import re

from bot.handlers.followups.sayings import WHEN

_LONGEST = 40
_MORE = re.compile("过敏|忌口|不[能可]?吃|不[能可]?喝|怀孕|孕妇|糖尿|生日|投诉|客诉|不要")
"""Says more than the one thing that is to be written down: the whole sentence is read then."""
_READS = ("名单", "人群", "问")
_LATER = r"(?!了?[吗没么呢吧]|通知|提醒|以?后|之后|的话|时|再|前|日期|时间)"
_UNTIL = rf"(?:(?:到|至)\s*{WHEN}|{WHEN}$)"
_COUNTED = r"[一两二三四五六七八九十几\d]{1,3}[件条份杯盒瓶套支只袋箱块张台双个包对枚罐盏串斤]"
_PATTERNS = (
    ("到货", re.compile(rf"(?:到货|来货|补货)[了啦]?[ ,，:：]*{_LATER}(\S.+)")),
    ("到货", re.compile(r"(?![她他我咱你谁啥什都还没快等今明后昨下这那])(\S{2,20}?)(?:到货|来货)[了啦]")),
    ("缺", re.compile(r"缺货?(?![点乏席口少觉钙勤心人德一不了过陷铁水氧货斤])(\S{2}.*)")),
    ("评", re.compile(r"(?:评分?|打分?)((?:10|\d|[零一二两三四五六七八九十])分.*)")),
    (
        "留",
        re.compile(
            rf"(?:预留|留货|留)(?:着|一下)?(?=.*{_UNTIL}|{_COUNTED})"
            r"(?!意|言|心|神|学|存|住|下|给|个?(?:电话|号|手机|联系|微信)|了|过|长|短|洋)(\S{2}.*)"
        ),
    ),
    ("提醒", re.compile(rf"(?:记得|到时候?|帮我)?提醒(?:我|一?下)*[她他]?[ ,，]*(?=.*{WHEN})(\S{{2}}.*)")),
    ("提醒", re.compile(rf"({WHEN}[ ,，]*)(?:记得|要|再|帮我)?提醒(?:我|一?下)*[她他]?[ ,，]*(\S.+)")),
    ("名单", re.compile("名单(召回|生日|快用完|要走|升级|潜力客?|到期|大客|新客|门店)(?:的|名单)?")),
    ("名单", re.compile("(?:今天的?|看)名单()")),
    ("人群", re.compile(r"人群(\S{2,6})")),
    ("问", re.compile("问(沉睡|睡着|大客|贵客|常客|熟客|新客|老客|变慢|要走|没买过)(?:里面?|当中)?的?(.*)")),
    ("问", re.compile("问((?:高频|高消费|高价值|中消费|低消费|稳定|尝鲜|潜力|忠诚|普通).*)")),
)


def heard(text: str) -> tuple[str, str] | None:
    """The command a whole message runs on from, and the text that it takes; None where it is a sentence."""
    if len(text) > _LONGEST:
        return None
    more = _MORE.search(text) is not None
    for name, pattern in _PATTERNS:
        if (name in _READS or not more) and (found := pattern.fullmatch(text)):
            return name, " ".join(part.strip() for part in found.groups()).strip()
    return None
