"""Chinese surnames and forms of address: whom 王姐, 小李, 欧阳娜 or 朵朵妈 mean, as far as the words tell."""

from typing import Literal

from bot.domain.text import normal

Gender = Literal["female", "male"]

_SINGLE = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚"
    "沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤温康"
    "施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲"
    "盛冉翁蓝骆路游靳辛管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏"
    "席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐楼"
    "冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺盘满闻厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索尧"
)
_COMPOUND_TEXT = (
    "欧阳 上官 司马 诸葛 东方 独孤 南宫 万俟 闻人 夏侯 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太史 申屠 "
    "公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 亓官 司寇 巫马 公西 端木 颛孙 漆雕 乐正 宰父 谷梁 "
    "拓跋 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 梁丘 左丘 东门 西门 第五 纳兰 完颜 叶赫 "
)
_COMPOUND = frozenset(_COMPOUND_TEXT.split())
_FEMALE = (
    "姐姐 大姐 小姐 姐 女士 阿姨 姨 姑姑 姑 婶婶 婶 嫂子 大嫂 嫂 太太 太 夫人 妹妹 妹 "
    "奶奶 外婆 姥姥 妈妈 大妈 妈 婆婆 姑娘 美女"
)
_MALE = "哥哥 大哥 哥 先生 叔叔 大叔 叔 伯伯 大伯 伯 大爷 爷爷 爷 外公 爸爸 爸 弟弟 弟 公子 帅哥"
_NEITHER = "老师 老板 总 经理 医生 师傅 教授 律师 主任 同学 校长 院长 店长 博士 护士 工"
_TITLES: dict[str, Gender | None] = {
    **dict.fromkeys(_FEMALE.split(), "female"),
    **dict.fromkeys(_MALE.split(), "male"),
    **dict.fromkeys(_NEITHER.split()),
}
_OF_A_CHILD = frozenset(("妈妈", "妈", "爸爸", "爸", "奶奶", "爷爷", "外婆", "外公", "姥姥"))
_BEFORE = frozenset("小老大阿")


def surname(name: str) -> str:
    """The surname in a Chinese name or form of address (欧阳娜, 小王); empty for other scripts.

    A name of two characters that is itself a compound surname counts as one.
    """
    return plain_surname(normal(name))


def address_form(text: str) -> tuple[str, str, Gender | None] | None:
    """Surname, title and the gender it tells: 王姐, 小李, 陈洁女士; 朵朵妈 is a title alone."""
    return plain_form(normal(text))


def plain_surname(plain: str) -> str:
    """`surname` of a text that is normal already."""
    form = plain_form(plain)
    if form and form[0]:
        return form[0]
    return plain[:2] if plain[:2] in _COMPOUND else plain[:1] if is_han(plain[:1]) else ""


def plain_form(plain: str) -> tuple[str, str, Gender | None] | None:
    """`address_form` of a text that is normal already."""
    base, title = untitled(plain)
    bare = base[1:] if base[:1] in _BEFORE and is_surname(base[1:]) else base
    if title and is_surname(bare):
        return bare, title, _TITLES[title]
    if title in _OF_A_CHILD and 1 <= len(base) <= 3 and plain not in _TITLES:
        return "", plain, _TITLES[title]
    if len(title) > 1 and len(base) <= 4 and (first := _leading(base)):
        return first, title, _TITLES[title]
    if plain[:1] in _BEFORE and is_surname(plain[1:]):
        return plain[1:], plain[0], None
    return None


def untitled(text: str) -> tuple[str, str]:
    """The text without the title it ends with, and that title; the title is empty where it has none."""
    for size in (2, 1):
        if len(text) > size and text[-size:] in _TITLES:
            return text[:-size], text[-size:]
    return text, ""


def told_gender(title: str) -> Gender | None:
    """The gender that a title tells."""
    return _TITLES.get(title)


def is_surname(text: str) -> bool:
    """Whether the text is a known surname and nothing more."""
    return text in _SINGLE or text in _COMPOUND


def is_han(char: str) -> bool:
    """Whether a character is Chinese."""
    return "㐀" <= char <= "鿿" or char >= "𠀀"


def _leading(name: str) -> str:
    """The known surname a full name begins with."""
    if name[:2] in _COMPOUND:
        return name[:2]
    return name[:1] if name[:1] in _SINGLE else ""
