"""Puts the gateway together: parts, routes, pages, problem documents and headers."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.gateway import conversations, health, problems, sessions
from bot.gateway.limits import BodyLimit
from bot.gateway.logs import event, where
from bot.gateway.parts import Parts
from bot.settings import Settings
from bot.store import migrate

log = logging.getLogger(__name__)

WEB = Path(__file__).parent.parent / "web"


def create_app(settings: Settings, *, web: Path = WEB) -> FastAPI:
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
        try:
            yield
        finally:
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
    for part in (sessions, conversations, health):
        app.include_router(part.router)
    _serve_pages(app, web)
    app.add_middleware(BodyLimit, limit=settings.max_body)
    app.add_middleware(Envelope, frame_ancestors=settings.frame_ancestors)
    return app


def _serve_pages(app: FastAPI, web: Path) -> None:
    app.mount("/static", StaticFiles(directory=web, check_dir=False), name="static")

    @app.get("/", include_in_schema=False)
    async def support_page() -> FileResponse:
        index = web / "index.html"
        if not index.is_file():
            raise problems.not_found()
        return FileResponse(index, headers={"Cache-Control": "no-cache"})


class Envelope:
    """Around every request: security headers, one log line, and no error that tells anything.

    Written as plain ASGI so that event streams pass through unbuffered.
    """

    def __init__(self, app: ASGIApp, frame_ancestors: str) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": (
                "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
                f"frame-ancestors {frame_ancestors}"
            ),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.monotonic(), 0

        async def sealed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers[name] = value
                if scope["path"].startswith("/api"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self.app(scope, receive, sealed)
        except Exception as error:
            event(log, "request.failed", level=logging.ERROR, route=_route(scope), error=where(error))
            if status:
                raise
            language = Headers(scope=scope).get("accept-language")
            await problems.document(500, "internal", language)(scope, receive, sealed)
        finally:
            event(
                log,
                "request",
                level=logging.DEBUG if _route(scope) in ("/healthz", "/readyz") else logging.INFO,
                method=scope["method"],
                route=_route(scope),
                status=status,
                ms=round(1000 * (time.monotonic() - started)),
            )


def _route(scope: Scope) -> str:
    """The route's pattern, never the path itself: a caller could put anything there."""
    return getattr(scope.get("route"), "path", "other")
