"""The terminal as a channel: lines in, coloured text or JSON out; `prompt` alone imports prompt_toolkit."""
