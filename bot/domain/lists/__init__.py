"""Lists of people to call: what is typed under them, for how long somebody rests, who comes first."""
