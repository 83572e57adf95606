"""The checks: each judges what was looked at, and says the cause and the exact next step."""
