"""Which facts need the customer's own yes before they are kept."""

from bot.domain.language.patterns import Pattern
from bot.domain.language.values import Statement

_HEALTH = Pattern(
    r"怀孕|孕|哺乳|备孕|预产|月子|高血压|糖尿|血糖|血压|心脏|痛风|哮喘|鼻炎|癌|化疗|手术|术后|抑郁|甲亢|病"
    r"|吃药|服药|药|透析|骨折|流产|近视|医生|过敏|不耐受|敏感肌|湿疹|华法林|胰岛素"
)
_CHILD = Pattern(
    r"女儿|儿子|孩子|宝宝|娃|闺女|孙子|孙女|外孙|老大|老二|小朋友|双胞胎|龙凤胎|二胎|宝贝|幼儿园|小学|童|(?<!\d)(?:\d|1[0-3]|[一二三四五六七八九十两几]|十[一二三])(?:个月大|周?岁)"
)
_GROWN = Pattern(
    r"(?:1[4-9]|[2-9]\d|十[四五六七八九]|[二三四五六七八九]十[一二三四五六七八九]?)(?:周)?岁|大学|高中|高考"
    r"|结婚|工作|上班"
)
_CHILDREN = frozenset({"child", "grandchild"})


def consents(statement: Statement) -> frozenset[str]:
    """The consents that a fact needs: none, `health`, `child` or both. Animals need none."""
    if statement.of == "pet" or statement.negated:
        return frozenset()
    needed = set()
    if statement.kind == "allergy" or (
        statement.kind in ("family", "avoid", "preference", "note") and _HEALTH.search(statement.value)
    ):
        needed.add("health")
    about_child = statement.of in _CHILDREN or (statement.kind in ("family", "note") and _CHILD.search(statement.value))
    if about_child and not _GROWN.search(statement.value):
        needed.add("child")
    return frozenset(needed)
