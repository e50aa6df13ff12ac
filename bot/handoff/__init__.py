"""Bringing in a human: the record of who waits, for what, and all they need to know; and cases to trace.

One open hand-off a conversation, one open case a thing; the desk that answers them has its own adapters.
"""

from bot.handoff.cases import CaseRequest, cases_of, open_case
from bot.handoff.record import Request, create

__all__ = ["CaseRequest", "Request", "cases_of", "create", "open_case"]
