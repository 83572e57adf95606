"""Doing the errands people asked for in chat: importing a file, one at a time, with the result as a push."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.db.core.engine import Database
from bot.db.talk import errands, outbox
from bot.db.talk.errands import Errand
from bot.domain.errors import NotFoundError, RefusalError
from bot.intake.options import Options
from bot.intake.run import run

log = logging.getLogger(__name__)

_KEPT = 2 * 3600.0  # seconds


def forget_files(data: Path) -> None:
    """Remove files people sent two hours ago and never said what to do with: customers stand in them in plain words."""
    for path in (data / "incoming").glob("*"):
        with suppress(OSError):  # gone meanwhile
            if path.is_file() and time.time() - path.stat().st_mtime > _KEPT:
                path.unlink()


class Errands:
    """Looks for errands and does them on a thread of its own."""

    def __init__(self, database: Database, data: Path, now: Callable[[], datetime]) -> None:
        """Take where refused rows are kept."""
        self._database = database
        self._data = data
        self._now = now

    def do_one(self) -> bool:
        """Do the oldest errand; False where there is none. One that was cut off is done again after the next start."""
        errand = self._database.transact(errands.first)
        if errand is None:
            return False
        failed, said = False, ""
        try:
            said = self._import(errand)
        except RefusalError as refusal:
            failed, said = True, refusal.say.replace(errand.wants["path"], errand.wants["name"])
        except Exception:
            log.exception("errand %s", errand.id)
            failed, said = True, "导入出错了，没有导完。请管理员看日志，再发一次。"

        def tell(conn: Connection) -> None:
            errands.finish(conn, errand, failed=failed)
            key = f"errand:{errand.id}"
            outbox.tell(conn, errand.staff_id, key, said, self._now(), urgent=True)  # she waits for it

        self._database.transact(tell)
        Path(errand.wants["path"]).unlink(missing_ok=True)
        return True

    def _import(self, errand: Errand) -> str:
        wants = errand.wants
        path = Path(wants["path"])
        if not path.is_file():
            raise NotFoundError(f"「{wants['name']}」已经不在了，没有导入，请重新发一次。")
        options = Options(self._data, self._now(), wants["store"], only_store=wants.get("only", False))
        report = run(self._database, wants["kind"], path, options)
        said = (
            f"「{wants['name']}」导好了：读到 {report.read} 行，新 {report.new}，变了 {report.changed}，"
            f"没变 {report.unchanged}，拒 {report.refused}。"
        )
        said += f"\n另有 {report.remarks} 行订单导入了，但它写的券没有核。" if report.remarks else ""
        kept = report.refused or report.remarks
        return f"{said}\n拒的行和原因在服务器的 refused 文件夹，请管理员取。" if kept else said
