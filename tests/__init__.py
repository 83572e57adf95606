"""The tests, mirroring bot/; what they share is in tests/support."""
