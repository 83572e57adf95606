"""Lists of people to call at rest: who is due, what is known of them, the lists, and every contact."""
