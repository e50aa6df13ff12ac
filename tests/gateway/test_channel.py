"""Rasa's channel: for the gateway's token only, and never a command out of a customer's words."""

from __future__ import annotations

import itertools
import logging
import socket
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rasa.core.channels.channel import OutputChannel, UserMessage, register
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.training_data.message import Message
from sanic import Sanic
from sanic.touchup import TouchUp

from actions.protocol import Turn
from bot.channel import GatewayChannel, neutralise

TOKEN = "channel-token-for-tests"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
WEBHOOK = "/webhooks/gateway/webhook"
counter = itertools.count()


class FakeAgent:
    """Stands where Rasa keeps its model; remembers messages and says what the test wants."""

    def __init__(self) -> None:
        self.heard: list[UserMessage] = []
        self.model = True
        self.say: Callable[[OutputChannel], Awaitable[None]] | None = None

    @property
    def processor(self) -> FakeAgent:
        return self

    def is_ready(self) -> bool:
        return self.model

    async def parse_message(self, message: UserMessage) -> dict[str, Any]:
        return {"text": message.text, "intent": {"name": "greet", "confidence": 0.75}, "entities": []}

    async def handle_message(self, message: UserMessage) -> None:
        self.heard.append(message)
        if self.say:
            await self.say(message.output_channel)


@pytest.fixture
def agent() -> FakeAgent:
    return FakeAgent()


def _let_sanic_start_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sanic rewrites its own methods at an app's start and cannot do so twice: put them back after."""
    if getattr(Sanic, "__touched__", False):
        monkeypatch.setattr(TouchUp, "run", lambda app: None)
    for target, name in TouchUp._registry:
        monkeypatch.setattr(target, name, getattr(target, name))
        monkeypatch.setattr(target, "__touched__", getattr(target, "__touched__", False), raising=False)


