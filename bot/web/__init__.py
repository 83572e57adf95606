"""The one HTTP server: channels' doors, orders from tills, and how the service is; nothing here answers with a 500."""
