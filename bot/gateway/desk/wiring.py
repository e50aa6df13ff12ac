"""Puts the desk into the gateway's app, and refuses to do so with a hole in the table of roles."""

from __future__ import annotations

from fastapi import FastAPI

from bot.gateway.desk import administration, case_routes, chat_routes, context_routes, lead_routes, signing_in
from bot.gateway.desk.caller import DeskParts
from bot.gateway.desk.roles import LEAST, desk_routes
from bot.gateway.parts import Parts


def install(app: FastAPI, parts: Parts) -> None:
    """Adds the desk's routes. Raises RuntimeError when a route has no role, or a role no route."""
    app.state.desk = DeskParts.wire(parts)
    for part in (signing_in, administration, chat_routes, context_routes, case_routes, lead_routes):
        app.include_router(part.router)
    if odd := desk_routes(app.routes) ^ set(LEAST):
        raise RuntimeError(f"the desk's routes and its table of roles differ: {sorted(odd)}")
