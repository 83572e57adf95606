"""The refusals a person can act on; each is raised where it is known and worded once, here or by its raiser."""

Offers = tuple[tuple[str, str], ...]


class RefusalError(Exception):
    """A message could not be done, and the sentence says what to do about it."""

    code = "bug"

    def __init__(self, say: str, offers: Offers = ()) -> None:
        """Keep the sentence the person will read; it never holds a full phone or a note's text.

        `offers` are what may be done instead: words and the command they stand for.
        """
        super().__init__(say)
        self.say = say
        self.offers = offers


class UsageError(RefusalError):
    """The words of the command do not fit; dispatch adds the command's example."""

    code = "usage"


class NotFoundError(RefusalError):
    """No such thing, or not hers to know: both are worded alike."""

    code = "not_found"

    def __init__(self, say: str = "没有找到这位客户。", offers: Offers = ()) -> None:
        """Default to the one sentence that tells nothing."""
        super().__init__(say, offers)


class NotAllowedError(RefusalError):
    """The person may not do this; the sentence names whom to ask."""

    code = "not_allowed"


class ConflictError(RefusalError):
    """The shop's state forbids it."""

    code = "conflict"


class UnavailableError(RefusalError):
    """Not ready yet; the sentence says when."""

    code = "unavailable"
