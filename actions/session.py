"""How a conversation begins, and goes on after a day's silence."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, SessionStarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher

_METADATA = "session_started_metadata"  # Rasa's own slot: the metadata of the message that starts a session


class SessionStart(Action):
    """Replaces Rasa's: keeps what is remembered, and begins in the page's language.

    The page's language is only a hint: it counts until the customer has written something that shows one.
    """

    def name(self) -> str:
        return "action_session_start"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Called by the action server before the first message is answered."""
        kept = {
            name: value for name, value in tracker.slots.items() if value is not None and name != _METADATA
        }
        hint = (tracker.get_slot(_METADATA) or {}).get("language")
        has_written = any(event.get("event") == "user" for event in tracker.events)
        if hint in ("zh", "en") and not has_written:
            kept["language"] = hint
        slots = [SlotSet(name, value) for name, value in kept.items()]
        return [SessionStarted(), *slots, ActionExecuted("action_listen")]
