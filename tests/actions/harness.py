"""Calls actions as the action server would, and remembers what they remember."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import CustomerAction
from actions.bootstrap import Services
from actions.diagnosis.policy import DEFAULT, Policy
from actions.identity import AUDIENCE

SECRET = "identity-secret-for-tests-only-0123456789"
Json = dict[str, Any]


class Talk:
    """One conversation of one customer (None: a visitor) with the actions over a ledger."""

    def __init__(
        self,
        ledger: Any,
        customer_id: str | None,
        now: datetime,
        *,
        budget_seconds: float = 5.0,
        policy: Policy = DEFAULT,
    ) -> None:
        self.now = now
        self.slots: Json = {"language": "zh"}
        self.said: list[Json] = []
        self._customer_id = customer_id
        clock: Callable[[], datetime] = lambda: self.now  # noqa: E731 - it must see later changes
        self._services = Services(
            ledger=ledger, identity_secret=SECRET, budget_seconds=budget_seconds, policy=policy, clock=clock
        )

    @property
    def responses(self) -> list[str]:
        """Names of the responses of the last answer, in order."""
        return [one["response"] for one in self.said if one.get("response")]

    @property
    def customs(self) -> list[Json]:
        """Structured messages of the last answer without words of their own."""
        return [one["custom"] for one in self.said if one.get("custom") and not one.get("response")]

    async def does(
        self,
        action: type[CustomerAction],
        intent: str,
        text: str = "",
        likely: Sequence[str] = (),
        **entities: Any,
    ) -> list[str]:
        """The action answers a message; the names of the responses that it chose.

        `likely`: the intents by falling confidence, only `intent` unless told.
        """
        found = [{"entity": name, "value": value} for name, value in entities.items()]
        latest = {
            "text": text,
            "intent": {"name": intent, "confidence": 1.0},
            "intent_ranking": [{"name": name, "confidence": 0.5} for name in likely or (intent,)],
            "entities": found,
            "metadata": {"identity": self._token()},
        }
        tracker = Tracker("conv", dict(self.slots), latest, [], False, None, {}, "action_listen")
        dispatcher = CollectingDispatcher()
        events = await action(self._services).run(dispatcher, tracker, {})
        self.slots.update({event["name"]: event["value"] for event in events if event["event"] == "slot"})
        self.said = dispatcher.messages
        return self.responses

    def _token(self) -> str | None:
        if self._customer_id is None:
            return None
        claims = {
            "sub": self._customer_id,
            "conv": "conv",
            "aud": AUDIENCE,
            "exp": datetime.now(timezone.utc) + timedelta(minutes=5),
        }
        return jwt.encode(claims, SECRET, algorithm="HS256")
