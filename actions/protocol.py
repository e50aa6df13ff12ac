"""The structured messages between the gateway, Rasa and the actions. No imports but the standard library.

Gateway → Rasa (`bot/channel.py`, POST /webhooks/gateway/webhook, bearer token): see `Turn`.
Rasa → gateway: `{"messages": [{"text"?, "buttons"?: [{"title", "payload", "payment"?}], "custom"?}]}`, where
`custom` is one of the dictionaries built here, told apart by their "kind".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

PART = "part"  # tags a text: {"kind": "part", "part": "step" or "point"}
CARD = "card"  # a diagnosis as data: drawn by the page, read by agents
HANDOFF = "handoff_request"  # please bring in a human
CASE = "case_request"  # please open a case, unless there is one for this
CASE_LIST = "case_list"  # please tell the customer of their cases here
RATING = "rating_request"  # please ask how it was


@dataclass(frozen=True)
class Turn:
    """One customer input on its way to Rasa: exactly one of `text` (plain words) or `payload`.

    `payload` is only ever one that the bot itself issued with a button (or the gateway's own
    commands); `identity` is the short-lived token that `bot.gateway` signs and
    `actions.identity` verifies, None for a visitor who is not signed in.
    """

    sender: str
    message_id: str
    text: str | None = None
    payload: str | None = None
    identity: str | None = None
    language: str | None = None  # the page's language: a hint until the customer has written

    def as_json(self) -> dict[str, Any]:
        """The request body."""
        return asdict(self)


def picture_sent(case: str | None) -> str:
    """The payload for pictures without words; `case`: the number of the open case that they were added to."""
    return "/picture_sent" + (json.dumps({"case": case}) if case else "")


def steps_done(done: Sequence[int], of: int) -> str:
    """The payload for fix steps that the customer says are done: their indexes, and how many there were."""
    return "/steps_done" + json.dumps({"done": ",".join(map(str, done)), "of": str(of)})


def step_part() -> dict[str, Any]:
    """Marks a text as one fix step; the gateway gathers steps into one list."""
    return {"kind": PART, "part": "step"}


def point_part() -> dict[str, Any]:
    """Marks a text as one of several points; the gateway makes one list of them."""
    return {"kind": PART, "part": "point"}


def card(
    *,
    cause: str,
    confidence: str,
    money: dict[str, Any],
    payment: dict[str, Any] | None,
    timeline: list[dict[str, Any]],
    evidence: list[dict[str, str]],
    next_actor: str,
    resolves_at: str | None,
    resolves: str | None,
    urgency: str,
) -> dict[str, Any]:
    """A diagnosis as data. `money`: {"state", "amount", "label"}; `payment`: {"merchant", "amount",
    "time", "method", "status"}; `timeline`: the stations of the money, [{"stage", "state": done, current,
    late or failed, "time", "amount"}], for a current one the time by which it is usually over. Texts,
    `resolves` too, are ready formatted in the customer's language and zone; `resolves_at` is UTC."""
    return {
        "kind": CARD,
        "cause": cause,
        "confidence": confidence,
        "money": money,
        "payment": payment,
        "timeline": timeline,
        "evidence": evidence,
        "next_actor": next_actor,
        "resolves_at": resolves_at,
        "resolves": resolves,
        "urgency": urgency,
    }


def handoff_request(
    *, reason: str, urgency: str, summary: str, diagnosis: dict[str, Any] | None
) -> dict[str, Any]:
    """Asks the gateway, the support store's only writer, to bring in a human.

    `reason`: asked, fraud, diagnosis, not_understood, not_solved; `urgency`: low … critical;
    `summary`: one paragraph for the agent; `diagnosis`: the card, evidence included.
    """
    return {
        "kind": HANDOFF,
        "reason": reason,
        "urgency": urgency,
        "summary": summary,
        "diagnosis": diagnosis,
    }


def case_request(
    *, about: str, cause: str, title: str, promised_by: str, summary: str, diagnosis: dict[str, Any] | None
) -> dict[str, Any]:
    """Asks the gateway to open a case for one thing, or to find the one that is open for it.

    `about`: the payment's id, or "account"; `title`: which payment, as the customer reads it;
    `promised_by`: ISO 8601, UTC; `summary` and `diagnosis` as in a hand-off.
    """
    return {
        "kind": CASE,
        "about": about,
        "cause": cause,
        "title": title,
        "promised_by": promised_by,
        "summary": summary,
        "diagnosis": diagnosis,
    }


def case_list() -> dict[str, Any]:
    """Asks the gateway to put the customer's cases here, with their numbers, promises and states."""
    return {"kind": CASE_LIST}


def rating_request() -> dict[str, Any]:
    """Asks the gateway to let the customer say how the conversation was."""
    return {"kind": RATING}
