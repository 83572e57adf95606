"""Why a row that was changed since cannot be put back as it was, in words."""

_LATER = "撤不了：之后又改过，请先撤后面的。"
_LIVE = "撤不了：已经生效了，请用「规则 回退」。"
_CHANGED = {
    ("coupons", "used"): "撤不了：这张券已经核销了。客人退货时会自动还原，或请先撤那次核销。",
    ("segment_rules", "live"): _LIVE,
    ("segment_rules", "past"): _LIVE,
}


def of(table: str, state: str) -> str:
    """What to say of a row of this table that is in this state now."""
    return _CHANGED.get((table, state), _LATER)
