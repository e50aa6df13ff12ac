"""Single sign-on against an OpenID provider on this machine, which can be made to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.settings import OpenId, Secret, Settings, SettingsError
from tests.desk.people import Colleague, appoint
from tests.gateway.conftest import Start
from tests.gateway.helpers import Gateway, Server, problem, rows

CLIENT, CLIENT_SECRET = "desk-client", "desk-client-secret"
ROLES = {"support": "agent", "leads": "lead", "admins": "admin"}


class Provider:
    """An OpenID provider: gives a code for whom the test says, and checks what comes with it."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = {}
        self.sign: Callable[[dict[str, Any]], str] = self._signed
        routes = [
            Route("/.well-known/openid-configuration", self._described),
            Route("/token", self._token, methods=["POST"]),
            Route("/keys", self._keys),
        ]
        self._server = Server(Starlette(routes=routes))
        self.url = self._server.url

    def stop(self) -> None:
        self._server.stop()

    def consent(self, address: str, **claims: Any) -> dict[str, str]:
        """Someone signs in at `address`: what their browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.url}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = (asked, claims)
        return {"code": code, "state": asked["state"]}

    async def _described(self, request: Request) -> Response:
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse({"issuer": self.url, **{name: f"{self.url}/{at}" for name, at in places.items()}})

    async def _keys(self, request: Request) -> Response:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return JSONResponse({"keys": [{**public, "kid": "k1", "use": "sig", "alg": "RS256"}]})

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        basic = base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        asked, claims = self.codes.pop(str(form.get("code")), ({}, {}))
        challenge = base64.urlsafe_b64encode(
            hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        ).rstrip(b"=")
        proven = (
            request.headers.get("authorization") == f"Basic {basic}"
            and challenge.decode() == asked.get("code_challenge")
            and form.get("redirect_uri") == asked.get("redirect_uri")
        )
        if not proven:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        whole = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "person-1",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **claims,
        }
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": self.sign(whole)})

    def _signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k1"})


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.stop()


@pytest.fixture
def gateway(start: Start, provider: Provider) -> Gateway:
    """A gateway whose agents may sign in through the provider."""
    settings = OpenId(provider.url, CLIENT, Secret(CLIENT_SECRET), ROLES, label="Company account")
    return start(oidc=settings)


def through(person: Colleague, provider: Provider, **claims: Any) -> httpx.Response:
    """The whole flow: to the provider, consent, and back."""
    begun = person.http.get("/api/desk/oidc/start")
    assert begun.status_code == 303
    back = provider.consent(begun.headers["location"], **claims)
    return person.http.get("/api/desk/oidc/callback", params=back)


ANNA = {"preferred_username": "anna", "name": "Anna", "roles": ["staff", "support"]}


def test_someone_with_a_role_is_signed_in_as_what_the_provider_says(
    gateway: Gateway, provider: Provider
) -> None:
    person = Colleague(gateway.url)
    ways = person.http.get("/api/desk/sign-in").json()
    assert ways["oidc"] == {"label": "Company account", "url": "/api/desk/oidc/start"}
    done = through(person, provider, **ANNA)
    assert done.headers["location"] == "/desk"
    agent = person.get("/session")["agent"]
    assert (agent["login"], agent["name"], agent["role"]) == ("anna", "Anna", "agent")

    again = Colleague(gateway.url)
    through(again, provider, **{**ANNA, "roles": ["leads", "support"]})
    assert again.get("/session")["agent"] == {**agent, "role": "lead"}, "the same account, the larger role"
    problem(person.asks("/session"), 401, "desk-signed-out")


def test_someone_without_a_role_has_no_place_here(gateway: Gateway, provider: Provider, db: Path) -> None:
    for roles in ([], ["staff"], "nonsense", None):
        done = through(Colleague(gateway.url), provider, **{**ANNA, "roles": roles})
        assert done.headers["location"] == "/desk#error=oidc_unknown"
        assert "desk=" not in done.headers.get("set-cookie", "").replace("desk-oidc=", "")
    assert rows(db, "SELECT * FROM agents") == []


LIES: dict[str, Callable[[Provider, dict[str, Any]], str]] = {
    "signed by somebody else": lambda p, c: jwt.encode(
        c, p.other_key, algorithm="RS256", headers={"kid": "k1"}
    ),
    "not signed at all": lambda p, c: jwt.encode(c, None, algorithm="none"),
    "signed with the public secret": lambda p, c: jwt.encode(c, CLIENT_SECRET * 3, algorithm="HS256"),
    "another nonce": lambda p, c: p._signed({**c, "nonce": "another"}),
    "no nonce": lambda p, c: p._signed({k: v for k, v in c.items() if k != "nonce"}),
    "for another client": lambda p, c: p._signed({**c, "aud": "another"}),
    "by another issuer": lambda p, c: p._signed({**c, "iss": "https://another.example"}),
    "run out": lambda p, c: p._signed({**c, "exp": int(time.time()) - 120}),
    "without a subject": lambda p, c: p._signed({k: v for k, v in c.items() if k != "sub"}),
    "no token": lambda p, c: "nonsense",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_proves_nothing_signs_nobody_in(
    gateway: Gateway, provider: Provider, db: Path, lie: str
) -> None:
    provider.sign = lambda claims: LIES[lie](provider, claims)
    person = Colleague(gateway.url)
    assert through(person, provider, **ANNA).headers["location"] == "/desk#error=oidc_refused"
    problem(person.asks("/session"), 401, "desk-signed-out")
    assert rows(db, "SELECT * FROM agents") == []


def test_an_answer_that_was_not_asked_for_signs_nobody_in(gateway: Gateway, provider: Provider) -> None:
    attacker, victim = Colleague(gateway.url), Colleague(gateway.url)
    begun = attacker.http.get("/api/desk/oidc/start")
    back = provider.consent(begun.headers["location"], **ANNA)
    planted = victim.http.get("/api/desk/oidc/callback", params=back)
    assert planted.headers["location"] == "/desk#error=oidc_refused", "their browser began nothing"
    victim.http.get("/api/desk/oidc/start")
    planted = victim.http.get("/api/desk/oidc/callback", params=back)
    assert planted.headers["location"] == "/desk#error=oidc_refused", "their browser began something else"
    attacker.http.get("/api/desk/oidc/callback", params={"state": back["state"], "error": "access_denied"})
    problem(attacker.asks("/session"), 401, "desk-signed-out")


def test_a_login_that_is_somebodys_is_not_handed_over(gateway: Gateway, provider: Provider, db: Path) -> None:
    appoint(gateway.url, db, "anna", "Anna", "admin")
    person = Colleague(gateway.url)
    assert through(person, provider, **ANNA).headers["location"] == "/desk#error=oidc_unknown"
    problem(person.asks("/session"), 401, "desk-signed-out")


def test_a_closed_account_stays_closed(gateway: Gateway, provider: Provider, db: Path) -> None:
    admin = appoint(gateway.url, db, "root", "Root", "admin")
    person = Colleague(gateway.url)
    through(person, provider, **ANNA)
    assert admin.http.patch(
        f"/api/desk/accounts/{person.get('/session')['agent']['id']}", json={"active": False}
    ).is_success
    assert through(person, provider, **ANNA).headers["location"] == "/desk#error=oidc_unknown"
    problem(person.sign_in("anna", ""), 401, "bad-login")


def test_a_provider_that_does_not_answer_signs_nobody_in(gateway: Gateway, provider: Provider) -> None:
    provider.stop()
    refused = Colleague(gateway.url).http.get("/api/desk/oidc/start")
    assert refused.headers["location"] == "/desk#error=oidc_refused"


def test_without_a_provider_there_is_no_such_way(start: Start) -> None:
    person = Colleague(start().url)
    assert person.http.get("/api/desk/sign-in").json()["oidc"] is None
    for path in ("start", "callback"):
        problem(person.http.get(f"/api/desk/oidc/{path}"), 404, "not-found")


SET = {
    "RASA_TOKEN": "r" * 32,
    "IDENTITY_SECRET": "i" * 32,
    "SESSION_SECRET": "s" * 32,
    "PUBLIC_URL": "https://support.example",
    "OIDC_ISSUER": "https://login.example/",
    "OIDC_CLIENT_ID": "desk",
    "OIDC_CLIENT_SECRET": "secret",
    "OIDC_ROLES": "support=agent, boss=admin",
}


def test_the_settings_of_a_provider(tmp_path: Path) -> None:
    found = Settings.from_env(SET).oidc
    assert found is not None and found.issuer == "https://login.example"
    assert found.roles == {"support": "agent", "boss": "admin"} and found.role_claim == "roles"
    file = tmp_path / "secret"
    file.write_text("from a file")
    kept = {**SET, "OIDC_CLIENT_SECRET": "", "OIDC_CLIENT_SECRET_FILE": str(file)}
    from_file = Settings.from_env(kept).oidc
    assert from_file is not None and from_file.client_secret == Secret("from a file")
    assert Settings.from_env({**SET, "OIDC_ISSUER": ""}).oidc is None


@pytest.mark.parametrize(
    "change",
    [
        {"OIDC_ISSUER": "http://login.example"},
        {"OIDC_CLIENT_ID": ""},
        {"OIDC_CLIENT_SECRET": ""},
        {"OIDC_ROLES": ""},
        {"OIDC_ROLES": "support=king"},
        {"OIDC_ROLES": "=agent"},
        {"PUBLIC_URL": ""},
    ],
)
def test_half_a_provider_keeps_the_gateway_from_starting(change: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="OIDC_"):
        Settings.from_env({**SET, **change})
