"""What a leader asks of the day: 今天, 交班, 问, 清理."""
