"""The support database: conversations, messages, issued buttons and hand-offs.

`Store` is the only way in; the gateway is its only writer. Tables in `models`, their history
in `migrations` (`python -m bot.store.migrate`).
"""

from bot.store.models import Conversation, Handoff, Message, ReplyOption
from bot.store.store import IdempotencyConflict, NewMessage, NewReply, Overview, Store, UnknownReply

__all__ = [
    "Conversation",
    "Handoff",
    "IdempotencyConflict",
    "Message",
    "NewMessage",
    "NewReply",
    "Overview",
    "ReplyOption",
    "Store",
    "UnknownReply",
]
