"""The action server: rasa_sdk's own, on loopback only, and only for callers with the shared token."""

from __future__ import annotations

import hmac
import sys

from rasa_sdk.endpoint import create_app as rasa_sdk_app
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions.bootstrap import services
from actions.settings import Settings, SettingsError


def create_app(token: str) -> Sanic:
    """rasa_sdk's application with every action of this package; `token` guards all but /health."""
    app = rasa_sdk_app("actions")

    @app.middleware("request")
    async def refuse_strangers(request: Request) -> HTTPResponse | None:
        if request.path == "/health":
            return None
        given = request.args.get("token", "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return json({"error": "not allowed"}, status=403)
        return None

    return app


def main() -> None:
    """Start on 127.0.0.1; exits with one sentence when a setting is missing or makes no sense."""
    try:
        settings = Settings.from_env()
        services()
    except (SettingsError, ValueError) as error:
        sys.exit(f"The action server cannot start: {error}")
    create_app(settings.actions_token).run(
        host="127.0.0.1", port=settings.port, workers=1, access_log=False, motd=False
    )


if __name__ == "__main__":
    main()
