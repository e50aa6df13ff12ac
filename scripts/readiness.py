"""Whether the running processes really answer, and really keep what they are told."""

from __future__ import annotations

import threading
import time
import uuid

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from actions.protocol import Turn

LIMIT_SECONDS = 240.0  # Rasa alone needs up to half a minute, on a busy small machine more
PAUSE_SECONDS = 0.3


class NotReady(Exception):
    """They did not become ready; the message is one sentence."""


def wait_until_ready(env: dict[str, str], stopping: threading.Event) -> None:
    """Returns when a message goes the whole way. Raises NotReady, also when `stopping` is set."""
    host = "127.0.0.1" if env["GATEWAY_HOST"] == "0.0.0.0" else env["GATEWAY_HOST"]  # noqa: S104
    address = f"http://{host}:{env['GATEWAY_PORT']}/readyz"
    deadline = time.monotonic() + LIMIT_SECONDS
    stopping.wait(1)  # nothing answers earlier, and the processes are forked while this thread sleeps
    with httpx.Client(timeout=10, trust_env=False) as client:
        while not _answers(client, address):
            if time.monotonic() > deadline:
                raise NotReady(f"not everything was ready after {LIMIT_SECONDS:.0f} s: see the lines above.")
            if stopping.wait(PAUSE_SECONDS):
                raise NotReady("stopped before everything was ready.")
            check_model(env, client)
        check_conversation(env, client)


def _answers(client: httpx.Client, address: str) -> bool:
    try:
        return client.get(address).status_code == 200
    except httpx.HTTPError:
        return False


def check_model(env: dict[str, str], client: httpx.Client) -> None:
    """Raises NotReady if Rasa is up without a model: it stays up then, and would never answer."""
    try:
        answer = client.get(f"{env['RASA_URL']}/webhooks/gateway/", headers=_bearer(env))
    except httpx.HTTPError:
        return  # not up yet: it listens once loading is over, well or badly
    if answer.status_code == 503:
        raise NotReady("Rasa could not load its model: the reason stands above.")


def _bearer(env: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {env['RASA_TOKEN']}"}


def check_conversation(env: dict[str, str], client: httpx.Client) -> None:
    """Has a visitor's short conversation with Rasa and looks for it in its store. Raises NotReady.

    Text shows that the model understands (and warms it up), a question that only an action can
    answer shows that Rasa reaches the action server with the right token. Rasa falls back to
    keeping conversations in memory with only a warning when its store fails; that would lose
    them silently, so we refuse to run like that.
    """
    sender = f"start-up-{uuid.uuid4().hex}"
    for words in ({"text": "你好"}, {"payload": "/check_balance"}):
        turn = Turn(sender=sender, message_id=uuid.uuid4().hex, language="zh", **words)
        if not _messages(env, client, turn):
            raise NotReady(
                "Rasa had nothing to say: most likely it can't reach the action server; see the lines above."
            )
    try:
        engine = create_engine(env["TRACKER_DB_URL"], future=True)
        with engine.begin() as connection:
            kept = connection.execute(text("DELETE FROM events WHERE sender_id = :s"), {"s": sender}).rowcount
        engine.dispose()
    except SQLAlchemyError as error:
        raise NotReady(
            f"the tracker store (TRACKER_DB_URL) can't be read ({type(error).__name__})."
        ) from error
    if not kept:
        raise NotReady("Rasa does not keep conversations in the configured tracker store (TRACKER_DB_URL).")


def _messages(env: dict[str, str], client: httpx.Client, turn: Turn) -> list[object]:
    """What Rasa says to one turn. Raises NotReady when it does not answer."""
    url = f"{env['RASA_URL']}/webhooks/gateway/webhook"
    try:
        answer = client.post(url, json=turn.as_json(), headers=_bearer(env), timeout=60)
    except httpx.HTTPError as error:
        raise NotReady(f"Rasa did not answer ({type(error).__name__}).") from error
    if answer.status_code != 200:
        raise NotReady(f"Rasa answered with HTTP {answer.status_code}.")
    return list(answer.json()["messages"])
