"""What everyone may know without a session: incidents that are going on, and where else to turn."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from bot.gateway.callers import PartsHere

router = APIRouter(prefix="/api")


@router.get("/incidents")
async def incidents(parts: PartsHere) -> dict[str, Any]:
    """What disturbs payments now; `available` tells "none" from "not known"."""
    known = await parts.incidents.now()
    return {"available": known is not None, "incidents": known or []}


@router.get("/contacts")
async def contacts(parts: PartsHere) -> dict[str, Any]:
    """The contact channels, with their hours in words, and which are open now."""
    return {"channels": parts.contacts.now()}
