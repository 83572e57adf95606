"""Who is left out of every list so that its effect can be measured: a share of all customers, by their ids alone.

Whoever looks after her, her store and her layer have no say in it, and it is the same tomorrow and on every machine.
"""

from hashlib import blake2b

PERCENT = 10
_PARTS = 10_000


def held_out(customer_id: int, salt: bytes, percent: float = PERCENT) -> bool:
    """Whether she is in the hold-out of this salt (1 to 64 bytes, the chain's own); another salt draws anew."""
    if not 0 < len(salt) <= blake2b.MAX_KEY_SIZE:
        raise ValueError(f"a salt has 1 to {blake2b.MAX_KEY_SIZE} bytes")
    drawn = blake2b(customer_id.to_bytes(8, "big", signed=True), digest_size=8, key=salt).digest()
    return int.from_bytes(drawn, "big") % _PARTS < percent * _PARTS / 100
