"""Promises, holds, reminders and demands: the rows, and who is there to see to them."""
