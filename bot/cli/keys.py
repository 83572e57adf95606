"""Commands about the keys that seal customers' data."""

import time

import typer

from bot.cli.root import given, open_shop

keys = typer.Typer(help="The keys that seal customers' data.", no_args_is_help=True)

_AFTER = """✓ 新密钥 {folder}/{number:02d}.key，重新封好 {rows} 行。
  正在运行的服务已自己换上新密钥，不用重启；密钥文件夹请再备份一次。
  旧密钥先留着：30 天内的撤回还要用它。"""


@keys.command("rotate")
def rotate(context: typer.Context) -> None:
    """Make a new key and seal everything with it; broken off, run it again.

    Example:  zhanggui keys rotate
    """
    from bot.db.core.crypto import NOTICE, make_key
    from bot.db.core.rotation import reseal

    options = given(context)
    folder = options.settings().keys
    with open_shop(context) as database:  # what an earlier rotation left: only the two newest keys are searched
        reseal(database)
    number = make_key(folder)
    time.sleep(2 * NOTICE)  # running processes must search under the new key before any index is
    with open_shop(context) as database:
        written = reseal(database)
    options.tell(_AFTER.format(folder=folder, number=number, rows=sum(written.values())))
