"""The smart bot: its rules, its long connection, its callbacks, and what members do with it."""
