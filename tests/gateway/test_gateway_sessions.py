"""Who may hold a session: wallet tokens that prove it, visitors, and demo customers in demo mode."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.settings import Secret, WalletKey
from tests.gateway.helpers import (
    IDENTITY_SECRET,
    SESSION_SECRET,
    WALLET_SECRET,
    FakeRasa,
    Gateway,
    Person,
    Server,
    problem,
)

Start = Callable[..., Gateway]
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def public_pem(key: Any) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, form).decode()


def claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(timezone.utc)
    made = {"sub": "cust_wallet_1", "name": "王芳", "iat": now, "exp": now + timedelta(minutes=5), **changes}
    return {name: value for name, value in made.items() if value is not None}


def signed(key: Any = WALLET_SECRET, algorithm: str = "HS256", headers: Any = None, **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)


def sign_in(gateway: Gateway, token: str) -> httpx.Response:
    return gateway.stranger().http.post("/api/session", json={"token": token})


@pytest.fixture
def wallet(start: Start) -> Gateway:
    """A gateway that trusts the wallet's HS256 secret."""
    return start(wallet_key=WalletKey(secret=Secret(WALLET_SECRET)), demo_mode=False)


def test_a_wallet_token_signs_its_customer_in(wallet: Gateway) -> None:
    answer = sign_in(wallet, signed(language="en-GB"))
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access_token", "expires_at", "customer", "language"}
    assert body["customer"] == {"id": "cust_wallet_1", "name": "王芳"}
    assert body["language"] == "en"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_may_choose_the_language(wallet: Gateway) -> None:
    body = {"token": signed(language="en"), "language": "zh-CN"}
    assert wallet.stranger().http.post("/api/session", json=body).json()["language"] == "zh"


def expired() -> str:
    now = datetime.now(timezone.utc)
    return signed(iat=now - timedelta(hours=1), exp=now - timedelta(minutes=1))


BAD_TOKENS = {
    "alg none": lambda: jwt.encode(claims(), None, algorithm="none"),
    "wrong key": lambda: signed("another-secret-that-is-long-enough-01234"),
    "expired": expired,
    "no expiry": lambda: signed(exp=None),
    "no subject": lambda: signed(sub=None),
    "empty subject": lambda: signed(sub="  "),
    "long subject": lambda: signed(sub="x" * 129),
    "another algorithm": lambda: signed(WALLET_SECRET + WALLET_SECRET, "HS512"),
    "our own session secret": lambda: signed(SESSION_SECRET),
    "the identity secret": lambda: signed(IDENTITY_SECRET),
    "RS256 of somebody": lambda: signed(RSA_KEY, "RS256"),
    "tampered": lambda: signed()[:-4] + "AAAA",
    "no token": lambda: "hello",
    "empty": lambda: "",
    "very long": lambda: "a." * 5000,
}


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_a_token_that_proves_nothing_signs_nobody_in(wallet: Gateway, name: str) -> None:
    answer = sign_in(wallet, BAD_TOKENS[name]())
    problem(answer, 401, "bad-wallet-token")
    assert "access_token" not in answer.text


def test_issuer_and_audience_are_checked_when_configured(start: Start) -> None:
    key = WalletKey(secret=Secret(WALLET_SECRET))
    gateway = start(wallet_key=key, wallet_issuer="wallet", wallet_audience="support")
    assert sign_in(gateway, signed(iss="wallet", aud="support")).status_code == 200
    for wrong in ({}, {"iss": "wallet"}, {"aud": "support"}, {"iss": "other", "aud": "support"}):
        problem(sign_in(gateway, signed(**wrong)), 401, "bad-wallet-token")
    problem(sign_in(gateway, signed(iss="wallet", aud="shop")), 401, "bad-wallet-token")


@pytest.mark.parametrize(
    ("key", "algorithm"), [(RSA_KEY, "RS256"), (EC_KEY, "ES256")], ids=["RS256", "ES256"]
)
def test_a_public_key_pins_its_algorithm(start: Start, key: Any, algorithm: str) -> None:
    gateway = start(wallet_key=WalletKey(public_key=public_pem(key)))
    assert sign_in(gateway, signed(key, algorithm)).status_code == 200
    other = OTHER_RSA_KEY if algorithm == "RS256" else ec.generate_private_key(ec.SECP256R1())
    problem(sign_in(gateway, signed(other, algorithm)), 401, "bad-wallet-token")
    # The public key is no secret: a token "signed" with it as an HMAC key proves nothing.
    head = jwt.utils.base64url_encode(b'{"alg":"HS256","typ":"JWT"}').decode()
    now = int(datetime.now(timezone.utc).timestamp())
    body = jwt.utils.base64url_encode(json.dumps({"sub": "x", "exp": now + 60}).encode()).decode()
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = mac.sign(f"{head}.{body}".encode(), public_pem(key).encode())
    forged = f"{head}.{body}.{jwt.utils.base64url_encode(signature).decode()}"
    problem(sign_in(gateway, forged), 401, "bad-wallet-token")


@pytest.fixture
def jwks() -> Iterator[str]:
    """The address of the wallet's key set, with one RSA key called k1."""
    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA_KEY.public_key()))
    key_set = {"keys": [{**key, "kid": "k1", "use": "sig", "alg": "RS256"}]}

    async def serve(_: Any) -> JSONResponse:
        return JSONResponse(key_set)

    server = Server(Starlette(routes=[Route("/keys", serve)]))
    yield f"{server.url}/keys"
    server.stop()


