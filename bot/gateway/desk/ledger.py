"""What an agent may know of a customer's payments, asked of the action server, the ledger's only reader."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import httpx
import jwt

from bot.gateway.logs import event, where
from bot.settings import Settings
from bot.store import Conversation
from bot.store.models import utcnow

log = logging.getLogger(__name__)

AUDIENCE = "desk"  # never "actions": a token for one door does not open the other
LIFETIME = timedelta(seconds=60)
TIMEOUT = 6.0  # seconds
LARGEST = 500_000  # bytes


class LedgerView:
    """Asks about one customer at a time, in the name of a conversation of theirs."""

    def __init__(self, settings: Settings) -> None:
        self._url, self._token = settings.actions_url, settings.actions_token
        self._secret = settings.identity_secret

    async def customer(
        self, conversation: Conversation, payment_id: str | None, language: str
    ) -> dict[str, Any] | None:
        """`{"customer", "payments", "current"}` of the conversation's customer; None for a visitor, and
        when it cannot be known now. `payment_id`: the payment in question, if that is known."""
        if conversation.customer_id is None or self._token is None:
            return None
        claims = {
            "sub": conversation.customer_id,
            "aud": AUDIENCE,
            "conv": conversation.id,
            "exp": utcnow() + LIFETIME,
        }
        identity = jwt.encode(claims, self._secret.reveal(), algorithm="HS256")
        body = {"identity": identity, "payment": payment_id, "language": language}
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as http:
                answer = await asyncio.wait_for(
                    http.post(f"{self._url}/customer", params={"token": self._token.reveal()}, json=body),
                    TIMEOUT,
                )
            if answer.status_code == 404:
                return {"customer": None, "payments": [], "current": None}
            answer.raise_for_status()
            if len(answer.content) > LARGEST:
                raise ValueError("too large")
            found = answer.json()
            return {name: found[name] for name in ("customer", "payments", "current")}
        except Exception as error:
            # Not `error` itself: its text holds the address, and that the token.
            event(
                log,
                "desk.ledger_unknown",
                level=logging.WARNING,
                conversation=conversation.id,
                error=where(error),
            )
            return None


def payment_in_question(diagnosis: dict[str, Any] | None) -> str | None:
    """The payment that a diagnosis is about, by its evidence."""
    for piece in (diagnosis or {}).get("evidence") or []:
        if isinstance(piece, dict) and piece.get("record") == "payment" and isinstance(piece.get("id"), str):
            return str(piece["id"])
    return None
