"""Lists in chat: asking for one, answering it, handing rows over."""
