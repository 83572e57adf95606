"""How many examples a property is asked for on an engine."""

from hypothesis import settings

PART = 5


def examples(engine: str, most: float = 1) -> settings:
    """The profile's number, or this part of it, on SQLite; a fifth of that on PostgreSQL.

    For properties that are about our own rules, not about the engine: there the second engine only has to agree, at
    three times the price of an example. HYPOTHESIS_PROFILE=wide multiplies both.
    """
    many = int(settings.default.max_examples * most)
    return settings(max_examples=many if engine == "sqlite" else many // PART)
