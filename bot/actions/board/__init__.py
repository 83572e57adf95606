"""What leads a store is told: put together from counts, and the lists that go with it."""
