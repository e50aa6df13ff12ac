"""Around every request: security headers, one log line, and no error that tells anything."""

from __future__ import annotations

import logging
import re
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.gateway import problems
from bot.gateway.logs import event, where

log = logging.getLogger(__name__)

# `blob:` for the customers' own pictures, which are fetched with their token and never have an address.
POLICY = (
    "default-src 'self'; img-src 'self' blob:; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors {ancestors}"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
UNPACKED = re.compile(r"/.*/(?:attachments/[^/]+|events)")
HTTPS_ONLY = "max-age=31536000; includeSubDomains"


class Envelope:
    """ASGI middleware. Written as plain ASGI so that event streams pass through unbuffered."""

    def __init__(self, app: ASGIApp, *, ancestors: dict[str, str], https: bool) -> None:
        """`ancestors`: who may show the page at a path in a frame, all others nobody; `https`: the
        service is reached over HTTPS only."""
        self.app, self.ancestors = app, ancestors
        self.headers = {**HEADERS, "Strict-Transport-Security": HTTPS_ONLY} if https else HEADERS

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
                    headers.setdefault(name, value)
                ancestors = self.ancestors.get(scope["path"], "'none'")
                headers["Content-Security-Policy"] = POLICY.format(ancestors=ancestors)
                if scope["path"].startswith("/api"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            if "\x00" in scope["path"]:  # PostgreSQL takes it for a mistake of ours
                language = Headers(scope=scope).get("accept-language")
                await problems.document(404, "not_found", language)(scope, receive, sealed)
                return
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


class Packed(GZipMiddleware):
    """Text is sent packed. Not pictures, which are packed already, nor event streams: their beginning would
    be held back until there is something to pack."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and UNPACKED.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _route(scope: Scope) -> str:
    """The route's pattern, never the path itself: a caller could put anything there."""
    return getattr(scope.get("route"), "path", "other")
