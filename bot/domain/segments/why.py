"""Why a customer has a label, in one Chinese sentence: the rule, her dates and numbers, the border on either side."""

from datetime import date, timedelta

from bot.domain.rhythm import STAGES, Patience
from bot.domain.segments.labels import LAYERS, LIFE, Scheme
from bot.domain.segments.layering import Cuts, frequency, label
from bot.domain.segments.measures import Measures, Span
from bot.domain.segments.rules import BASES, Band, Banding, Rules
from bot.domain.words import ago, money

_FEW = 2  # days she came that tell no gap, or a single one
_NEVER = f"{LIFE['never']}：没有她的购买记录（全退掉的不算）；没买过和很久没来是两回事，不算沉睡。"
_FILLED = "（这一档是默认补在中间的）"
_WHICH = {
    "loyal": "常客，次数和金额都在4档以上",
    "potential": "常客，次数、金额有一样在4档以上，或两样都在3档以上",
    "ordinary": "常客，还不到潜力成长（一样有4档，或两样都有3档）",
    "leaving": "来得变慢了，次数或金额在4档以上",
    "slowing": "来得变慢了，次数和金额都不到4档",
    "lost_big": "很久没来，金额在4档以上",
    "asleep": "很久没来，金额不到4档",
}


def say(scheme: Scheme, measures: Measures, rules: Rules, cuts: Cuts, *, origin: str = "") -> str:
    """The sentence of a scheme; `origin` names the rules where they are not the ones everybody knows: 3号店试行."""
    words = {
        "layer": lambda: layer(measures, rules, cuts),
        "stage": lambda: stage(measures, rules),
        "spend": lambda: spend(measures, rules),
        "frequency": lambda: visits(measures, rules),
    }
    said = words[scheme]()
    return f"{said}（按{origin}）" if origin else said


def layer(measures: Measures, rules: Rules, cuts: Cuts) -> str:
    """Her layer: what makes it, the stage it rests on, and both fifths with their borders."""
    labels = label(measures, rules, cuts)
    if labels.layer in {"never", "new"}:
        return stage(measures, rules)
    where = "本店" if rules.among == "store" else "全链"
    among = f"和{where}买过的{cuts.buyers}位比" if cuts.buyers else f"{where}买过的人还少，按固定的线"
    times = _fifth(f"次数{labels.f}档：来过{measures.purchase_days}天", labels.f, [f"{one}天" for one in cuts.f])
    amount = _fifth(f"金额{labels.m}档：一共{money(measures.spent_fen)}", labels.m, [money(one) for one in cuts.m])
    which = f"{LAYERS[labels.layer]}：{_WHICH[labels.layer]}"
    return f"{which}。{_pace(measures, rules)}。{times}；{amount}。5档最高，{among}。"


def stage(measures: Measures, rules: Rules) -> str:
    """Her stage: how she comes, how long she is away, and the days of the next border."""
    first, first_days = measures.first_on, measures.first_days
    if first is None or first_days is None:
        return _NEVER
    known = measures.rhythm(rules)
    if first_days <= rules.new_days:
        until = first + timedelta(rules.new_days)
        return (
            f"{LIFE['new']}：第一次来是{_day(first, measures.today)}（{ago(first_days)}），"
            f"{rules.new_days}天以内都算新客，到{_day(until, measures.today)}为止。"
        )
    return f"{STAGES[known.stage]}：{_pace(measures, rules)}。"


def spend(measures: Measures, rules: Rules) -> str:
    """Her band by spend."""
    if not measures.purchase_days:
        return _NEVER
    banding, when = rules.spend, _span(measures.spend_span, measures.today)
    band = banding.band(measures.spend)
    found = f"{BASES[banding.basis]}{_size(banding, measures.spend)}" if measures.spend else "没有消费"
    if banding.basis == "ticket" and measures.spend_on:
        found += f"，是{_day(measures.spend_on, measures.today)}那天"
    return f"{band.name}：最近{banding.window_days}天{when}{found}，{_border(banding, band)}。"


