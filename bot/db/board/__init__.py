"""What is told of a store by its numbers: indexed reads for many stores at once, names opened only where told."""
