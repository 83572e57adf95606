"""The platforms people talk on; each turns its own into the words of `bot/wire.py`, and knows nothing of the shop."""