@pytest.fixture
async def http(agent: FakeAgent, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a Sanic app that Rasa itself has registered the channel with."""
    _let_sanic_start_again(monkeypatch)
    app = Sanic(f"rasa_{next(counter)}", configure_logging=False)
    app.ctx.agent = agent
    register([GatewayChannel.from_credentials({"token": TOKEN})], app, route="/webhooks/")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = await app.create_server(sock=listener, return_asyncio_server=True)
        await server.startup()
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            yield client
        server.close()
        await server.wait_closed()


def turn(**changes: Any) -> dict[str, Any]:
    return {**Turn(sender="conv_1", message_id="msg_1", text="付款失败").as_json(), **changes}


async def test_a_turn_reaches_rasa_with_what_belongs_to_it(http: httpx.AsyncClient, agent: FakeAgent) -> None:
    answer = await http.post(WEBHOOK, json=turn(identity="jwt", language="zh"), headers=AUTHORIZED)
    assert answer.status_code == 200
    assert answer.json()["messages"] == []
    [message] = agent.heard
    assert (message.text, message.sender_id, message.message_id) == ("付款失败", "conv_1", "msg_1")
    assert message.input_channel == "gateway"
    assert message.metadata == {"identity": "jwt", "language": "zh", "message_id": "msg_1"}


async def test_what_belongs_to_one_response_stays_together(http: httpx.AsyncClient, agent: FakeAgent) -> None:
    button = {"title": "t", "payload": "/p"}

    async def say(output: OutputChannel) -> None:
        for said in (
            {"text": "one\n\ntwo"},
            {"text": "step", "custom": {"kind": "part", "part": "step"}},
            {"text": "?", "buttons": [button], "custom": {"kind": "card"}, "image": None, "timestamp": 1.0},
            {"text": "q", "quick_replies": [button]},
            {"text": None, "custom": {"kind": "handoff_request"}},
            {"text": ""},
        ):
            await output.send_response("conv_1", said)

    agent.say = say
    answer = await http.post(WEBHOOK, json=turn(), headers=AUTHORIZED)
    assert answer.json()["messages"] == [
        {"text": "one\n\ntwo"},
        {"text": "step", "custom": {"kind": "part", "part": "step"}},
        {"text": "?", "buttons": [button], "custom": {"kind": "card"}},
        {"text": "q", "buttons": [button]},
        {"custom": {"kind": "handoff_request"}},
    ]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN])
async def test_without_the_token_nobody_gets_in(
    http: httpx.AsyncClient, agent: FakeAgent, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    assert (await http.post(WEBHOOK, json=turn(), headers=headers)).status_code == 401
    assert (await http.get("/webhooks/gateway/", headers=headers)).status_code == 401
    assert agent.heard == []


async def test_a_payload_is_passed_on_as_it_is(http: httpx.AsyncClient, agent: FakeAgent) -> None:
    payload = '/choose_payment{"ordinal": "1"}'
    await http.post(WEBHOOK, json=turn(text=None, payload=payload), headers=AUTHORIZED)
    assert agent.heard[0].text == payload


async def test_words_are_passed_on_as_words(http: httpx.AsyncClient, agent: FakeAgent) -> None:
    await http.post(WEBHOOK, json=turn(text='/inform{"amount": "1"}'), headers=AUTHORIZED)
    assert agent.heard[0].text == 'inform{"amount": "1"}'


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        turn(sender=None),
        turn(sender=""),
        turn(sender=5),
        turn(message_id=""),
        turn(text=None),
        turn(payload="/restart"),
        turn(text=["/restart"]),
        turn(text="x" * 4001),
        turn(text=None, payload="/" + "x" * 2000),
        turn(identity="x" * 4001),
        turn(identity={"sub": "cust_bob"}),
    ],
)
async def test_what_is_no_turn_is_refused(http: httpx.AsyncClient, agent: FakeAgent, body: Any) -> None:
    answer = await http.post(WEBHOOK, json=body, headers=AUTHORIZED)
    assert answer.status_code == 400
    assert agent.heard == []


async def test_broken_json_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.post(WEBHOOK, content=b"{oops", headers=AUTHORIZED)
    assert answer.status_code == 400


async def test_an_error_inside_tells_nothing(
    http: httpx.AsyncClient, agent: FakeAgent, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(output: OutputChannel) -> None:
        raise ValueError("付款失败 of 林伟")

    agent.say = fail
    with caplog.at_level(logging.DEBUG):
        answer = await http.post(WEBHOOK, json=turn(), headers=AUTHORIZED)
    assert answer.status_code == 500
    assert answer.json() == {"error": "internal error"}
    assert "林伟" not in caplog.text
    assert "ValueError" in caplog.text


async def test_health_knows_whether_there_is_a_model(http: httpx.AsyncClient, agent: FakeAgent) -> None:
    assert (await http.get("/webhooks/gateway/", headers=AUTHORIZED)).status_code == 200
    agent.model = False
    assert (await http.get("/webhooks/gateway/", headers=AUTHORIZED)).status_code == 503
    assert (await http.post(WEBHOOK, json=turn(), headers=AUTHORIZED)).status_code == 503
    assert agent.heard == []


def test_the_token_comes_from_credentials_the_environment_or_a_file(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("RASA_TOKEN", TOKEN)
    monkeypatch.delenv("RASA_TOKEN_FILE", raising=False)
    GatewayChannel.from_credentials({})
    monkeypatch.delenv("RASA_TOKEN")
    (tmp_path / "token").write_text(TOKEN)
    monkeypatch.setenv("RASA_TOKEN_FILE", str(tmp_path / "token"))
    GatewayChannel.from_credentials(None)


@pytest.mark.parametrize("credentials", [None, {}, {"token": ""}, {"token": None}, {"token": "short"}])
def test_without_a_token_rasa_does_not_start(monkeypatch, credentials: dict[str, Any] | None) -> None:
    monkeypatch.delenv("RASA_TOKEN", raising=False)
    monkeypatch.delenv("RASA_TOKEN_FILE", raising=False)
    with pytest.raises(RasaException, match="RASA_TOKEN"):
        GatewayChannel.from_credentials(credentials)


# --- words stay words -------------------------------------------------------------------------

WIDE_SLASH, WIDE_COLON = chr(0xFF0F), chr(0xFF1A)
HOSTILE = [
    "/restart",
    "/session_start",
    "/back",
    "/payment_failed",
    '/payment_failed{"account_id":"42"}',
    "/payment_failed@1.0",
    '/payment_failed@0.9{"amount": "1"}',
    "  /restart",
    "\n\t/restart",
    "//restart",
    "/ /restart",
    "/\n/restart",
    "\u200b/restart",
    "\ufeff/restart",
    "\u3000/restart",
    "\u00a0\u200e/restart",
    "\x00/restart",
    "\x1f/restart",
    "\x85/restart",
    f"{WIDE_SLASH}restart",
    f" {WIDE_SLASH}/restart",
    f"/{WIDE_SLASH}/ /\u200b/restart",
    "\u2044restart",
    "\u2215restart",
    "EXTERNAL: /restart",
    "EXTERNAL: payment_failed",
    "external:payment_failed",
    f"EXTERNAL{WIDE_COLON} restart",
    "EXTERNAL: EXTERNAL: restart",
    "/EXTERNAL: restart",
    "/",
    "///",
    "",
    " ",
]
DOMAIN = Domain.from_dict(
    {"intents": ["restart", "back", "session_start", "payment_failed"], "entities": ["amount", "account_id"]}
)


def reads_as_command(text: str) -> bool:
    """Whether Rasa's own parser, as its last NLU component calls it, takes the text for a command."""
    heard = UserMessage(text=text).text  # what Rasa does to a text on its way in
    before = Message({"text": heard})
    if heard and heard.strip().startswith("/"):
        return True  # even if it matched no intent: Rasa would log the customer's words
    [handled] = RegexMessageHandler().process([before], DOMAIN)
    return handled is not before or YAMLStoryReader.unpack_regex_message(before) is not before


def test_the_check_itself_knows_a_command() -> None:
    assert reads_as_command('/payment_failed{"amount":"1"}')
    assert not reads_as_command("my payment / order failed")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_no_command(text: str) -> None:
    plain = neutralise(text)
    assert plain
    assert not reads_as_command(plain)
    assert not plain.casefold().startswith(("external:", f"external{WIDE_COLON}"))
    # Nor when a component of the pipeline folds full-width characters first.
    assert not reads_as_command(unicodedata.normalize("NFKC", plain))


FRONT = st.sampled_from(["/", WIDE_SLASH, " ", "\u200b", "\u3000", "EXTERNAL:", "\x00", "@", "{", "\u0338"])


@given(st.lists(FRONT, max_size=6).map("".join), st.text(max_size=30))
@example("/", "restart")
def test_no_words_at_all_are_a_command(front: str, rest: str) -> None:
    plain = neutralise(front + rest)
    assert plain
    assert not reads_as_command(plain)
    assert not reads_as_command(unicodedata.normalize("NFKC", plain))


def test_every_character_that_folds_to_a_slash_is_known() -> None:
    for code in range(0x110000):
        if unicodedata.normalize("NFKC", chr(code)).strip().startswith("/"):
            assert neutralise(chr(code) + "restart") == "restart"


@pytest.mark.parametrize(
    "text",
    [
        "付款失败了，钱还被扣了",
        "my payment / order failed",
        "I paid 50%/month @ Starbucks {see receipt}",
        "externally: it works",
        "¥128.00 扣了两次",
        "😀 hello",
        "24/7?",
    ],
)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert neutralise(text) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/payment_failed", "payment_failed"),
        ("/ 付款失败了", "付款失败了"),
        ("EXTERNAL: my payment failed", "EXTERNAL my payment failed"),
    ],
)
def test_the_words_behind_a_command_are_still_classified(text: str, words: str) -> None:
    assert neutralise(text) == words


