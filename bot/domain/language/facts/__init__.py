"""The rules, one topic a file; each takes a prepared sentence and gives statements."""
