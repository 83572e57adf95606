"""`python -m bot` is `zhanggui`."""

from bot.cli import main

main()