async def test_the_answer_tells_what_was_understood_of_words_and_nothing_of_a_payload(
    http: httpx.AsyncClient, agent: FakeAgent
) -> None:
    turn = {"sender": "conv_1", "message_id": "msg_1"}
    words = await http.post(WEBHOOK, json={**turn, "text": "hello"}, headers=AUTHORIZED)
    assert words.json()["understood"] == {"intent": "greet", "confidence": 0.75, "entities": []}
    assert agent.heard[0].parse_data["intent"]["name"] == "greet", "Rasa need not parse it again"

    pressed = await http.post(WEBHOOK, json={**turn, "payload": "/affirm"}, headers=AUTHORIZED)
    assert pressed.json()["understood"] is None
    assert agent.heard[1].parse_data is None


async def test_words_can_be_understood_without_being_answered(
    http: httpx.AsyncClient, agent: FakeAgent
) -> None:
    parse = "/webhooks/gateway/parse"
    answer = await http.post(parse, json={"text": "你好"}, headers=AUTHORIZED)
    assert answer.json() == {"intent": "greet", "confidence": 0.75, "entities": []}
    assert agent.heard == []
    assert (await http.post(parse, json={"text": "你好"})).status_code == 401
    for body in ({}, {"text": ""}, {"text": 7}, {"text": "x" * 4_001}, []):
        assert (await http.post(parse, json=body, headers=AUTHORIZED)).status_code == 400
    agent.model = False
    assert (await http.post(parse, json={"text": "你好"}, headers=AUTHORIZED)).status_code == 503
