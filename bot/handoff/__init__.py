"""Bringing in a human: the record of who waits, for what, and all they need to know.

One open hand-off a conversation; the desk that answers it comes with its own adapters.
"""

from bot.handoff.record import Request, create

__all__ = ["Request", "create"]
