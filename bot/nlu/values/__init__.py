"""Values of entities: pure parsers from a customer's words, without clock, zone or records.

`value_of(label, text)` is the one door; every parser takes text as typed.
"""

from __future__ import annotations

from bot.nlu.text import fold
from bot.nlu.values import amounts, dates, references

Value = str | int | dict[str, str | None] | dict[str, int | str]


def value_of(label: str, text: str) -> Value | None:
    """The value of an entity from its text alone, or None when the text holds none.

    amount → {"value", "currency"} (`amounts.parse`); date_time → a dict of `dates`; ordinal → a position
    from 1, or −1 for the last; order_number → as typed without spaces. Entities that a word list
    settles (merchant, country, currency, payment_method) get theirs from `bot.nlu.gazetteer`.
    """
    folded = fold(text)
    if label == "amount":
        return amounts.parse(folded)
    if label == "date_time":
        return dates.parse(folded)
    if label == "ordinal":
        return references.parse_ordinal(folded)
    if label == "order_number":
        return references.order_number(text)
    raise ValueError(f"{label} has no parser")
