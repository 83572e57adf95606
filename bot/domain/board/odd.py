"""Names that were typed to fill a field: a test, a number, one sign over and over, a word for nobody."""

import re

from bot.domain.text import normal

_ODD = re.compile(
    r"[\W\d_]+|.*测试.*|(?:test|demo|admin|null|none|nan|n/a|abc+|asdf\w*|qwe\w*)[\W\d_]*|(.)\1{2,}|"
    r"(?:未知|无名氏?|没有|无|匿名|某某|散客|顾客|客户|客人|会员|新会员|路人)[\W\d_]*",
    re.IGNORECASE,
)


def is_odd(name: str) -> bool:
    """Whether nobody is called so; a nickname, a surname alone or a form of address is a name."""
    return bool(_ODD.fullmatch(normal(name).strip()))
