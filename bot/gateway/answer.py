"""Makes one bot message out of what Rasa answered, keeping order and trusting nothing in it.

`text` says everything for readers without blocks (screen readers, transcripts); `blocks` say
the same for the page. Buttons become quick replies whose payloads stay here.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actions import protocol
from bot.handoff import CaseRequest, Request
from bot.handoff.record import URGENCIES
from bot.store import NewReply

MAX_TEXT = 8_000
MAX_TITLE = 200
MAX_PAYLOAD = 2_000
MAX_BUTTONS = 12

# What the customer's page gets of a card: all but the evidence, which names records.
CARD_FIELDS = ("cause", "confidence", "money", "payment", "next_actor", "resolves_at", "resolves", "urgency")
CARD_PARTS = {
    "money": ("state", "amount", "label"),
    "payment": ("merchant", "amount", "time", "method", "status"),
}
CHOICE_PARTS = ("merchant", "amount", "time")  # of a payment to pick from
TIMELINE_PARTS = ("stage", "state", "time", "amount")
MAX_TIMELINE = 30
HANDOFF_BLOCK, CASE_BLOCK, CASES_BLOCK = "handoff", "case", "cases"


@dataclass
class Answer:
    """A reply in the making, and the human that it asks for, if any."""

    reply: NewReply
    handoff: Request | None = None
    case: CaseRequest | None = None
    malformed: int = 0  # parts of Rasa's answer that were left out
    understood: dict[str, Any] | None = None  # {"intent", "confidence", "entities"} of the customer's words

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it for the customer."""
        return not self.reply.text and not self.reply.blocks


@dataclass
class _Draft:
    texts: list[str] = field(default_factory=list)
    blocks: list[dict[str, Any]] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    options: list[tuple[str, str, str]] = field(default_factory=list)
    handoff: Request | None = None
    case: CaseRequest | None = None
    malformed: int = 0

    def close_lists(self) -> None:
        if self.steps:
            self.texts.append("\n".join(f"{n}. {step}" for n, step in enumerate(self.steps, 1)))
            self.blocks.append({"type": "steps", "items": self.steps})
            self.steps = []
        if self.points:
            self.say("\n".join(f"· {point}" for point in self.points))
            self.points = []

    def say(self, text: str) -> None:
        self.texts.append(text)
        self.blocks.append({"type": "text", "text": text})


def assemble(messages: list[dict[str, Any]]) -> Answer:
    """One answer from Rasa's messages (`{"text"?, "buttons"?, "custom"?}`), in their order.

    Parts that do not keep to `actions.protocol` are left out and counted, so that one bad
    card never costs the customer the text beside it.
    """
    draft = _Draft()
    for message in messages:
        custom = message.get("custom") or {}
        kind = custom.get("kind") if isinstance(custom, dict) else None
        text = _clean(message.get("text"))
        if kind == protocol.PART and custom.get("part") in ("step", "point") and text:
            (draft.steps if custom["part"] == "step" else draft.points).append(text)
            _add_buttons(draft, message.get("buttons"))
            continue
        if not (text or custom or message.get("buttons")):
            draft.malformed += 1
            continue
        draft.close_lists()
        if text:
            draft.say(text)
        if kind == protocol.CARD:
            _add_card(draft, custom)
        elif kind == protocol.HANDOFF:
            _add_handoff(draft, custom)
        elif kind == protocol.CASE:
            _add_case(draft, custom)
        elif kind == protocol.CASE_LIST:
            draft.blocks.append({"type": CASES_BLOCK})
        elif kind == protocol.RATING:
            draft.blocks.append({"type": "rating"})
        elif custom and kind != protocol.PART:
            draft.malformed += 1
        _add_buttons(draft, message.get("buttons"))
    draft.close_lists()
    reply = NewReply(text="\n\n".join(draft.texts), blocks=draft.blocks, options=draft.options)
    return Answer(reply=reply, handoff=draft.handoff, case=draft.case, malformed=draft.malformed)


def plain(text: str, buttons: list[tuple[str, str]] | None = None) -> Answer:
    """An answer in the gateway's own words; `buttons` are (title, payload)."""
    offered = [{"title": title, "payload": payload} for title, payload in buttons or []]
    return assemble([{"text": text, "buttons": offered}])


def name_handoff(reply: NewReply, status: str, reference: str, sentence: str) -> None:
    """Fills in the hand-off's block and adds its reference to the text."""
    for block in reply.blocks:
        if block["type"] == HANDOFF_BLOCK:
            block.update(status=status, reference=reference)
    reply.text = f"{reply.text}\n\n{sentence}".strip()


