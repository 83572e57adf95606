"""One process of the storm: twelve threads give the same offer to the same customers, again and again.

It says `ready`, waits for a line, and prints the customer of each coupon as soon as it is durable.
"""

import json
import random
import sys
import threading
from datetime import datetime

from bot.db.core.engine import Database, open_database
from bot.db.offers import offers
from bot.domain.errors import ConflictError
from tests.offers.issuing import give
from tests.support import cast, engines

THREADS = 12


def storm(database: Database, offer_number: int, attempts: list[int], now: datetime) -> None:
    """Every thread takes the next attempt until none is left."""
    who = cast.staff(database, "小王")
    offer = database.transact(lambda conn: offers.by_number(conn, offer_number))
    assert offer
    left, lock = iter(attempts), threading.Lock()

    def work() -> None:
        while True:
            with lock:
                customer_id = next(left, None)
            if customer_id is None:
                return
            try:
                give(database, who, customer_id, offer, now)
            except ConflictError:
                continue
            with lock:
                _say(customer_id)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> None:
    """Storm as the argument says."""
    told = json.loads(sys.argv[1])
    database = open_database(told["url"], engines.KEYS)
    attempts = told["customers"] * told["times"]
    random.Random(told["seed"]).shuffle(attempts)
    cast.staff(database, "小王")
    _say("ready")
    sys.stdin.readline()
    storm(database, told["offer"], attempts, datetime.fromisoformat(told["now"]))
    database.close()


if __name__ == "__main__":
    main()
