"""Giving the demo's people their accounts on the sandbox's platforms, and its stores their groups."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from bot.chat import Address
from bot.db import people, shop
from bot.db.talk import rooms


def hand_out(
    conn: Connection,
    accounts: Mapping[str, Mapping[str, str]],
    groups: Mapping[str, Mapping[str, str]],
    webhooks: Mapping[str, str],
    now: datetime,
) -> None:
    """Bind accounts (channel → staff code → account), groups (channel → store code → chat) and webhooks by store."""
    for channel, of_staff in accounts.items():
        for code, account in of_staff.items():
            staff_id = people.staff_id_of(conn, code)
            if staff_id:
                people.bind(conn, staff_id, channel, account, now)
    manager = people.staff_id_of(conn, "dianzhang") or 0
    for channel, of_stores in groups.items():
        for code, chat in of_stores.items():
            store = people.store_by_code(conn, code)
            if store:
                rooms.settle(conn, Address(channel, "", chat, private=False), store.id, manager, now)
    for code, url in webhooks.items():
        store = people.store_by_code(conn, code)
        if store:
            shop.set_webhook(conn, store.id, url)
