"""The support database: conversations, messages, issued buttons and hand-offs.

`Store` is the only way in; the gateway is its only writer. Tables in `models`, their history
in `migrations` (`python -m bot.store.migrate`).
"""

from bot.store.desk_models import Agent, AuditEntry
from bot.store.handoff_models import AgentPresence, HandoffNote, HandoffStep, OutboxEntry
from bot.store.models import Attachment, Conversation, Handoff, Message, ReplyOption
from bot.store.pictures import Folder, Pictures, TooManyPictures
from bot.store.store import IdempotencyConflict, NewMessage, NewReply, Overview, Store, UnknownReply

__all__ = [
    "Agent",
    "AgentPresence",
    "Attachment",
    "AuditEntry",
    "Conversation",
    "Folder",
    "Handoff",
    "HandoffNote",
    "HandoffStep",
    "IdempotencyConflict",
    "Message",
    "NewMessage",
    "NewReply",
    "OutboxEntry",
    "Overview",
    "Pictures",
    "ReplyOption",
    "Store",
    "TooManyPictures",
    "UnknownReply",
]
