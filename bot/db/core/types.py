"""Column types that are integers in both engines, so that a row costs no parsing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

# INTEGER is SQLite's own 64-bit row number; BIGINT there would be an index beside it.
Id = BigInteger().with_variant(Integer(), "sqlite")


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as milliseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 — SQLAlchemy's signature
        """Refuse naive times: they are a bug wherever they come from."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive time")
        return (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002 — SQLAlchemy's signature
        """Milliseconds back to an aware UTC datetime."""
        return None if value is None else _EPOCH + value * _MILLISECOND


class Day(TypeDecorator[date]):
    """A local date, kept as its proleptic ordinal (0001-01-01 is 1)."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 — SQLAlchemy's signature
        """A date to its ordinal."""
        return None if value is None else value.toordinal()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:  # noqa: ANN401, ARG002 — SQLAlchemy's signature
        """An ordinal back to its date."""
        return None if value is None else date.fromordinal(value)
