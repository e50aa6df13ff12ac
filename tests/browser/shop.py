"""Another site that embeds the widget: its own origin, and as strict a policy as a bank's."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.gateway.helpers import Server

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>A shop</title>
<main><h1>A shop</h1><button>Buy</button></main>{scripts}</html>"""


class Shop:
    """Serves one page with the scripts that a test wants; nothing inline can run or style there."""

    def __init__(self) -> None:
        self.support = ""  # the gateway's address
        self.scripts = ""
        self._server = Server(
            Starlette(routes=[Route("/", self._page), Route("/favicon.ico", self._no_icon)])
        )
        self.url = self._server.url

    def embeds(self, support: str, attributes: str = "", times: int = 1) -> None:
        """The page holds the widget's one line."""
        self.support = support
        self.scripts = f'<script src="{support}/widget.js" {attributes}></script>' * times

    def stop(self) -> None:
        """Closes the shop."""
        self._server.stop()

    async def _no_icon(self, request: Request) -> Response:
        return Response(status_code=204)

    async def _page(self, request: Request) -> Response:
        policy = f"default-src 'none'; script-src {self.support}; frame-src {self.support}; img-src 'self'"
        return HTMLResponse(PAGE.format(scripts=self.scripts), headers={"Content-Security-Policy": policy})
