"""The gateway's side of the channel to Rasa (the other side is `bot.channel`)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from actions.protocol import Turn
from bot.settings import Secret

WEBHOOK = "/webhooks/gateway/webhook"
PARSE = "/webhooks/gateway/parse"
HEALTH = "/webhooks/gateway/"
MAX_ANSWER = 1_000_000  # bytes
MAX_MESSAGES = 50


class RasaFailed(Exception):
    """Rasa gave no usable answer; the text is our own word for why, free of customers' data."""


@dataclass(frozen=True)
class Said:
    """What Rasa answers to one turn, and what it understood of it (None: it was a payload)."""

    messages: list[dict[str, Any]]
    understood: dict[str, Any] | None = None


class RasaClient:
    """Sends turns to Rasa's gateway channel."""

    def __init__(self, url: str, token: Secret, timeout: float) -> None:
        self._timeout = timeout
        # trust_env: a proxy for the outside world must not see this loopback hop.
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token.reveal()}"},
            timeout=httpx.Timeout(timeout),
            limits=httpx.Limits(max_connections=100),
            trust_env=False,
        )

    async def close(self) -> None:
        """Gives the connections back."""
        await self._http.aclose()

    async def say(self, turn: Turn) -> Said:
        """The bot's messages for one turn. Raises RasaFailed."""
        try:
            response = await asyncio.wait_for(self._post(turn), self._timeout)
        except (asyncio.TimeoutError, httpx.TimeoutException):
            raise RasaFailed("timeout") from None
        except httpx.HTTPError as error:
            raise RasaFailed(type(error).__name__) from None
        if response.status_code != 200:
            raise RasaFailed(f"status {response.status_code}")
        return _said(response)

    async def understand(self, text: str) -> dict[str, Any] | None:
        """`{"intent", "confidence", "entities": [{"entity", "value"}]}` of words that the bot does not
        answer; None when Rasa cannot tell. Changes nothing in Rasa's memory."""
        try:
            response = await self._http.post(PARSE, json={"text": text}, timeout=min(5.0, self._timeout))
            found = response.json() if response.status_code == 200 else None
        except (httpx.HTTPError, ValueError, RecursionError):
            return None
        return _understood(found)

    async def _post(self, turn: Turn) -> httpx.Response:
        try:
            return await self._http.post(WEBHOOK, json=turn.as_json())
        except httpx.ConnectError:
            # Nothing was sent, so nothing can happen twice.
            await asyncio.sleep(min(0.2, self._timeout / 10))
            return await self._http.post(WEBHOOK, json=turn.as_json())

    async def ready(self) -> bool:
        """Whether Rasa is up, has a model and accepts our token."""
        try:
            response = await self._http.get(HEALTH, timeout=min(3.0, self._timeout))
        except httpx.HTTPError:
            return False
        return response.status_code == 200


def _understood(found: Any) -> dict[str, Any] | None:
    return found if isinstance(found, dict) and isinstance(found.get("intent"), str) else None


def _said(response: httpx.Response) -> Said:
    if len(response.content) > MAX_ANSWER:
        raise RasaFailed("answer too large")
    try:
        body = response.json()
    except (ValueError, RecursionError):
        raise RasaFailed("not JSON") from None
    messages = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(messages, list) or not all(isinstance(m, dict) for m in messages):
        raise RasaFailed("not a list of messages")
    return Said(messages[:MAX_MESSAGES], _understood(body.get("understood")))
