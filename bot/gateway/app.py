"""Puts the gateway together: parts, routes, pages, problem documents and headers."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from bot.gateway import attachments, closing, conversations, health, help, pages, problems, public, sessions
from bot.gateway.desk import wiring as desk
from bot.gateway.envelope import Envelope, Packed
from bot.gateway.limits import BodyLimit
from bot.gateway.logs import event
from bot.gateway.parts import Parts
from bot.settings import Settings
from bot.store import migrate

log = logging.getLogger(__name__)


def create_app(settings: Settings, *, web: Path = pages.WEB) -> FastAPI:
    """The gateway as an ASGI app.

    Its lifespan refuses to start (`bot.store.migrate.SchemaOutdated`) over a database that has
    not been migrated, then takes up messages left unanswered.
    """
    parts = Parts.wire(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await migrate.check(parts.store.engine)
        if settings.demo_mode:
            event(log, "DEMO MODE IS ON: anyone may sign in as a demo customer", level=logging.WARNING)
        parts.turns.start()
        parts.rounds.start()
        try:
            yield
        finally:
            await parts.rounds.stop()
            await parts.turns.stop()
            await parts.rasa.close()
            await parts.store.close()

    app = FastAPI(
        title="IM Wallet Support",
        version="0.1.0",
        lifespan=lifespan,
        # Their pages load scripts from elsewhere; /openapi.json stays.
        docs_url=None,
        redoc_url=None,
    )
    app.state.parts = parts
    problems.install(app)
    for part in (sessions, conversations, attachments, closing, public, help, health):
        app.include_router(part.router)
    desk.install(app, parts)
    pages.install(app, web, demo=settings.demo_mode)
    app.add_middleware(BodyLimit, limit=settings.max_body, larger={attachments.PATH: attachments.MOST})
    app.add_middleware(Packed, minimum_size=1_000)
    ancestors = {"/": settings.frame_ancestors, "/widget": settings.widget_frame_ancestors}
    app.add_middleware(Envelope, ancestors=ancestors, https=settings.https_only)
    return app
