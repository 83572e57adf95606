"""What is told to who leads a store: values without names of customers, and the honest words for numbers."""
