"""Whether the process is up, and whether it can do its work."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from bot.gateway.callers import PartsHere
from bot.gateway.problems import Problem

router = APIRouter()


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process is up."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(parts: PartsHere) -> JSONResponse:
    """200 when messages can be stored and answered, else a 503 problem that says what is missing."""
    checks = {"store": "ok", "rasa": "ok"}
    try:
        await parts.store.ping()
    except Exception:
        checks["store"] = "unreachable"
    if not await parts.rasa.ready():
        checks["rasa"] = "not ready"
    if set(checks.values()) != {"ok"}:
        raise Problem(503, "not_ready", headers={"Retry-After": "2"}, checks=checks)
    return JSONResponse({"status": "ready", "checks": checks})
