"""忙 and 忙完了 in chat."""

from bot.chat import Reply


def busy(until: str) -> Reply:
    """Until when she is left alone, and what still comes."""
    return Reply(
        f"好，到{until.strip()}不吵你（急事除外：过敏、客诉快到点、贵客到店），攒着一起发。忙完回「忙完了」。",
        keeps_menu=True,
    )


def over() -> Reply:
    """What was held back comes now."""
    return Reply("好，攒着的马上发给你。", keeps_menu=True)


def never_busy() -> Reply:
    """She was not busy."""
    return Reply("你现在没有设忙，消息都会照常发。", keeps_menu=True)
