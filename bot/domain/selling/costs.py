"""What one coupon may cost at most: one formula, whoever opens the offer and whatever cost she states.

Money off counts whole; a share of an unknown bill needs the most it takes off; what is given counts at its price.
"""

from bot.domain.selling.offers import Kind, Terms

_WHOLE, _HALF = 100, 2


def at_most(kind: Kind, terms: Terms, price_fen: int, most_fen: int = 0) -> int:
    """The most one coupon can cost, in fen; 0 where what is known does not bound it.

    `price_fen` is that of the gift, else of the dearest piece it may be spent on; `most_fen` what it takes off at most.
    """
    if terms.off_fen:
        return terms.off_fen
    if terms.percent < _WHOLE:
        return most_fen
    if kind == "second_half":
        return -(-price_fen // _HALF)
    return price_fen * (terms.get or kind == "gift")
