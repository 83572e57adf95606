"""What to say today: from her warning, what is open with her, what she usually takes and her rhythm."""

from collections.abc import Collection, Sequence

from bot.domain.language import conflicts

_SORRY = {
    "等待": "上次让您久等了",
    "做错": "上次是我们做错了",
    "商品质量": "上次的东西没让您满意",
    "服务态度": "上次怠慢您了",
    "价格": "价格的事没跟您说清楚",
    "环境": "上次环境没照顾好您",
    "售后": "上次的事拖太久了",
    "物流": "上次没给您送好",
}
_OPENINGS = {"regular": "老样子？", "slowing": "好一阵没见您了，", "asleep": "好久不见！"}
_STAGES = {
    "new": "她还在认识我们：问问上次合不合口味，记一句",
    "regular": "常客，直接报她的老样子",
    "slowing": "好一阵没来了，问句近况再报她的老样子",
    "asleep": "很久没来了，先问好，再问是不是有哪里不满意",
    "never": "问问她想要什么，记一句",
}


def today(  # noqa: PLR0913 — the six things a good greeting looks at
    *,
    stage: str,
    complaint: Sequence[str] | None,
    promise: bool,
    usual: Sequence[str],
    news: str,
    barred: Collection[str],
) -> str:
    """One sentence for the guide; a complaint comes before anything to sell, a promise is kept first.

    Nothing that one of the `barred` words touches is ever named.
    """
    if complaint is not None:
        sorry = next((_SORRY[one] for one in complaint if one in _SORRY), "上次让您不满意了")
        return f"先道歉：“{sorry}，真对不起”；这次别推活动"
    said = _offer(stage, usual, news, barred)
    return f"答应的事先办好；{said}" if promise else said


def neutral(stage: str) -> str:
    """What to say to anybody at this stage, whatever is known of her."""
    return _STAGES[stage]


def _offer(stage: str, usual: Sequence[str], news: str, barred: Collection[str]) -> str:
    fine = [item for item in usual if not any(conflicts(word, (item,)) for word in barred)]
    if news and not any(conflicts(word, (news,)) for word in barred):
        return f"她常买的出新款了：{news}"
    if fine and stage in _OPENINGS:
        return f"“{_OPENINGS[stage]}还是{fine[0]}吗”"
    return _STAGES[stage]
