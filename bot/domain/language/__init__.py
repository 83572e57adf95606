"""From a guide's sloppy sentence to an intent, a person and facts: lexicons and grammar, never a list of phrases."""
