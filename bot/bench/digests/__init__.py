"""A morning of a chain: every job that is due between half past eight and ten, beside the bare work for it."""
