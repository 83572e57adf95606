"""What is kept for customers between two visits: opened, seen to, and called to mind."""
