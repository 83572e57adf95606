"""From a file to values, all of it pure: rows of text, headers recognised, every cell read or refused."""
