"""The service: one process with every channel that is set up, the HTTP server, and what goes out."""

from bot.serve.run import ROLES, Role, serve

__all__ = ["ROLES", "Role", "serve"]
