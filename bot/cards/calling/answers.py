"""What is said to an answer under a list: what became of each row, what is asked, and one row looked at closely."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.cards.calling import rows
from bot.cards.facts import NOTICE
from bot.chat import Choice, Reply
from bot.domain import words
from bot.domain.board.wording import weekday
from bot.domain.customers import Matter, Sight
from bot.domain.lists.cooldown import MOST_RETRIES, Rest, has_hour
from bot.domain.lists.values import LOSS_REASONS, Answer, Outcome, Unclear

CALLED: dict[Outcome, str] = {"appointment": "约好的", "coming": "她说会来"}


def who(sight: Sight) -> str:
    """How she is named."""
    return rows.who(sight.customer.name, sight.customer.alias, sight.customer.last4)


def reminder(outcome: Outcome, when: datetime, tz: tzinfo) -> str:
    """For whom and for when a reminder is; it is read on another day, so the day is written out."""
    at = when.astimezone(tz)
    hour = f" {at.hour}:{at.minute:02}" if has_hour(when, tz) else ""
    return f"{CALLED[outcome]}（{at:%m-%d}{weekday(at.date())}{hour}）"


def done(said: Answer, rest: Rest, reminded: Matter | None, now: datetime, tz: tzinfo) -> str:
    """What follows, in a sentence."""
    at = words.clock(rest.remind_at, now, tz) if rest.remind_at else ""
    until = _until(rest, now, tz)
    if said.outcome in CALLED:
        when = f"，{at}提醒你（#{reminded.number}）" if reminded else "，说个日子我提醒你"
        return f"{'约好了' if said.outcome == 'appointment' else '说会来'}{when}"
    told: dict[Outcome, str] = {
        "no_answer": f"没接，{at}再试（最多再试{MOST_RETRIES}次）" if rest.retry else f"几次都没接，{until}",
        "later": f"{at}再打",
        "stop": "⛔ 全店停止联系，不再进任何名单",
        "moved": f"{'原因=搬走，' * bool(said.reason)}移出名单",
        "wrong_number": "号码不对，找到新号前不再列",
        "refused": f"不要{f'，原因={said.reason}' if said.reason else ''}，{until}",
    }
    wants = f"（原因={said.reason}，想要优惠）" if said.reason else ""
    return told.get(said.outcome, f"已联系{wants}，{until}")


def _until(rest: Rest, now: datetime, tz: tzinfo) -> str:
    if rest.listed_from is None:
        return "不再进名单"
    days = (rest.listed_from - now.astimezone(tz).date()).days
    return f"{days}天内不再进名单"


@dataclass(frozen=True, slots=True)
class Answered:
    """All that is said to an answer."""

    lines: Sequence[str]
    unclear: Sequence[Unclear]
    missing: Sequence[int]
    left: int
    wrote: bool


def answered(said: Answered, extra: tuple[Choice, ...] = (), asks: str = "", about: tuple[int, ...] = ()) -> Reply:
    """What became of the rows, what was not understood, what is asked."""
    lines = list(said.lines)
    for one in said.unclear:
        numbers = "、".join(map(str, one.rows))
        why = ("两样对不上" if one.outcomes else "没看懂") if one.words else "没说结果"
        heard = f"{why}「{words.clip(one.words, 60)}」" if one.words else why
        lines.append(f"{numbers}：{heard}，没记。请再说一次，例：{one.rows[0]}没接")
    if said.missing:
        lines.append(f"没有第{'、'.join(map(str, said.missing))}位。")
    if said.wrote:
        rest = f"还剩{said.left}位没回。" if said.left else "这张名单都回了。"
        lines.append(f"{rest}错了回 撤")
    if asks:
        lines.append(asks)
    return Reply("\n".join(lines), extra, about=about, focus=False, keeps_menu=not extra)


def why_lost(called: str, command: str) -> tuple[str, tuple[Choice, ...]]:
    """Asked once when somebody does not come any more."""
    return f"{called}为什么不来了？", tuple(Choice(reason, f"{command} {reason}") for reason in LOSS_REASONS)


@dataclass(frozen=True, slots=True)
class Detail:
    """One row: its line, the evidence, what may be pressed."""

    line: rows.Line
    tag: str
    evidence: Sequence[str]
    command: str
    token: str
    closed: bool = False


def detail(found: Detail, about: int) -> Reply:
    """One row looked at: the warning first, why, words, what may be offered, and the commonest answers by digit."""
    line = found.line
    if found.closed:
        lines = [f"{line.who}{found.tag}", NOTICE if line.warning else ""]
    else:
        lines = [
            line.warning,
            f"{line.who}{found.tag}第{line.position}位",
            f"{line.reason}" + (f"；可发{line.offer}" if line.offer else ""),
            f"话：“{line.said}”" if line.said else "",
        ]
    say = f"{found.command} {line.position}"
    choices = [Choice("打通了", f"{say}打过了"), Choice("没接", f"{say}没接"), Choice("不要", f"{say}不要")]
    if line.offer:
        choices.append(Choice(f"发{line.offer}", f"{say}发券"))
    if line.done and not found.closed:
        lines.append(f"已回：{line.done}")
    choices.append(Choice("看她", f"查 #{found.token}"))
    return Reply("\n".join(filter(None, lines)), tuple(choices), about=(about,))


def evidence(line: rows.Line, said: Sequence[str], *, closed: bool) -> Reply:
    """Why somebody stands in a list: dates and numbers."""
    lines = [f"{line.position} {line.who}："]
    if closed:
        lines.append(NOTICE)
    else:
        own = any(one.startswith(line.reason) for one in said)
        lines += [line.warning, *(f"· {one}" for one in (*(() if own else (line.reason,)), *said))]
    return Reply("\n".join(filter(None, lines)), keeps_menu=True, focus=False)


def whose(lines: Sequence[rows.Line], command: str, said: str) -> Reply:
    """An outcome was told, but not whose: the digits are the rows', so those that are done stand there too."""
    choices = tuple(Choice(f"{line.who}{'✓' * bool(line.done)}", f"{command} {line.position}{said}") for line in lines)
    asked = [f"「{words.clip(said, 60)}」说的是哪位？", *(f"{n} {one.label}" for n, one in enumerate(choices, 1))]
    return Reply("\n".join(asked), choices, focus=False)


def which(labels: Sequence[str], commands: Sequence[str]) -> Reply:
    """Several lists are open: which one is meant."""
    choices = tuple(Choice(label, command) for label, command in zip(labels, commands, strict=True))
    lines = ["说的是哪张名单？（引用那条消息回就不用选）", *(f"{n} {one.label}" for n, one in enumerate(choices, 1))]
    return Reply("\n".join(lines), choices, focus=False)
