"""Known incidents for everyone to see, asked of the action server, the only reader of the ledger."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import httpx

from bot.gateway.logs import event, where
from bot.settings import Secret

log = logging.getLogger(__name__)

KEPT_FOR = 30.0  # seconds
TIMEOUT = 3.0  # seconds
MOST = 20
LONGEST = 200  # characters of a text


class Incidents:
    """What the action server last said, asked again after a while."""

    def __init__(self, url: str, token: Secret | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._url, self._token, self._clock = url, token, clock
        self._known: list[dict[str, Any]] | None = None  # None: nobody could say
        self._asked_at: float | None = None
        self._asking = asyncio.Lock()

    async def now(self) -> list[dict[str, Any]] | None:
        """`[{"id", "what": {"zh", "en"}, "since", "expected_end"}]`; None when that cannot be known."""
        async with self._asking:  # one question, however many pages want to know
            if self._asked_at is None or self._clock() - self._asked_at > KEPT_FOR:
                self._known = await self._ask()
                self._asked_at = self._clock()
        return self._known

    async def _ask(self) -> list[dict[str, Any]] | None:
        if self._token is None:
            return None
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as http:
                address = f"{self._url}/incidents"
                answer = await http.get(address, params={"token": self._token.reveal()})
            answer.raise_for_status()
            return [_checked(one) for one in answer.json()["incidents"][:MOST]]
        except Exception as error:
            # Not `error` itself: its text holds the address, and that the token.
            event(log, "incidents.unknown", level=logging.WARNING, error=where(error))
            return None


def _checked(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(one["id"])[:LONGEST],
        "what": {language: str(one["what"][language])[:LONGEST] for language in ("zh", "en")},
        "since": str(one["since"])[:LONGEST],
        "expected_end": str(one["expected_end"])[:LONGEST] if one["expected_end"] else None,
    }
