"""Coupons at the till: a signed post asks for one use, and the database says who has it.

The same coupon in the same order is the same use, however often it is posted. Nothing here tells whose a coupon is.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.actions import redeeming
from bot.actions.redeeming import NotRedeemableError
from bot.db.bulk import branches
from bot.db.core.engine import Database
from bot.db.offers import coupons, guesses, redemptions, tills
from bot.domain import cells
from bot.domain.cells import CellError
from bot.domain.errors import NotFoundError, UsageError
from bot.domain.selling import codes as coupon_codes
from bot.domain.selling.offers import Coupon
from bot.intake.reading.texts import own_number
from bot.web.signing import UNSIGNED, Signed, told
from bot.wire import Door, Request, Response

PATH = "/coupons/redeem"
MOST_BYTES = 4 << 10
GUESSES, GUESSING = 30, timedelta(hours=1)
_THREADS = 4
_LATE, _EARLY = timedelta(hours=24), timedelta(minutes=5)  # how far a till's own time of the use may be off
_ON_ITS_WORD = timedelta(minutes=15)  # … of an order nobody knows of: else a late hour would be any hour of the day
_LONGEST = 120

_NOT_JSON = '要是 {"code": …, "store": …, "order_no": …} 这样的 JSON。'
_UNKNOWN = "没有这张券，请核对券码。"
_WAIT = "这家店试错的券码太多了，请过一小时再试，或请店员在聊天里核。"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a till asks: which code, where, in which order, when (None: now); `only` asks and uses nothing."""

    code: str
    store: str
    order_no: str
    at: str
    only: bool


class CouponTill:
    """Takes requests for uses of coupons."""

    def __init__(self, database: Database, secret: str, now: Callable[[], datetime]) -> None:
        """Take where coupons are, and the secret that tills sign with."""
        self._database = database
        self._signed = Signed(secret, now)
        self._now = now
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="coupons")

    @property
    def door(self) -> Door:
        """Where it stands on the network."""
        return Door(PATH, ("POST",), self.receive, MOST_BYTES)

    def close(self) -> None:
        """Wait for what is being redeemed."""
        self._threads.shutdown()

    async def receive(self, request: Request) -> Response:
        """Answer a request; one that is not well signed learns nothing."""
        if not self._signed.signature(request):
            return UNSIGNED
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answered, request.body)

    def _answered(self, body: bytes) -> Response:
        now = self._now()
        try:
            asked = _read(body)
            return self._database.transact(lambda conn: self._redeemed(conn, asked, now))
        except NotRedeemableError as refused:
            return told(409, {"reason": refused.reason, "say": refused.say})
        except NotFoundError as unknown:
            return told(404, {"reason": "unknown", "say": unknown.say})
        except (UsageError, CellError) as wrong:
            return told(400, {"reason": "request", "say": str(wrong)})

    def _redeemed(self, conn: Connection, asked: _Asked, now: datetime) -> Response:
        store_id = branches.ids_of(conn, [asked.store]).get(asked.store)
        if store_id is None:
            raise UsageError("没有这家门店：store 要写门店编号。")
        tried = guesses.tried(conn, store_id, now - GUESSING)
        if len(tried) >= GUESSES:
            return told(429, {"reason": "wait", "say": _WAIT})
        code = _code(asked.code)
        coupon = coupons.by_code(conn, code)
        if coupon is None:
            guesses.note(conn, store_id, code, now, tried)
            return told(404, {"reason": "unknown", "say": _UNKNOWN})
        at = _trusted(conn, asked, store_id, now)
        if asked.only:
            had = redeeming.look(conn, coupon, store_id, at, asked.order_no or None)
            return told(200, {"state": "redeemed" if had else "live", **_terms(conn, coupon)})
        done = redeeming.redeem(
            conn, coupon, store_id=store_id, staff_id=None, via="post", order_no=asked.order_no, now=at
        )
        used_at = done.at.astimezone(UTC).isoformat(timespec="seconds")
        return told(200, {"state": "redeemed", "use_no": done.use_no, "at": used_at, **_terms(conn, done.coupon)})


def _code(said: str) -> str:
    try:
        return coupon_codes.read(said)
    except UsageError as error:  # a slip of the finger or of the scanner: its check tells, nobody learns anything
        raise NotFoundError(error.say) from error


def _terms(conn: Connection, coupon: Coupon) -> dict[str, Any]:
    left = {"uses": coupon.uses, "uses_left": coupon.uses_left, "ends_on": coupon.ends_on.isoformat()}
    return {**tills.terms(conn, coupon.offer), **left}


def _read(body: bytes) -> _Asked:
    """What was posted; raises UsageError where it is no such request."""
    try:
        said = json.loads(body.decode(), parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise UsageError(_NOT_JSON) from error
    if not isinstance(said, dict):
        raise UsageError(_NOT_JSON)
    only = said.get("check", False)
    if not isinstance(only, bool):
        raise UsageError("check 要是 true 或 false。")
    order_no = own_number(_text(said, "order_no"), "单号")
    if not (order_no or only):
        raise UsageError("order_no 空着：核销要写单号，只问一问就加上 check。")
    return _Asked(_text(said, "code"), cells.store_code(_text(said, "store")), order_no, _text(said, "at"), only)


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    if found is None:
        return ""
    if not isinstance(found, str) or len(found) > _LONGEST or not found.isprintable():
        raise UsageError(f"{name} 要是文字，不超过 {_LONGEST} 个字。")
    return found.strip()


def _trusted(conn: Connection, asked: _Asked, store_id: int, now: datetime) -> datetime:
    """The moment a use is judged and recorded by: the till's own, where it is of now or of an order of that day."""
    zone = branches.chain_zone(conn)
    at = _moment(asked.at, now, zone)
    if at >= now - _ON_ITS_WORD:
        return at
    on = at.astimezone(zone).date()
    return at if redemptions.is_sold(conn, asked.order_no, store_id, on) else now


def _moment(said: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When the till says it was used: not ahead of now, and no more than a day ago; raises UsageError."""
    if not said:
        return now
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise UsageError("at 要写成 2026-11-20T15:00:00+08:00 这样的时间。") from None
    at = at.replace(tzinfo=at.tzinfo or zone)
    if not now - _LATE <= at <= now + _EARLY:
        raise UsageError("at 要在最近24小时里，也不能比现在晚：请校对收银机的时间。")
    return at
