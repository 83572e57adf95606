"""What the bot remembers of talking: messages in, what is owed, lists and focus, groups, errands."""
