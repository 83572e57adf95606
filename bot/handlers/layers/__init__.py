"""The layers in chat: their rules and the people in them, a topic a file."""
