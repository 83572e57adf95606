"""Local Telegram and WeCom servers as strict as the real ones, and a page with phones to try the bot on."""
