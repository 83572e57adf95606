"""A number that was asked for: none so small, and none so near to all, that somebody could be meant."""

from collections.abc import Collection

from bot.chat import Reply
from bot.domain.words import thousands


def counted(what: str, people: int, among: int | None, fewest: int, nearby: Collection[int] = ()) -> Reply:
    """How many; `among` how many the group holds where something more was asked of it.

    `nearby`: how many others meet some of what was asked and not the rest. Were they a few, this number and that of
    another question together would tell of them.
    """
    if people < fewest:
        return _said(f"{what}：少于{fewest}人，不显示人数。")
    if among is None:
        return _said(f"{what}：{thousands(people)}人。")
    if among - people < fewest:
        return _said(f"{what}：几乎全部（共{thousands(among)}人），不显示人数。")
    if any(few < fewest for few in nearby):
        return _said(f"{what}：和少问一个条件时只差几个人，不显示人数。请分开问。")
    return _said(f"{what}：{thousands(people)}人（这一群共{thousands(among)}人）。")


def _said(text: str) -> Reply:
    return Reply(text, focus=False, keeps_menu=True)