def name_case(reply: NewReply, case: dict[str, Any] | None, sentence: str) -> None:
    """Fills in the case's block and adds its number to the text; takes the block away without a case."""
    if case is None:
        reply.blocks = [block for block in reply.blocks if block["type"] != CASE_BLOCK]
        return
    for block in reply.blocks:
        if block["type"] == CASE_BLOCK:
            block.update(case)
    reply.text = f"{reply.text}\n\n{sentence}".strip()


def list_cases(reply: NewReply, cases: list[dict[str, Any]], sentences: list[str]) -> None:
    """Fills in the list of cases, as data and in words."""
    reply.blocks = [
        {"type": CASES_BLOCK, "cases": cases} if block["type"] == CASES_BLOCK else block
        for block in reply.blocks
    ]
    reply.text = "\n\n".join([*sentences, *([reply.text] if reply.text else [])])


def _clean(text: Any) -> str:
    if not isinstance(text, str):
        return ""
    # NUL cannot be stored by PostgreSQL, lone surrogates by nobody.
    return re.sub(r"[\x00\ud800-\udfff]", "", text).strip()[:MAX_TEXT]


def _add_buttons(draft: _Draft, buttons: Any) -> None:
    replies = []
    for button in (buttons if isinstance(buttons, list) else [])[:MAX_BUTTONS]:
        title = _clean(button.get("title"))[:MAX_TITLE] if isinstance(button, dict) else ""
        payload = button.get("payload") if isinstance(button, dict) else None
        if not title or not isinstance(payload, str) or not 0 < len(payload) <= MAX_PAYLOAD:
            draft.malformed += 1
            continue
        option_id = f"opt_{secrets.token_urlsafe(16)}"
        draft.options.append((option_id, title, payload))
        replies.append({"id": option_id, "title": title, **_payment_of(button)})
    if replies:
        draft.close_lists()
        draft.blocks.append({"type": "quick_replies", "replies": replies})


def _payment_of(button: dict[str, Any]) -> dict[str, Any]:
    """The payment that a button stands for, by what the customer knows of it: the page draws it as such."""
    payment = button.get("payment")
    if not isinstance(payment, dict):
        return {}
    words = {name: _clean(payment.get(name))[:MAX_TITLE] for name in CHOICE_PARTS}
    return {"payment": words} if all(words.values()) else {}


def _add_card(draft: _Draft, custom: dict[str, Any]) -> None:
    block: dict[str, Any] = {name: custom.get(name) for name in CARD_FIELDS}
    for part, names in CARD_PARTS.items():
        value = block[part]
        block[part] = {name: value.get(name) for name in names} if isinstance(value, dict) else None
    moments = custom.get("timeline")
    block["timeline"] = [
        {name: moment.get(name) for name in TIMELINE_PARTS}
        for moment in (moments if isinstance(moments, list) else [])[:MAX_TIMELINE]
        if isinstance(moment, dict)
    ]
    if not isinstance(block["cause"], str) or block["money"] is None:
        draft.malformed += 1
        return
    draft.blocks.append({"type": "diagnosis", **block})


def _add_case(draft: _Draft, custom: dict[str, Any]) -> None:
    about, diagnosis = _clean(custom.get("about"))[:64], custom.get("diagnosis")
    try:
        promised_by = datetime.fromisoformat(str(custom.get("promised_by")))
    except ValueError:
        promised_by = None
    if not about or promised_by is None or promised_by.tzinfo is None or draft.case is not None:
        draft.malformed += 1
        return
    draft.blocks.append({"type": CASE_BLOCK})
    draft.case = CaseRequest(
        about=about,
        cause=_clean(custom.get("cause"))[:40],
        title=_clean(custom.get("title"))[:200],
        promised_by=promised_by,
        summary=_clean(custom.get("summary")),
        diagnosis=diagnosis if isinstance(diagnosis, dict) else None,
    )


def _add_handoff(draft: _Draft, custom: dict[str, Any]) -> None:
    urgency, diagnosis = custom.get("urgency"), custom.get("diagnosis")
    wanted = Request(
        reason=_clean(custom.get("reason"))[:40] or "asked",
        urgency=urgency if urgency in URGENCIES else "medium",
        summary=_clean(custom.get("summary")),
        diagnosis=diagnosis if isinstance(diagnosis, dict) else None,
    )
    if draft.handoff is None:
        draft.blocks.append({"type": HANDOFF_BLOCK})
        draft.handoff = wanted
    elif URGENCIES.index(wanted.urgency) > URGENCIES.index(draft.handoff.urgency):
        draft.handoff = wanted
