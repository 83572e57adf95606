"""Words for occasions that no play speaks of; gaps as in bot/domain/selling/plays/words.py, and {what} and {day}."""

from bot.domain.lists.kinds import Kind

PHRASES: dict[Kind, tuple[str, ...]] = {
    "expiring": ("【称呼】，您的{what}{day}就到期了，别忘了用，路过进来坐坐。",),
    "replenish": ("【称呼】，您的{what}差不多该用完了吧？要的话我给您留一份。",),
}
GREETINGS: dict[Kind, tuple[str, str]] = {
    "birthday": ("【称呼】，祝{what}生日快乐，天天开心！", "【称呼】，{day}是{what}的生日吧？先祝{what}生日快乐！"),
    "anniversary": ("【称呼】，纪念日快乐！谢谢您一直照顾我们。", "【称呼】，{day}是您的纪念日吧？先祝您快乐！"),
}
"""On the day, and before it."""
CHILD = ("祝小朋友生日快乐，健康快乐地长大！", "{day}是小朋友的生日吧？先祝小朋友生日快乐！")
"""To a child itself, on the day and before it: whoever reads it is more likely a parent."""
APOLOGY = "【称呼】，上次的事是我们没做好，一直记着，想听听您的意见。"
