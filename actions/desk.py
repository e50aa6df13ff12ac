"""What an agent at the desk may see of the customer who is talking to them: their payments, read anew.

The gateway says for whom it asks with a token of its own audience, so that nothing signed for a message
opens this door. Amounts and times are ready formatted, in the customer's zone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt

from actions.answer import card
from actions.bootstrap import Services
from actions.diagnosis import diagnose, needs_attention
from actions.diagnosis.facts import Payment
from actions.formatting import Formatter

AUDIENCE = "desk"
LOOK_BACK = timedelta(days=180)
MOST = 20  # payments
LONGEST_ID = 64


class NotAllowed(Exception):
    """The call does not show on whose behalf it comes."""


def asked_for(body: Any, secret: str) -> tuple[str, str | None, str]:
    """The customer, the payment in question if one is named, and the language. Raises NotAllowed."""
    body = body if isinstance(body, dict) else {}
    try:
        claims = jwt.decode(
            body.get("identity") or "",
            secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            options={"require": ["exp", "sub", "conv", "aud"]},
        )
    except (jwt.InvalidTokenError, TypeError):
        raise NotAllowed from None
    customer, payment = claims["sub"], body.get("payment")
    if not isinstance(customer, str) or not customer:
        raise NotAllowed
    named = payment if isinstance(payment, str) and 0 < len(payment) <= LONGEST_ID else None
    return customer, named, "en" if body.get("language") == "en" else "zh"


async def customer_view(
    here: Services, customer_id: str, payment_id: str | None, language: str
) -> dict[str, Any] | None:
    """`{"customer", "payments", "current"}`; None when the ledger does not know the customer.

    `current` is today's diagnosis of the payment in question: the one named, if it is theirs, else the
    newest that needs attention.
    """
    customer = await here.ledger.customer(customer_id)
    if customer is None:
        return None
    now = here.clock()
    payments = await here.ledger.payments(customer_id, since=now - LOOK_BACK, limit=MOST)
    chosen = payment_id or _troubled(payments, here)
    facts = await here.ledger.facts(customer_id, chosen) if chosen else None
    fmt = Formatter(language, customer.timezone, now)
    current = None
    if facts is not None and facts.payment is not None:
        current = card(fmt, diagnose(facts, now, here.policy)[0], facts.payment)
    return {
        "customer": {"name": customer.name, "language": customer.language, "zone": customer.timezone},
        "payments": [_payment_json(fmt, one, in_question=one.id == chosen) for one in payments],
        "current": current,
    }


def _troubled(payments: list[Payment], here: Services) -> str | None:
    now = here.clock()
    return next((one.id for one in payments if needs_attention(one, now, here.policy)), None)


def _payment_json(fmt: Formatter, payment: Payment, *, in_question: bool) -> dict[str, Any]:
    return {
        "id": payment.id,
        "order_no": payment.order_no,
        "merchant": fmt.merchant(payment.merchant),
        "amount": fmt.money(payment.amount),
        "method": fmt.method(payment.method),
        "status": payment.status.value,
        "created_at": payment.created_at.isoformat(),
        "in_question": in_question,
        "refunds": [
            {
                "amount": fmt.money(refund.amount),
                "status": refund.status.value,
                "accepted_at": refund.accepted_at.isoformat(),
                "completed_at": refund.completed_at.isoformat() if refund.completed_at else None,
                "destination": fmt.method(refund.destination),
            }
            for refund in payment.refunds
        ],
    }
