"""Verbs with effects: load, decide, record, in the caller's transaction; each knows its undo."""