def test_keys_may_come_from_the_wallets_key_set(start: Start, jwks: str) -> None:
    gateway = start(wallet_key=WalletKey(jwks_url=jwks))
    assert sign_in(gateway, signed(RSA_KEY, "RS256", {"kid": "k1"})).status_code == 200
    for key, kid in ((OTHER_RSA_KEY, "k1"), (RSA_KEY, "k2")):
        problem(sign_in(gateway, signed(key, "RS256", {"kid": kid})), 401, "bad-wallet-token")
    problem(sign_in(gateway, signed(headers={"kid": "k1"})), 401, "bad-wallet-token")


def test_an_unreachable_key_set_signs_nobody_in(start: Start) -> None:
    gateway = start(wallet_key=WalletKey(jwks_url="http://127.0.0.1:9/keys"))
    problem(sign_in(gateway, signed(RSA_KEY, "RS256", {"kid": "k1"})), 401, "bad-wallet-token")


def test_without_a_configured_key_no_token_is_good(gateway: Gateway) -> None:
    problem(sign_in(gateway, signed()), 401, "bad-wallet-token")


def test_visitors_are_nobody_and_each_is_another(gateway: Gateway, rasa: FakeRasa) -> None:
    one, other = gateway.visitor(), gateway.visitor()
    assert one.session["customer"] is None
    assert one.session["language"] == "zh"
    one.say("hello")
    assert rasa.turns[0]["identity"] is None
    other.conversation = one.conversation
    problem(other.http.get(f"{other.path}/messages"), 404, "not-found")


def test_a_session_without_a_body_is_a_visitors(gateway: Gateway) -> None:
    answer = gateway.stranger().http.post("/api/session", headers={"Accept-Language": "en-US,zh;q=0.5"})
    assert answer.json()["customer"] is None
    assert answer.json()["language"] == "en"


def test_nothing_else_in_the_body_makes_somebody_a_customer(gateway: Gateway) -> None:
    body = {"customer": {"id": "cust_bob"}, "customer_id": "cust_bob", "sub": "cust_bob", "cid": "cust_bob"}
    assert gateway.stranger().http.post("/api/session", json=body).json()["customer"] is None


def test_demo_mode_offers_its_customers(gateway: Gateway, charlie: Person) -> None:
    rows = charlie.http.get("/api/demo/customers").json()
    assert [row["id"] for row in rows] == ["cust_alice", "cust_bob"]
    assert set(rows[0]) == {"id", "name", "story", "language"}
    bob = gateway.signed_in("cust_bob")
    assert bob.session["customer"] == {"id": "cust_bob", "name": "Bob Ray"}
    assert bob.session["language"] == "en"
    answer = charlie.http.post("/api/session", json={"demo_customer": "cust_nobody"})
    problem(answer, 404, "not-found")


def test_outside_demo_mode_there_are_no_demo_customers(wallet: Gateway) -> None:
    http = wallet.stranger().http
    problem(http.get("/api/demo/customers"), 404, "not-found")
    problem(http.post("/api/session", json={"demo_customer": "cust_alice"}), 404, "not-found")


def test_a_token_and_a_demo_customer_together_are_refused(gateway: Gateway) -> None:
    body = {"token": signed(), "demo_customer": "cust_bob"}
    problem(gateway.stranger().http.post("/api/session", json=body), 422, "invalid")


def own_token(key: str | None = SESSION_SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    now = datetime.now(timezone.utc)
    later = now + timedelta(hours=1)
    made = {"sub": "customer:cust_bob", "cid": "cust_bob", "aud": "gateway", "exp": later}
    made |= {"sid": "session_of_bob", "end": later.timestamp()}
    kept = {name: value for name, value in {**made, **changes}.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm)


def test_an_access_token_made_by_us_is_good(charlie: Person) -> None:
    charlie.http.headers["Authorization"] = f"Bearer {own_token()}"
    assert charlie.http.post("/api/conversations", json={}).status_code == 201


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer hello",
        f"Basic {own_token()}",
        own_token(),
        f"Bearer {own_token(aud='actions')}",
        f"Bearer {own_token(aud=None)}",
        f"Bearer {own_token(exp=None)}",
        f"Bearer {own_token(exp=datetime.now(timezone.utc) - timedelta(seconds=1))}",
        f"Bearer {own_token(sub=None)}",
        f"Bearer {own_token(sid=None)}",
        f"Bearer {own_token(end=None)}",
        f"Bearer {signed()}",
        f"Bearer {own_token(key=IDENTITY_SECRET)}",
        f"Bearer {own_token(key=None, algorithm='none')}",
    ],
)
def test_only_our_own_unexpired_access_tokens_open_the_api(charlie: Person, header: str | None) -> None:
    if header is not None:
        charlie.http.headers["Authorization"] = header
    answer = charlie.http.post("/api/conversations", json={})
    problem(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_action_server_is_told_who_asks_for_five_minutes_at_most(alice: Person, rasa: FakeRasa) -> None:
    alice.say("hello")
    [turn] = rasa.turns
    told = jwt.decode(turn["identity"], IDENTITY_SECRET, algorithms=["HS256"], audience="actions")
    assert told["sub"] == "cust_alice"
    assert told["conv"] == turn["sender"] == alice.conversation
    assert 0 < told["exp"] - told["iat"] <= 300
