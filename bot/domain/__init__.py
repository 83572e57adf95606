"""What the shop knows and decides: pure functions and frozen values, no SQL, no network, no clock of its own."""
