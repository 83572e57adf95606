"""What a name can be found by, and whether a query fits it and how well; this file alone decides that."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product

from bot.domain.names.surnames import is_han, is_surname, plain_form, plain_surname, told_gender, untitled
from bot.domain.text import normal

EXACT, TITLE, TITLE_MAYBE, PART, PINYIN, PINYIN_PART, INITIALS, SOUND, ALIKE, TYPO = range(10)
_READINGS_KEPT = 32
_TYPO_FROM = 5
_EARS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


@dataclass(frozen=True, slots=True)
class Keys:
    """The plain name, and pinyin without tones in every reading; `parts` are surname and given name alone."""

    name: str
    surname: str
    gender: str | None
    full: frozenset[str]
    parts: frozenset[str]
    initials: frozenset[str]

    @property
    def terms(self) -> set[str]:
        """Under what the name is filed: its characters, ~sounds, #initials, and both ends with the length."""
        terms = {*self.name, *(f"~{heard(pinyin)}" for pinyin in self.full | self.parts)}
        terms.update(f"#{letters}" for letters in self.initials)
        for pinyin in self.full:
            terms.update(_ends(pinyin, len(pinyin)))
        return terms


@dataclass(frozen=True, slots=True)
class Query:
    """A query understood: `base` is what the name must hold, or `called` the surname she was called by."""

    plain: str
    base: str
    called: str
    gender: str | None
    readings: frozenset[str]
    sounds: frozenset[str]
    names_surname: bool

    @property
    def terms(self) -> list[str]:
        """Terms of `Keys.terms` of which a fitting name has at least one, unless it holds the characters."""
        if self.called:
            return []
        terms = [f"~{sound}" for sound in self.sounds] + [f"#{self.base}"]
        if self.base.isascii() and len(self.base) >= _TYPO_FROM:
            terms += (end for more in (-1, 0, 1) for end in _ends(self.base, len(self.base) + more))
        return terms


def keys(name: str, gender: str | None = None) -> Keys:
    """What a name can be found by; where no gender is known, a title in the name (王姐) tells it."""
    words = _words(name)
    plain = "".join(words)
    spelt = list(islice(product(*map(_readings, plain)), _READINGS_KEPT))
    full = frozenset(map("".join, spelt))
    if plain.isascii():
        initials = frozenset(["".join(word[0] for word in words)])
        return Keys(plain, "", gender, full, frozenset(words), initials)
    first, form = plain_surname(plain), plain_form(plain)
    cut = len(first) if first != plain and plain.startswith(first) else 0
    halves = {"".join(half) for s in spelt for half in (s[:cut], s[cut:]) if cut}
    initials = frozenset("".join([syllable[0] for syllable in s]) for s in spelt)
    return Keys(plain, first, gender or (form[2] if form else None), full, frozenset(halves), initials)


def is_useless(query: str) -> bool:
    """Whether a query would list everybody: nothing, only punctuation or wildcards, one letter or figure."""
    plain = "".join(_words(query))
    return not plain or (len(plain) == 1 and plain.isascii())


def matches(query: str, keys: Keys) -> int | None:
    """How well the person fits, from 0 (EXACT) to 9 (TYPO); None where she does not."""
    return None if is_useless(query) else rank(understand(query), keys)


@lru_cache(maxsize=256)
def understand(query: str) -> Query:
    """The query taken apart once, for all the names it is held against."""
    plain = "".join(_words(query)).replace("ü", "v")
    form = plain_form(plain)
    base, title = untitled(plain)
    called = form[0] if form and base.endswith(form[0]) and len(base) <= len(form[0]) + 1 else ""
    readings = keys(base).full
    return Query(
        plain=plain,
        base="" if called else base,
        called=called,
        gender=told_gender(title),
        readings=readings,
        sounds=frozenset(map(heard, readings)),
        names_surname=is_surname(base[:1]) or is_surname(base[:2]),
    )


def rank(asked: Query, known: Keys) -> int | None:
    """How well the person fits a query that was understood."""
    if asked.plain == known.name:
        return EXACT
    if asked.gender and known.gender and asked.gender != known.gender:
        return None
    if asked.called:
        if asked.called == known.surname:
            return TITLE if asked.gender in (None, known.gender) else TITLE_MAYBE
        return PART if asked.plain in known.name else None
    if asked.base in known.name:
        return EXACT if asked.base == known.name else PART
    return _latin_rank(asked, known) if asked.base.isascii() else _sound_rank(asked, known)


def _latin_rank(asked: Query, known: Keys) -> int | None:
    typed = asked.base
    if typed in known.full:
        return PINYIN
    if typed in known.parts:
        return PINYIN_PART
    if typed in known.initials:
        return INITIALS
    if not asked.sounds.isdisjoint(map(heard, known.full)):
        return ALIKE
    if len(typed) >= _TYPO_FROM:
        for full in known.full:
            if _one_off(typed, full):
                return TYPO
    return None


def _sound_rank(asked: Query, known: Keys) -> int | None:
    if len(asked.base) < 2:
        return None
    if not asked.readings.isdisjoint(known.full):
        return SOUND
    if not asked.names_surname and not asked.readings.isdisjoint(known.parts):
        return SOUND
    if not asked.sounds.isdisjoint(map(heard, known.full)):
        return ALIKE
    same = len(asked.base) == len(known.name) > 2
    return TYPO if same and sum(map(str.__ne__, asked.base, known.name)) == 1 else None


def _one_off(typed: str, full: str) -> bool:
    """Whether one letter too many, too few or wrong separates the two."""
    if abs(len(typed) - len(full)) > 1 or (typed[:2] != full[:2] and typed[-2:] != full[-2:]):
        return False
    longer, shorter = (typed, full) if len(typed) >= len(full) else (full, typed)
    at = 0
    while at < len(shorter) and longer[at] == shorter[at]:
        at += 1
    return longer[at + 1 :] == shorter[at + (len(longer) == len(shorter)) :]


def _ends(pinyin: str, length: int) -> tuple[str, str]:
    """Terms of which one slip leaves at least one as it was."""
    return f"<{pinyin[:2]}{length}", f">{pinyin[-2:]}{length}"


def _words(text: str) -> list[str]:
    """The words of a name, lower-case, without signs."""
    return "".join([c if c.isalnum() else " " for c in normal(text).lower()]).split()


@lru_cache(maxsize=60_000)
def heard(pinyin: str) -> str:
    """Pinyin with the sounds that ears and dialects confuse made one."""
    for said, like in _EARS:
        pinyin = pinyin.replace(said, like)
    return pinyin


@lru_cache(maxsize=30_000)
def _readings(char: str) -> tuple[str, ...]:
    """Every pinyin of a character; the library is loaded only here, it is slow to import."""
    if not is_han(char):
        return (char,)
    from pypinyin import Style, pinyin  # noqa: PLC0415

    return tuple(dict.fromkeys(pinyin(char, style=Style.NORMAL, heteronym=True)[0]))
