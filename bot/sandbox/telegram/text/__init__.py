"""Text with entities: found in plain text, parsed from Telegram's HTML, shown as safe HTML."""
