"""What all actions share: the verified customer, a time budget, and a kind sentence when something breaks."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import bring_in_human
from actions.bootstrap import Services, services
from actions.conversation import Conversation

logger = logging.getLogger(__name__)


class CustomerAction(Action, ABC):
    """An action that answers one message. Subclasses say their name and `act`."""

    def __init__(self, using: Services | None = None) -> None:
        self._services = using

    @abstractmethod
    async def act(self, talk: Conversation) -> None:
        """Answer through `talk`; the customer, if any, is signed in already."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Called by the action server."""
        using = self._services or services()
        talk = Conversation(tracker, dispatcher, using)
        try:
            await asyncio.wait_for(self._answer(talk), using.budget_seconds)
        except Exception as error:  # whatever broke, the customer gets a sentence and a way to a human
            # The type only: database errors quote parameters, which are the customer's data.
            logger.error("%s failed: %s", self.name(), type(error).__name__)
            logger.debug("details", exc_info=error)
            talk.start_over()
            talk.say("utter_records_unavailable")
            bring_in_human(talk, "fraud" if talk.intent == "unauthorized_transaction" else "system")
        return talk.events

    async def _answer(self, talk: Conversation) -> None:
        await talk.sign_in()
        await self.act(talk)
        also = talk.entity("also_wants")
        understood = talk.intent != "nlu_fallback"  # else it stands among the topics already
        if also and understood and also != talk.intent and not talk.slot("handed_off"):
            talk.say("utter_also_wanted")
            talk.say("utter_topic_human" if also == "human_handoff" else f"utter_topic_{also}")
