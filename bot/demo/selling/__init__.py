"""What the demo chain has sold with so far."""