def visits(measures: Measures, rules: Rules) -> str:
    """Her band by frequency, or why she is new or asleep."""
    first, last = measures.first_on, measures.last_on
    if first is None or last is None or measures.first_days is None:
        return _NEVER
    code, banding = frequency(measures, rules), rules.frequency
    window = f"最近{banding.window_days}天"
    came = f"{window}来了{measures.visits}天{_span(measures.visits_span, measures.today)}"
    if code == "asleep":
        away = f"上次{_day(last, measures.today)}，{_away(measures)}"
        return f"{LIFE[code]}：{away}，满{rules.asleep_days}天算沉睡；不满的看{window}来了几天。"
    if code == "new":
        new = f"第一次来是{_day(first, measures.today)}（{ago(measures.first_days)}），{rules.new_days}天以内算新客"
        top = banding.bands[0]
        return f"{LIFE[code]}：{new}；{came}，满{_size(banding, top.least)}就直接算{top.name}。"
    band = banding.band(measures.visits)
    border = _border(banding, band)
    if not measures.visits:
        when = _span(measures.visits_span, measures.today)
        came = f"{window}没来{when}，上次{_day(last, measures.today)}，{_away(measures)}"
        border += f"；满{rules.asleep_days}天没来算沉睡" if banding.sleeps else ""
    return f"{band.name}：{came}，{border}。"


def _border(banding: Banding, band: Band) -> str:
    """满3天算稳定客，满12天算高频奶茶党，少于3天算偶尔尝鲜族."""
    place = banding.bands.index(band)
    above = banding.bands[place - 1] if place else None
    below = banding.bands[place + 1] if place + 1 < len(banding.bands) else None
    said = [f"满{_size(banding, band.least)}算{band.name}{_FILLED * band.filled}" if below else ""]
    said.append(f"满{_size(banding, above.least)}算{above.name}" if above else "")
    said.append(f"少于{_size(banding, band.least)}算{below.name}" if below else "")
    if not below and band.filled:
        said.append(f"没来算{band.name}{_FILLED}" if banding.basis == "days" else f"不到算{band.name}{_FILLED}")
    return "，".join(filter(None, said))


def _pace(measures: Measures, rules: Rules) -> str:
    """来过17天，平时18天来一次，上次10-12，到今天41天没来；满28天没来算变慢，满60天算沉睡."""
    patience = Patience.of(measures.purchase_days, measures.gap_sum_days, measures.gap_square_sum, rules.usual_days)
    usual = f"来过{measures.purchase_days}天，平时{patience.typical}天来一次（行里一般{rules.usual_days}天）"
    if measures.purchase_days <= _FEW:
        usual = f"只来过{measures.purchase_days}天，先按{patience.typical}天来一次算（行里一般{rules.usual_days}天）"
    away = f"上次{_day(measures.last_on or measures.today, measures.today)}，{_away(measures)}"
    return f"{usual}，{away}；满{patience.slowing()}天没来算变慢，满{patience.asleep(rules.asleep_days)}天算沉睡"


def _fifth(have: str, fifth: int, least: list[str]) -> str:
    """次数4档：来过18天（满12天是4档，满20天是5档）."""
    own = f"满{least[fifth - 2]}是{fifth}档" if fifth > 1 else ""
    above = f"满{least[fifth - 1]}是{fifth + 1}档" if fifth <= len(least) else ""
    return f"{have}（{'，'.join(filter(None, (own, above)))}）"


def _away(measures: Measures) -> str:
    silent = f"（其中店里没数据的{measures.silent_days}天不算）" if measures.silent_days else ""
    return f"到今天{measures.since_days}天没来{silent}" if measures.since_days else f"今天来过{silent}"


def _span(span: Span, today: date) -> str:
    """10-26到11-22; silent days are said where there were some."""
    silent = f"，店里没数据的{span.silent_days}天不算" if span.silent_days else ""
    return f"（{_day(span.first_on, today)}到{_day(span.last_on, today)}{silent}）"


def _size(banding: Banding, measure: int) -> str:
    return f"{measure}天" if banding.basis == "days" else money(measure)


def _day(on: date, today: date) -> str:
    return f"{on:%m-%d}" if on.year == today.year else on.isoformat()
