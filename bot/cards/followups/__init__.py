"""Holds, promises, reminders and demands in chat."""
