"""Slips, homophones, pinyin and dialect made into the plain words that the rules know."""

import re
from functools import cache

from bot.domain.language import lexicon, words
from bot.domain.language.patterns import Pattern

_BEFORE_TRIGGER = Pattern(r"(?<=[一-龥])(?<!没事)(?<!可以)(?<!问题) (?=(?:也|都|严重)?过敏(?!的|源|原|是|:))")
_SPACED_NAME = Pattern(r"(?<![一-龥])([一-龥]) (姐|哥|姨|叔|总|太太?|女士|先生|小姐|老师|阿姨)(?![一-龥])")
_AFTER_TOWARDS = Pattern(r"(?<=对)(?<!不对) (?=[一-龥])")
_SENSITIVE = Pattern(r"(?<=[一-龥])敏感(?!肌|皮|性|度|信息|词|期|肌肤|型|牙)")
_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))
_LATIN_RUN = Pattern(r"[a-zA-Z]+(?: [a-zA-Z]+)*")
_TRIGGERS = frozenset({"guomin", "buchi", "buyao", "buneng", "xihuan", "shengri", "tousu", "buhe", "baifen"})
_SMALL = {
    "guomin": "过敏",
    "dui": "对",
    "ta": "她",
    "bu": "不",
    "chi": "吃",
    "he": "喝",
    "yao": "要",
    "xihuan": "喜欢",
    "shengri": "生日",
    "jie": "姐",
    "ge": "哥",
    "wang": "王",
    "li": "李",
    "zhang": "张",
    "liu": "刘",
    "chen": "陈",
    "zhao": "赵",
    "zhou": "周",
    "wu": "吴",
    "sun": "孙",
    "lin": "林",
    "zhu": "朱",
    "huang": "黄",
    "xu": "徐",
    "ma": "马",
    "yi": "姨",
    "ayi": "阿姨",
    "laoshi": "老师",
    "nvshi": "女士",
    "nushi": "女士",
    "xiansheng": "先生",
    "laogong": "老公",
    "erzi": "儿子",
    "nver": "女儿",
    "nuer": "女儿",
    "haizi": "孩子",
    "baobao": "宝宝",
    "mama": "妈妈",
    "baba": "爸爸",
    "laopo": "老婆",
    "popo": "婆婆",
    "ye": "也",
    "dou": "都",
    "la": "辣",
    "xia": "虾",
    "yu": "鱼",
    "tao": "桃",
    "nai": "奶",
    "dan": "蛋",
    "jiu": "酒",
    "bing": "冰",
    "tang": "糖",
    "shao": "少",
    "qu": "去",
    "ban": "半",
    "jia": "加",
    "fang": "放",
    "neng": "能",
    "yan": "盐",
    "mei": "没",
    "shi": "是",
    "shuo": "说",
    "ye3": "也",
    "de": "的",
    "le": "了",
    "hen": "很",
    "yanzhong": "严重",
    "jide": "记得",
    "ji": "记",
    "neiku": "内裤",
    "maoyi": "毛衣",
    "cu": "醋",
    "xie": "蟹",
    "fen": "分",
    "san": "三",
    "re": "热",
    "tousu": "投诉",
    "weixin": "微信",
    "dianhua": "电话",
    "bie": "别",
    "da": "打",
    "ren": "人",
    "kuzi": "裤子",
    "tuihuo": "退货",
}


def repair(text: str) -> str:
    """The text with known slips and dialect words made plain; its length may change."""
    text = _pinyin_words(text)
    for wrong, right in _within(lexicon.pairs("typos"), text):
        text = text.replace(wrong, right)
    for said, plain in _within(lexicon.pairs("dialect"), text):
        text = text.replace(said, plain)
    if "敏感" in text and "价格敏感" not in text:
        text = _SENSITIVE.sub(_as_allergy, text)
    text = _SPACED_NAME.sub(r"\1\2", text)
    return _AFTER_TOWARDS.sub("", _BEFORE_TRIGGER.sub("", text))


def _within(pairs: tuple[tuple[str, str], ...], text: str) -> list[tuple[str, str]]:
    return [pair for pair in pairs if pair[0] in text]


def _as_allergy(match: re.Match[str]) -> str:
    """「对虾敏感」 is said of allergies in the south; 「对价格敏感」 is not."""
    before = match.string[max(0, match.start() - 8) : match.start()]
    ends = [hit for hit in lexicon.allergens().find(before) if hit.end >= len(before) - 3]
    return "过敏" if ends else "敏感"


@cache
def _key(word: str) -> str:
    """How a word sounds, without tones and with the usual southern mergers."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    sounds = " ".join(lazy_pinyin(word))
    for full, merged in _SOUNDS:
        sounds = sounds.replace(full, merged)
    return sounds


@cache
def _sounds() -> dict[str, str]:
    """Substances of two or more characters by their sound."""
    return {_key(word): word for word in reversed(list(lexicon.allergens().words())) if _chinese(word)}


def _chinese(word: str) -> bool:
    return len(word) > 1 and all("一" <= char <= "龥" for char in word)


def homophone(word: str) -> str | None:
    """The substance that an unknown word of two to four characters sounds like."""
    if not _chinese(word) or len(word) > 4 or word in lexicon.allergens() or words.known(word):
        return None
    return _sounds().get(_key(word))


@cache
def _typed() -> dict[str, str]:
    """Words by their pinyin as typed without tones and spaces."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    found = {"".join(lazy_pinyin(word)): word for word in reversed(list(lexicon.allergens().words())) if _chinese(word)}
    return found | {"xiangcai": "香菜", "niunai": "牛奶"} | _SMALL


def _pinyin_words(text: str) -> str:
    """A sentence typed in pinyin, if it holds a word that only a note would have."""
    lower = text.lower()
    if not any(trigger in lower.replace(" ", "") for trigger in _TRIGGERS):
        return text
    return _LATIN_RUN.sub(lambda run: _translate(run.group()), text)


def _translate(run: str) -> str:
    letters = run.lower().replace(" ", "")
    typed, out, start = _typed(), [], 0
    while start < len(letters) and len(letters) <= 60:
        for size in range(min(16, len(letters) - start), 1, -1):
            if word := typed.get(letters[start : start + size]):
                out.append(word)
                start += size
                break
        else:
            return run
    return "".join(out) or run
