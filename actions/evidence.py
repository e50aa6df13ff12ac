"""Evidence as a customer may read it: which response says it, and its value in words.

Codes, ids and risk flags stay behind; `utter_evidence_<record>_<field>` in `domain.yml` says the rest.
"""

from __future__ import annotations

import re
from datetime import datetime

from actions.diagnosis.facts import MethodKind, Money
from actions.diagnosis.result import Evidence
from actions.formatting import Formatter

_MONEY = re.compile(r"(-?\d+) ([A-Z]{3})")


def in_plain_words(evidence: Evidence, fmt: Formatter) -> tuple[str, str]:
    """The response for a piece of evidence, and the value to fill in."""
    name = f"{evidence.record}_{evidence.field}".replace(".", "_")
    if name == "payment_merchant_notified_at" and evidence.value == "None":
        name = "payment_merchant_not_notified"
    return f"utter_evidence_{name}", _value(evidence, fmt)


def _value(evidence: Evidence, fmt: Formatter) -> str:
    value = evidence.value
    money = _MONEY.fullmatch(value)
    if money:
        return fmt.money(Money(int(money[1]), money[2]))
    if evidence.field.endswith(("_at", "_until")):
        return fmt.time(datetime.fromisoformat(value)) if value != "None" else fmt.word("not_yet")
    if evidence.field.endswith("kind"):
        return fmt.method_kind(MethodKind(value))
    if evidence.field == "country":
        return fmt.country(value)
    return fmt.word(value)
