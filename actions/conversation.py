"""One message as an action sees it: who asks, what was understood, what is remembered, what to say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import protocol
from actions.bootstrap import Services
from actions.diagnosis.facts import Customer, Payment
from actions.formatting import Formatter
from actions.identity import verified_customer
from actions.matching import Details, named_merchants
from actions.when import resolve

WALLET_ZONE = "Asia/Shanghai"
# What stands before a detail that the customer takes back: "不是88,是368那笔".
_RULED_OUT = re.compile(
    r"(?:不是|唔係|唔系|并非|不要|\bnot|n't|\binstead of)\s*(?:the |at |on |in |from |那笔)?$", re.IGNORECASE
)


class Conversation:
    """Wraps Rasa's tracker and dispatcher for the actions.

    `customer` is set by `sign_in` and stays None for a visitor. Slots hold only references and
    counters; a payment id in a slot is looked up again under the verified customer each time.
    """

    def __init__(self, tracker: Tracker, dispatcher: CollectingDispatcher, services: Services) -> None:
        self.services = services
        self.now: datetime = services.clock()
        self.events: list[dict[str, Any]] = []
        self.customer: Customer | None = None
        self._tracker = tracker
        self._dispatcher = dispatcher
        self._changed: dict[str, Any] = {}

    async def sign_in(self) -> None:
        """Load the customer that the gateway vouches for, if any."""
        customer_id = verified_customer(
            self._message.get("metadata"),
            secret=self.services.identity_secret,
            conversation=self._tracker.sender_id,
        )
        if customer_id:
            self.customer = await self.services.ledger.customer(customer_id)

    # what was understood

    @property
    def _message(self) -> Mapping[str, Any]:
        return self._tracker.latest_message or {}

    @property
    def intent(self) -> str:
        """The intent of the message being answered."""
        return (self._message.get("intent") or {}).get("name") or ""

    @property
    def text(self) -> str:
        """The customer's words; empty for a pressed button."""
        text = self._message.get("text") or ""
        return "" if text.startswith("/") else text

    @property
    def likely_intents(self) -> list[str]:
        """Intents by falling confidence, the fallback itself left out."""
        ranking = self._message.get("intent_ranking") or []
        return [r["name"] for r in ranking if r.get("name") and r["name"] != "nlu_fallback"]

    def entity(self, name: str) -> Any:
        """The value of the entity of this kind in the message, or None.

        Of several the first counts; in a correction the last one said that is not ruled out:
        "不是昨天,是前天", "368, not 88". (The NLU puts what is ruled out behind the rest.)
        """
        found = [e for e in self._entities if e.get("entity") == name]
        if not found:
            return None
        if self.intent != "correct_detail":
            return found[0]["value"]
        meant = [e for e in found if not _RULED_OUT.search(self.text[: e.get("start") or 0])]
        return (meant or found)[-1]["value"]

    @property
    def _entities(self) -> list[dict[str, Any]]:
        return self._message.get("entities") or []

    def details(self, payments: list[Payment]) -> Details:
        """What this message says about a payment, against the customer's own records."""
        amount = self.entity("amount")
        amount = amount if isinstance(amount, dict) else {}
        when = self.entity("date_time")
        merchant = self.entity("merchant")
        merchants = named_merchants(f"{self.text} {merchant or ''}", payments, merchant)
        return Details(
            amount=amount.get("value"),
            currency=amount.get("currency") or self.entity("currency"),
            merchant=str(merchant) if merchant else ("named" if merchants else None),
            merchant_ids=merchants,
            when=resolve(when, self.now, self.zone) if isinstance(when, dict) else None,
            order_no=self.entity("order_number"),
            method=self.entity("payment_method"),
            country=self.entity("country"),
        )

    # what is remembered

    def slot(self, name: str) -> Any:
        """A slot's value, with what this action has already changed."""
        return self._changed.get(name, self._tracker.get_slot(name))

    def remember(self, **slots: Any) -> None:
        """Set slots when the action ends."""
        for name, value in slots.items():
            self._changed[name] = value
            self.events.append(SlotSet(name, value))

    # what is said

    @property
    def language(self) -> str:
        """zh or en: the language the customer last wrote in."""
        return "en" if self.slot("language") == "en" else "zh"

    @property
    def zone(self) -> str:
        """The customer's time zone (IANA)."""
        return self.customer.timezone if self.customer else WALLET_ZONE

    @property
    def format(self) -> Formatter:
        """Formats values for this customer."""
        return Formatter(self.language, self.zone, self.now)

    def say(
        self,
        response: str,
        *,
        buttons: list[dict[str, Any]] | None = None,
        custom: dict[str, Any] | None = None,
        **values: Any,
    ) -> None:
        """Say a response of `domain.yml`; `values` fill its variables, formatted by their type."""
        self._dispatcher.utter_message(
            response=response, buttons=buttons or [], json_message=custom or {}, **self.format.all(values)
        )

    def step(self, name: str, **values: Any) -> None:
        """Say one fix step; the gateway gathers steps into a numbered list."""
        self.say(f"utter_step_{name}", custom=protocol.step_part(), **values)

    def send(self, message: dict[str, Any]) -> None:
        """Send a structured message (card, hand-off request) without words of its own."""
        self._dispatcher.utter_message(json_message=message)

    def start_over(self) -> None:
        """Take back everything said and remembered by a failed action."""
        self._dispatcher.messages.clear()
        self.events.clear()
        self._changed.clear()
