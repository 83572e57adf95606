"""What a person can type, one topic a file; a file dropped in here is found, nothing else need be opened."""
