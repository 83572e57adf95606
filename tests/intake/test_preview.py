"""What a dry run shows of a file: enough to say yes or no by, and no live coupon's whole code."""

from bot.domain.selling import codes
from bot.intake.preview import preview
from bot.intake.reading.headers import Header


def test_of_a_coupon_only_its_tail_is_shown_whatever_column_it_stands_in() -> None:
    code = codes.draw()
    header = Header([], 0, {"order_no": 0, "coupon": 1, "remark": 2})

    shown = preview(header, [["A1", codes.show(code), code.lower()]])

    assert shown == (f"order_no=A1  coupon=…{code[-4:]}  remark=…{code[-4:].lower()}",)
