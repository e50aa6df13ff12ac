"""What everyone may know: incidents, as the action server tells them, and contact channels."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.gateway.incidents import KEPT_FOR, Incidents
from bot.settings import Secret
from tests.gateway.helpers import Gateway, Json, Server

TOKEN = "actions-token-for-tests-only-0123456789"
ONE = {
    "id": "inc_1",
    "what": {"zh": "银行通道繁忙", "en": "The bank's channel is busy"},
    "since": "2026-11-25T01:00:00+00:00",
    "expected_end": None,
}


class FakeActions:
    """An action server that tells of `incidents`, or answers with `broken`."""

    def __init__(self) -> None:
        self.incidents: list[Json] = [ONE]
        self.broken: Response | None = None
        self.asked = 0
        self.server = Server(Starlette(routes=[Route("/incidents", self._tell)]))

    async def _tell(self, request: Request) -> Response:
        self.asked += 1
        if request.query_params.get("token") != TOKEN:
            return JSONResponse({}, 403)
        return self.broken or JSONResponse({"incidents": self.incidents})


@pytest.fixture
def actions() -> Iterator[FakeActions]:
    fake = FakeActions()
    yield fake
    fake.server.stop()


def test_known_incidents_are_told_to_anyone(start: Callable[..., Gateway], actions: FakeActions) -> None:
    gateway = start(actions_url=actions.server.url, actions_token=Secret(TOKEN))
    answers = [gateway.stranger().http.get("/api/incidents").json() for _ in range(3)]
    assert answers == [{"available": True, "incidents": [ONE]}] * 3
    assert actions.asked == 1, "asked once in a while, not for each visitor"


@pytest.mark.parametrize(
    "broken",
    [
        Response("no", 500),
        Response("no json"),
        JSONResponse({"incidents": [{"id": 1}]}),
        JSONResponse({"incidents": None}),
        JSONResponse([]),
    ],
    ids=["error", "not json", "without words", "no list", "another shape"],
)
async def test_an_answer_that_is_none_is_not_taken_for_calm(actions: FakeActions, broken: Response) -> None:
    actions.broken = broken
    assert await Incidents(actions.server.url, Secret(TOKEN)).now() is None


async def test_a_dead_action_server_is_no_error(
    actions: FakeActions, start: Callable[..., Gateway], caplog: pytest.LogCaptureFixture
) -> None:
    actions.server.stop()
    gateway = start(actions_url=actions.server.url, actions_token=Secret(TOKEN))
    assert gateway.stranger().http.get("/api/incidents").json() == {"available": False, "incidents": []}
    assert TOKEN not in caplog.text


async def test_it_is_asked_again_after_a_while(actions: FakeActions) -> None:
    now = [0.0]
    incidents = Incidents(actions.server.url, Secret(TOKEN), clock=lambda: now[0])
    assert await incidents.now() == [ONE]
    actions.incidents = []
    now[0] = KEPT_FOR - 1
    assert await incidents.now() == [ONE]
    now[0] = KEPT_FOR + 1
    assert await incidents.now() == []


def test_contact_channels_say_whether_they_are_open(gateway: Gateway) -> None:
    channels = gateway.stranger().http.get("/api/contacts").json()["channels"]
    kinds = {channel["kind"]: channel for channel in channels}
    assert set(kinds) == {"hotline", "live_chat", "email", "social"}
    assert all(set(channel["text"]) == {"zh", "en"} for channel in channels)
    assert isinstance(kinds["live_chat"]["open_now"], bool)
    assert kinds["email"]["open_now"] is None
