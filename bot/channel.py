"""Rasa's one input channel: turns from the gateway in, whole bot messages out; and words understood only.

What a customer typed is plain words here, whatever it looks like. Rasa itself reads a text
that begins with "/" as an intent with entities (`YAMLStoryReader.unpack_regex_message`, run
after all of the NLU pipeline) and knows `EXTERNAL: intent` from its own events; only payloads
that the bot issued with a button may say such things, and the gateway vouches for those.
"""

from __future__ import annotations

import logging
import os
import re
import unicodedata
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions.protocol import Turn
from bot.settings import MIN_TOKEN, Secret, SettingsError, read_secret

log = logging.getLogger(__name__)

MAX_TEXT = 4_000  # characters; the gateway takes 2,000, masking may add some
MAX_PAYLOAD = 2_000
MAX_ENTITIES = 50
MAX_FIELD = 4_000  # identity tokens and the like
SLASHES = "/\u2044\u2215\u29f8\uff0f"
NO_WORDS = "…"  # for a text of which nothing is left: classified like anything not understood
EXTERNAL = re.compile("^(external)[\\s:\uff1a]*[:\uff1a]\\s*", re.IGNORECASE)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


def neutralise(text: str) -> str:
    """The customer's words in a form that Rasa cannot take for a command.

    Only the front matters to Rasa: slashes of any kind (a later component may fold full-width
    ones), blanks and invisible characters are taken off it, and the colon that would make
    `EXTERNAL:` a prefix. Everything else stays, so the words are classified as ever.
    """
    start = 0
    while start < len(text) and (
        text[start] in SLASHES or text[start].isspace() or unicodedata.category(text[start])[0] in "CZ"
    ):
        start += 1
    return EXTERNAL.sub(r"\1 ", text[start:]).rstrip() or NO_WORDS


class CollectedResponses(OutputChannel):
    """Keeps what belongs to one response (text, buttons, custom) in one message, in order."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """The channel's name in Rasa."""
        return GatewayChannel.name()

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Collects one response; empty parts are left out, and empty responses too."""
        kept = {key: message[key] for key in ("text", "buttons", "custom") if message.get(key)}
        if quick_replies := message.get("quick_replies"):
            kept["buttons"] = [*kept.get("buttons", []), *quick_replies]
        if kept:
            self.messages.append(kept)


class GatewayChannel(InputChannel):
    """POST /webhooks/gateway/webhook with a `Turn` → `{"messages": […], "understood": …}`; for the gateway
    only. `understood` is what `…/parse` gives, None for a payload: nobody had to understand that.

    POST …/parse with `{"text"}` → `{"intent", "confidence", "entities": [{"entity", "value"}]}`: what a
    customer means while a person answers them. It leaves no trace in the conversation's tracker.
    """

    def __init__(self, token: Secret) -> None:
        self._token = token

    @classmethod
    def name(cls) -> str:
        """The channel's name, and its place in the URL."""
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GatewayChannel:
        """Takes `token` from credentials.yml, else RASA_TOKEN or RASA_TOKEN_FILE.

        Raises RasaException, and so keeps Rasa from starting, when there is none.
        """
        env = dict(os.environ)
        if given := (credentials or {}).get("token"):
            env = {"RASA_TOKEN": str(given)}
        try:
            token = read_secret(env, "RASA_TOKEN", at_least=MIN_TOKEN)
        except SettingsError as error:
            raise RasaException(str(error)) from None
        if token is None:
            raise RasaException("RASA_TOKEN (or RASA_TOKEN_FILE) must be set.")
        return cls(token)

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The channel's routes, all for the bearer of the token."""
        routes = Blueprint("gateway_channel")

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            if not self._allowed(request):
                return _refuse(401)
            return json({"status": "ok"}) if _has_model(request) else _refuse(503)

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not self._allowed(request):
                return _refuse(401)
            turn = _read(request)
            if turn is None:
                return _refuse(400)
            if not _has_model(request):
                return _refuse(503)
            collected = CollectedResponses()
            message = self._message(turn, collected)
            try:
                if turn.payload is None:
                    # Rasa does not parse again what brings its parse along, and so we know what it knows.
                    message.parse_data = await request.app.ctx.agent.processor.parse_message(message)
                await on_new_message(message)
            except Exception as error:
                # The kind only: a message could repeat the customer's words.
                log.error("turn failed message=%s error=%s", turn.message_id, type(error).__name__)
                return _refuse(500)
            understood = _understood(message.parse_data) if message.parse_data else None
            return json({"messages": collected.messages, "understood": understood})

        @routes.route("/parse", methods=["POST"])
        async def parse(request: Request) -> HTTPResponse:
            if not self._allowed(request):
                return _refuse(401)
            text = _words(request)
            if text is None:
                return _refuse(400)
            if not _has_model(request):
                return _refuse(503)
            try:
                parsed = await request.app.ctx.agent.processor.parse_message(UserMessage(neutralise(text)))
            except Exception as error:
                log.error("parse failed error=%s", type(error).__name__)
                return _refuse(500)
            return json(_understood(parsed))

        return routes

    def _allowed(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self._token.matches(token.strip())

    def _message(self, turn: Turn, output: OutputChannel) -> UserMessage:
        return UserMessage(
            text=turn.payload if turn.payload is not None else neutralise(turn.text or ""),
            output_channel=output,
            sender_id=turn.sender,
            input_channel=self.name(),
            message_id=turn.message_id,
            metadata={
                "identity": turn.identity,
                "language": turn.language,
                "message_id": turn.message_id,
            },
        )


def _has_model(request: Request) -> bool:
    """Whether Rasa has loaded a model; without one it would swallow messages silently."""
    agent = getattr(request.app.ctx, "agent", None)
    return agent is not None and bool(agent.is_ready())


def _refuse(status: int) -> HTTPResponse:
    words = {400: "bad request", 401: "unauthorized", 503: "no model"}
    return json({"error": words.get(status, "internal error")}, status=status)


def _words(request: Request) -> str | None:
    """The words in a request's body; None unless there are some, not too many."""
    try:
        text = request.json["text"]
    except Exception:
        return None
    return text if isinstance(text, str) and 0 < len(text) <= MAX_TEXT else None


def _understood(parsed: dict[str, Any]) -> dict[str, Any]:
    intent = parsed.get("intent") or {}
    return {
        "intent": intent.get("name") or "",
        "confidence": intent.get("confidence"),
        "entities": [
            {"entity": found.get("entity"), "value": found.get("value")}
            for found in (parsed.get("entities") or [])[:MAX_ENTITIES]
        ],
    }


def _read(request: Request) -> Turn | None:
    """The turn in the request's body; None unless it keeps to the protocol."""
    try:
        body = request.json
    except Exception:
        return None
    if not isinstance(body, dict):
        return None
    values = {name: body.get(name) for name in Turn.__dataclass_fields__}
    if any(v is not None and not isinstance(v, str) for v in values.values()):
        return None
    turn = Turn(**values)  # type: ignore[arg-type] # the two that may not be None are looked at next
    limits = ((turn.text, MAX_TEXT), (turn.payload, MAX_PAYLOAD))
    if not turn.sender or not turn.message_id or (turn.text is None) == (turn.payload is None):
        return None
    if any(v is not None and len(v) > limit for v, limit in limits):
        return None
    others = (turn.sender, turn.message_id, turn.identity, turn.language)
    return None if any(v is not None and len(v) > MAX_FIELD for v in others) else turn
