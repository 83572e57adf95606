"""Why a customer has her stage: the dates, the numbers and the borders."""

from bot.domain.rhythm import STAGES, Rhythm
from bot.domain.stats import Stats


def why(pace: Rhythm, stats: Stats) -> str:
    """常客, 变慢, 沉睡 and the rest with what they were decided by; borders as in bot/domain/rhythm.py."""
    label = STAGES[pace.stage]
    if pace.since_days is None or stats.first_on is None or stats.last_on is None:
        return f"{label}，系统里没有她的订单。没买过不算流失。"
    dates = f"第一次 {stats.first_on}，最近 {stats.last_on}，共 {pace.purchase_days} 个到店日"
    if pace.first_days is not None and pace.first_days <= 30:
        return f"{label}。{dates}。首次购买不满30天都算新客，不会算沉睡。"
    calm = max(1.5 * pace.typical_gap_days + pace.spread, 7)
    gone = max(60, 3 * pace.typical_gap_days, calm)
    return (
        f"{label}。{dates}，已{pace.since_days}天没来。\n"
        f"她平时约{pace.typical_gap_days}天来一次（上下{pace.spread:.0f}天），现在是{pace.ratio or 0:.1f}倍。\n"
        f"分界：{calm:.0f}天内算常客，超过算变慢，超过{gone:.0f}天算沉睡。"
    )
