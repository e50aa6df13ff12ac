"""What goes over the wire: request bodies and the one shape of a message."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

from pydantic import BaseModel, Extra, StrictStr, conint, conlist, constr

from bot.gateway.problems import Problem
from bot.store import Conversation, Message, Overview
from bot.store.models import AGENT, CUSTOMER, Case

MAX_TEXT = 2_000  # characters of one customer message
MAX_KEY = 200
MAX_PICTURES = 4  # in one message
PREVIEW = 120  # characters of the newest message in a list

# Control characters, lone surrogates and invisible direction marks; newline and tab stay.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")


def clean(text: str) -> str:
    """What a client sent, without what no person types and no database takes."""
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


class _Body(BaseModel):
    class Config:
        extra = Extra.ignore


class SessionRequest(_Body):
    """`{"token"}` from the wallet, `{"demo_customer"}` in demo mode, or `{}` for a visitor."""

    token: StrictStr | None = None
    demo_customer: StrictStr | None = None
    language: StrictStr | None = None


class ConversationRequest(_Body):
    """The language of the page, if it is another than the session's."""

    language: StrictStr | None = None


class ReadRequest(_Body):
    """Up to which message the customer has read."""

    seq: conint(strict=True, ge=0, le=2**31 - 1)  # type: ignore[valid-type]


class StepsRequest(_Body):
    """Which of a message's fix steps are ticked, by their index."""

    done: conlist(conint(strict=True, ge=0, lt=100), max_items=100)  # type: ignore[valid-type]


class StepsDone(StepsRequest):
    """The steps of a message that the customer says are done."""

    message: StrictStr


class RatingRequest(_Body):
    """How a customer found a conversation: 1 (bad) to 5 (very good), and in their words."""

    score: conint(strict=True, ge=1, le=5)  # type: ignore[valid-type]
    words: constr(strict=True, max_length=1_000) = ""  # type: ignore[valid-type]


class MessageRequest(_Body):
    """Words, a pressed button, pictures (with words or without) or steps done: one of them.

    The idempotency key may come here or in its header.
    """

    text: StrictStr | None = None
    reply: StrictStr | None = None
    attachments: conlist(StrictStr, min_items=1, max_items=MAX_PICTURES) | None = None  # type: ignore[valid-type]
    steps_done: StepsDone | None = None
    client_id: StrictStr | None = None
    idempotency_key: StrictStr | None = None

    def kind(self) -> str:
        """Which of the contents it is. Raises a 422 problem for none and for several."""
        kinds = {
            "reply": self.reply is not None,
            "steps_done": self.steps_done is not None,
            "words": self.text is not None or self.attachments is not None,
        }
        given = [kind for kind, there in kinds.items() if there]
        if len(given) != 1:
            raise Problem(
                422, "invalid", errors=[{"at": "body", "code": "one_of_text_reply_attachments_steps"}]
            )
        return given[0]

    def words(self) -> str:
        """The text as it may be processed. Raises a 422 problem when it is empty or too long."""
        text = clean(self.text or "")
        if not text:
            raise Problem(422, "empty")
        if len(text) > MAX_TEXT:
            raise Problem(422, "too_long", limit=MAX_TEXT)
        return text

    def key(self, header: str | None) -> str | None:
        """The idempotency key, None when the client gave none. Raises a 422 problem for a bad one."""
        return checked_key(header or self.idempotency_key or self.client_id)


def checked_key(key: str | None) -> str | None:
    """An idempotency key as given, None for none. Raises a 422 problem for one that is no key."""
    if key is not None and not (0 < len(key) <= MAX_KEY and key.isprintable()):
        raise Problem(422, "invalid", errors=[{"at": "Idempotency-Key", "code": "value_error"}])
    return key


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, e.g. 2024-05-01T08:30:00.123Z."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def message_json(message: Message) -> dict[str, Any]:
    """A message as the browser sees it. The key of an agent's message is the agent's."""
    said = {
        "id": message.id,
        "seq": message.seq,
        "author": message.author,
        "text": message.text,
        "blocks": message.blocks,
        "created_at": timestamp(message.created_at),
        "key": message.client_key if message.author == CUSTOMER else None,
    }
    return {**said, "agent": {"name": message.agent_name}} if message.author == AGENT else said


def conversation_json(conversation: Conversation) -> dict[str, Any]:
    """A conversation as the browser sees it."""
    return {
        "id": conversation.id,
        "language": conversation.language,
        "created_at": timestamp(conversation.created_at),
    }


def overview_json(overview: Overview, status: dict[str, Any]) -> dict[str, Any]:
    """A conversation as a list shows it; `status` is its hand-off status object."""
    return {
        **conversation_json(overview.conversation),
        "updated_at": timestamp(overview.updated_at),
        "last_seq": overview.conversation.last_seq,
        "unread": overview.unread,
        "preview": overview.last_text[:PREVIEW],
        "status": status,
    }


def case_json(case: Case) -> dict[str, Any]:
    """A case as its customer sees it: never which record it is about."""
    return {
        "reference": case.reference,
        "status": case.status,
        "title": case.title,
        "promised_by": timestamp(case.promised_by),
        "created_at": timestamp(case.created_at),
    }
