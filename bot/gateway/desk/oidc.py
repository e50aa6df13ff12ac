"""Single sign-on for agents: OpenID Connect's authorization code flow with PKCE, through authlib.

Who someone is, and which role they have, comes from the ID token alone, whose signature, issuer, audience,
nonce and times are checked. What the browser carries from the start of the flow to its end is signed.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt as signed
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot.settings import OpenId, Secret
from bot.store.models import utcnow

COOKIE = "desk-oidc"
AUDIENCE = "desk-oidc"
FLOW_LIFETIME = timedelta(minutes=10)
KEPT_FOR = 3_600.0  # seconds that the provider's own description is kept
TIMEOUT = 8.0  # seconds
LEEWAY = 60  # seconds that the provider's clock may differ from ours
ALGORITHMS = ["RS256", "PS256", "ES256"]
SCOPE = "openid profile email"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Refused(Exception):
    """Nobody is signed in. `kind` is told to the page (`oidc_refused`: the sign-in failed;
    `oidc_unknown`: this person has no place here), `why` is our own word for the log."""

    def __init__(self, kind: str, why: str = "") -> None:
        super().__init__(kind)
        self.kind, self.why = kind, why


@dataclass(frozen=True)
class Person:
    """Whom the provider vouches for: `subject` names them for good, `role` is ours."""

    subject: str
    login: str
    name: str
    role: str


class SingleSignOn:
    """One OpenID provider. Raises Refused, everywhere."""

    def __init__(self, settings: OpenId, secret: Secret) -> None:
        """`secret` signs what the browser carries during the flow."""
        self._settings, self._secret = settings, secret
        # A proxy for the outside world has nothing to do with a provider on this machine.
        self._trust_env = urlsplit(settings.issuer).hostname not in LOOPBACK
        self._known: dict[str, Any] | None = None
        self._known_at = 0.0
        self._asking = asyncio.Lock()

    @property
    def label(self) -> str:
        """What the button says."""
        return self._settings.label

    async def start(self, back: str) -> tuple[str, str]:
        """The address to send the browser to, and what it has to bring back besides."""
        provider = await self._provider()
        flow = {name: secrets.token_urlsafe(48) for name in ("nonce", "verifier")}
        async with self._client(back) as client:
            address, state = client.create_authorization_url(
                provider["authorization_endpoint"], code_verifier=flow["verifier"], nonce=flow["nonce"]
            )
        claims = {**flow, "state": state, "aud": AUDIENCE, "exp": utcnow() + FLOW_LIFETIME}
        return address, jwt.encode(claims, self._secret.reveal(), algorithm="HS256")

    async def finish(self, answer: Mapping[str, str], carried: str, back: str) -> Person:
        """Who came back from the provider, with its `answer` in the query and what they `carried`."""
        try:
            flow = jwt.decode(
                carried,
                self._secret.reveal(),
                algorithms=["HS256"],
                audience=AUDIENCE,
                options={"require": ["exp", "aud"]},
            )
        except jwt.PyJWTError:
            raise Refused("oidc_refused", "no_flow") from None
        if not secrets.compare_digest(answer.get("state", "").encode(), flow["state"].encode()):
            raise Refused("oidc_refused", "state")
        if "code" not in answer:
            raise Refused("oidc_refused", "no_code")
        provider = await self._provider()
        try:
            async with self._client(back) as client:
                token = await client.fetch_token(
                    provider["token_endpoint"], code=answer["code"], code_verifier=flow["verifier"]
                )
            keys = KeySet.import_key_set(await self._get(provider["jwks_uri"]))
            found = signed.decode(str(token["id_token"]), keys, algorithms=ALGORITHMS)
            claims = CodeIDToken(
                found.claims,
                found.header,
                {
                    "iss": {"essential": True, "value": self._settings.issuer},
                    "sub": {"essential": True},
                    "aud": {"essential": True, "value": self._settings.client_id},
                    "exp": {"essential": True},
                },
                {"nonce": flow["nonce"], "client_id": self._settings.client_id},
            )
            claims.validate(leeway=LEEWAY)
        except (AuthlibBaseError, JoseError, httpx.HTTPError, KeyError, ValueError, TypeError) as error:
            raise Refused("oidc_refused", type(error).__name__) from None
        return self._person(found.claims)

    def _person(self, claims: Mapping[str, Any]) -> Person:
        held = claims.get(self._settings.role_claim)
        values = [held] if isinstance(held, str) else held if isinstance(held, list) else []
        ours = [self._settings.roles[value] for value in values if value in self._settings.roles]
        if not ours:
            raise Refused("oidc_unknown", "no_role")
        login = claims.get("preferred_username") or claims.get("email") or claims["sub"]
        return Person(
            subject=f"{self._settings.issuer} {claims['sub']}"[:300],
            login=str(login)[:80],
            name=str(claims.get("name") or login)[:80],
            role=max(ours, key=("agent", "lead", "admin").index),
        )

    def _client(self, back: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret.reveal(),
            scope=SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=TIMEOUT,
            trust_env=self._trust_env,
        )

    async def _provider(self) -> dict[str, Any]:
        """The provider's own description of itself (OpenID Connect Discovery 1.0)."""
        async with self._asking:
            if self._known is None or time.monotonic() - self._known_at > KEPT_FOR:
                try:
                    found = await self._get(f"{self._settings.issuer}/.well-known/openid-configuration")
                    usable = found["issuer"].rstrip("/") == self._settings.issuer
                    usable = usable and all(isinstance(found[name], str) for name in ENDPOINTS)
                except (httpx.HTTPError, KeyError, ValueError, AttributeError, TypeError) as error:
                    raise Refused("oidc_refused", f"discovery:{type(error).__name__}") from None
                if not usable:
                    raise Refused("oidc_refused", "discovery")
                self._known, self._known_at = found, time.monotonic()
            return self._known

    async def _get(self, address: str) -> Any:
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=self._trust_env) as http:
            response = await http.get(address)
        response.raise_for_status()
        return response.json()
