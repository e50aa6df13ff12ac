"""Bringing in a human: the record of who waits, for what, and all they need to know; and cases to trace.

One open hand-off a conversation, one open case a thing. `states` is the machine, `moves` carries it out,
`customer` and `desk` are its two sides, `status` what a customer sees of it, `adapters` other help desks.
"""

from bot.handoff.cases import CaseRequest, cases_of, open_case
from bot.handoff.record import Request, create
from bot.handoff.status import status_of

__all__ = ["CaseRequest", "Request", "cases_of", "create", "open_case", "status_of"]
