"""What is kept for customers and colleagues between two visits: holds, promises, reminders, demands, marks, quiet."""
