"""Messages to who leads a store, and to its group: short, masked, honest where there is nothing to say."""
