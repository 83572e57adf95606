"""How things read in chat: values in, Reply out; pure, and the only place with a guide's wording of a card."""
