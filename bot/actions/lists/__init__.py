"""Lists of people to call: who comes on them, how they are made and told, what an answer does."""
