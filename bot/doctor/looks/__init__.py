"""Looking at one thing each: what is seen, in values; nothing is changed and nothing is judged here."""
