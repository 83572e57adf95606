"""Commands about data: files in, and the check of the running statistics."""

import typer

from bot.cli.root import given, open_shop

stats = typer.Typer(help="The running statistics of customers.", no_args_is_help=True)
