"""What Alembic runs: always on the connection that `bot.db.core.schema` hands over, inside its transaction."""

from typing import Any

from alembic import context
from sqlalchemy.types import TypeDecorator

from bot.db.tables import metadata


def render_item(kind: str, item: Any, _autogen: Any) -> Any:  # noqa: ANN401 — Alembic's signature
    """Write our column types as what they are in the database: a migration must not follow later code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render_item,
    transactional_ddl=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
