"""The action server: rasa_sdk's own, on loopback only, and only for callers with the shared token."""

from __future__ import annotations

import asyncio
import hmac
import logging
import sys
from typing import Any

from rasa_sdk.endpoint import create_app as rasa_sdk_app
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions import desk
from actions.bootstrap import services
from actions.diagnosis.facts import Incident
from actions.settings import Settings, SettingsError

log = logging.getLogger(__name__)


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

    @app.get("/incidents")
    async def incidents(request: Request) -> HTTPResponse:
        """What disturbs payments now, for everyone to know; 503 when the ledger cannot say in time."""
        here = services()
        try:
            found = await asyncio.wait_for(here.ledger.open_incidents(here.clock()), here.budget_seconds)
        except Exception:
            log.exception("the ledger did not say what incidents there are")
            return json({"error": "ledger"}, status=503)
        return json({"incidents": [_incident_json(one) for one in found]})

    @app.post("/customer")
    async def customer(request: Request) -> HTTPResponse:
        """A customer's payments for the agent who talks to them; see `actions.desk`."""
        here = services()
        try:
            whose, payment, language = desk.asked_for(_body(request), here.identity_secret)
        except desk.NotAllowed:
            return json({"error": "not allowed"}, status=403)
        try:
            view = desk.customer_view(here, whose, payment, language)
            found = await asyncio.wait_for(view, here.budget_seconds)
        except Exception as error:
            # Its kind only: a message could name what was looked for.
            log.error("the ledger did not answer the desk: %s", type(error).__name__)
            return json({"error": "ledger"}, status=503)
        return json(found) if found else json({"error": "unknown customer"}, status=404)

    return app


def _body(request: Request) -> Any:
    try:
        return request.json
    except Exception:
        return None


def _incident_json(incident: Incident) -> dict[str, Any]:
    end = incident.ended_at
    return {
        "id": incident.id,
        "what": {"zh": incident.title_zh, "en": incident.title_en},
        "since": incident.started_at.isoformat(),
        "expected_end": end.isoformat() if end else None,
    }


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
