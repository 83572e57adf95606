"""What the clock does: a job is one function, found by its file; thin."""
