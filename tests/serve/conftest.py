"""The process that starts services, one for all tests of a worker."""

from collections.abc import Iterator

import pytest

from tests.support.nest import Nest, nest


@pytest.fixture(scope="session")
def brood() -> Iterator[Nest]:
    """Starts services quickly."""
    with nest() as one:
        yield one
