"""What guides noted of a customer: facts drawn from the vertical's templates, each on a day she was there."""

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

from bot.demo.days import months_old
from bot.demo.habits import Visit
from bot.demo.people import Note, Person, spoken
from bot.demo.preset import Preset, Template

_FIRST = {"allergy": 0, "avoid": 1}
_EARLY = 0.4


def jot(person: Person, preset: Preset, guides: int, dice: Random) -> None:
    """Draw what is known of her; warnings first, so that nothing said later contradicts them."""
    chatty = person.persona.known
    for template in sorted(preset.facts, key=lambda one: _FIRST.get(one.kind, 2)):
        share = template.share * chatty * (2 if template.family and person.persona.family else 1)
        if dice.random() < share and _suits(template, person):
            value = template.values[int(dice.random() * len(template.values))]
            visit, by = _when(person, guides, dice, early=template.kind in ("allergy", "avoid"))
            said = spoken(value, person.gender)
            person.notes.append(Note(template.kind, said, visit, by, template.facet, template.of))
    if preset.sizes and dice.random() < preset.sizes_share * chatty:
        _measure(person, preset, guides, dice)
    _dates(person, preset, guides, dice)


def _suits(template: Template, person: Person) -> bool:
    if person.fond_of and template.kind in _FIRST:
        return False  # remembered by what she always takes
    if template.gender and person.gender != template.gender:
        return False
    if template.kind in ("preference", "avoid") and person.barred.intersection(template.values):
        return False
    return not person.barred.intersection(template.unless)


def _when(person: Person, guides: int, dice: Random, *, early: bool = False, late: bool = False) -> tuple[Visit, int]:
    """A visit (early for warnings, late for sizes) a minute after she paid, and who was told: mostly her own guide."""
    by = person.guide if person.guide is not None and dice.random() < 0.75 else int(dice.random() * guides)
    if not person.visits:
        return _later(person.joined), by
    part = dice.random() * (_EARLY if early else 1)
    if late:
        part = 1 - part * _EARLY
    return _later(person.visits[min(int(part * len(person.visits)), len(person.visits) - 1)]), by


def _later(visit: Visit) -> Visit:
    return Visit(visit.day, visit.minute + 1)


def _measure(person: Person, preset: Preset, guides: int, dice: Random) -> None:
    """A whole set of sizes that go together."""
    visit, by = _when(person, guides, dice, late=True)
    sets = [row for row in preset.sizes if _fits(row, person, visit.day)]
    if not sets:
        return
    chosen = sets[int(dice.random() * len(sets))]
    for facet, value in chosen["values"].items():
        person.notes.append(Note("size", value, visit, by, facet, chosen.get("of")))


def _fits(row: Mapping[str, Any], person: Person, day: int) -> bool:
    if row.get("gender") not in (None, person.gender):
        return False
    ages = row.get("ages")
    return not ages or (person.child_born is not None and ages[0] <= months_old(person.child_born, day) < ages[1])


def _dates(person: Person, preset: Preset, guides: int, dice: Random) -> None:
    """Her child's birthday, her anniversary."""
    visit, by = _when(person, guides, dice)
    if person.child_born is not None:
        born = date.fromordinal(person.child_born).isoformat()
        person.notes.append(Note("birthday", born, visit, by, of="child"))
    if dice.random() < preset.anniversaries * person.persona.known:
        on = date(2000, 1, 1).toordinal() + int(dice.random() * 366)
        person.notes.append(Note("anniversary", f"{date.fromordinal(on):%m-%d}", visit, by))
