"""The pages: support page, agents' desk, widget and its loader, the demo's host page, and their parts."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from bot.gateway.problems import not_found

WEB = Path(__file__).parent.parent / "web"
FRESH = {"Cache-Control": "no-cache"}  # kept by browsers, and asked about by its ETag each time


class _Files(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(FRESH)
        return response


class _Static(_Files):
    """What pages are made of. The pages themselves have addresses and rules of their own."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path.endswith(".html"):
            raise not_found()
        return await super().get_response(path, scope)


def install(app: FastAPI, web: Path, *, demo: bool) -> None:
    """Serves the files in `web`; the host page, an example of a shop's own, in demo mode only."""
    app.mount("/static", _Static(directory=web, check_dir=False), name="static")
    files = _Files(directory=web, check_dir=False)

    def page(path: str, file: str, headers: dict[str, str]) -> None:
        @app.api_route(path, methods=["GET", "HEAD"], include_in_schema=False, name=path)
        async def serve(request: Request) -> Response:
            response = await files.get_response(file, request.scope)
            response.headers.update(headers)
            return response

    page("/", "index.html", {})
    page("/widget", "widget.html", {})
    page("/desk", "desk.html", {})
    # Other sites load this one script; nothing else of ours is theirs to embed.
    page("/widget.js", "widget.js", {"Cross-Origin-Resource-Policy": "cross-origin"})
    if demo:
        page("/demo/host.html", "demo-host.html", {})
