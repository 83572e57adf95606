"""Words for a customer, to be copied: filled for her, or with their gaps."""

from collections.abc import Sequence

from bot.cards.profile import View, who
from bot.chat import Choice, Reply
from bot.domain.selling.plays import TONES


def words(view: View, said: str, scene: str, why: str, again: str) -> Reply:
    """One wording for one customer; `again` is what gives another."""
    tone = "" if why or not view.play else f"（{TONES[view.play.tone]}）"
    head = f"给 {who(view.sight)}{f'· {scene}' if scene else ''}{tone}，长按复制："
    choices = (Choice("换一句", again),) if again else ()
    return Reply(
        "\n".join(filter(None, (why, head, said))),
        choices,
        about=(view.sight.customer.id,),
        keeps_menu=not choices,
    )


def lines(named: str, found: Sequence[str]) -> Reply:
    """Words of a scene or a play; her things belong where the brackets are."""
    text = "\n".join([f"{named}的话术（先查客人，我替你填好【】里的）：", *(f"· {line}" for line in found)])
    return Reply(text, keeps_menu=True, focus=False)


def scenes(named: Sequence[str]) -> Reply:
    """Which scenes there are."""
    return Reply(
        f"哪种场合的话？{'、'.join(named)}。例：话术 嫌贵；先查客人就填好她喜欢的。", keeps_menu=True, focus=False
    )
