"""What a chain decides of odd birthdays, kept as small JSON."""

import pytest

from bot.domain.calendar import keeping
from bot.domain.calendar.keeping import SETTINGS, Kept
from bot.domain.calendar.occurrences import Keeping


def test_nothing_kept_is_what_is_usual():
    assert keeping.read("") == Kept(Keeping("02-28", "ordinary"), (7, 3, 1))


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("leap-day", "03-01", Kept(Keeping("03-01", "ordinary"))),
        ("leap-month", "leap", Kept(Keeping("02-28", "leap"))),
        ("birthday-ahead", "1, 3,14", Kept(ahead=(14, 3, 1))),
        ("birthday-ahead", "0", Kept(ahead=())),
        ("birthday-ahead", "30", Kept(ahead=(30,))),
    ],
)
def test_a_setting_is_kept_and_read_back(setting, value, expected):
    assert keeping.read(keeping.changed("", setting, value)) == expected


def test_settings_do_not_touch_one_another_and_what_is_usual_takes_no_room():
    kept = ""
    for setting, value in (("leap-day", "03-01"), ("birthday-ahead", "14"), ("leap-month", "leap")):
        kept = keeping.changed(kept, setting, value)
    assert keeping.read(kept) == Kept(Keeping("03-01", "leap"), (14,))

    for setting, value in Kept().says().items():
        kept = keeping.changed(kept, setting, value)
    assert kept == ""


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("value", ["", "31", "-1", "x", "02-29", "7,x", "7,,1", "1e1", "03-01,02-28", "3,3"])
def test_what_it_may_not_be_is_refused_with_what_it_may(setting, value):
    with pytest.raises(ValueError, match=rf"{setting} is"):
        keeping.changed("", setting, value)
