"""Who is asking: the wallet's tokens in, our own access tokens out, and the identity for actions.

A customer id comes from a verified token and from nothing else.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from bot.gateway.sentences import LANGUAGES
from bot.settings import Secret, Settings, SettingsError, WalletKey
from bot.store.models import utcnow

ACCESS_AUDIENCE = "gateway"
ACTIONS_AUDIENCE = "actions"
ACCESS_LIFETIME = timedelta(minutes=30)
SESSION_LIFETIME = timedelta(hours=12)  # however often it is renewed
IDENTITY_LIFETIME = timedelta(minutes=5)
MAX_TOKEN = 8_000  # characters
MAX_CUSTOMER_ID = 128
MAX_EMAIL = 254  # RFC 5321, 4.5.3
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
LEEWAY = 10  # seconds that the wallet's clock may differ from ours


class Refused(Exception):
    """A token that proves nothing. Which check failed is not told to the caller."""


@dataclass(frozen=True)
class Customer:
    """A wallet customer, as their token or the demo's list says."""

    id: str
    name: str = ""
    language: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class Session:
    """Who holds an access token. `subject` owns conversations; `customer_id` None = a visitor.

    A session is renewed under the same `id` until `ends_at`; each of its tokens runs out at `expires_at`.
    """

    id: str
    subject: str
    customer_id: str | None
    name: str
    language: str
    expires_at: datetime
    ends_at: datetime
    email: str | None = None


class WalletTokens:
    """Verifies the wallet back end's tokens with the one configured key."""

    def __init__(self, key: WalletKey | None, issuer: str | None, audience: str | None) -> None:
        self._issuer, self._audience = issuer, audience
        self._key: Any = None
        self._algorithms: list[str] = []
        self._jwks: jwt.PyJWKClient | None = None
        if key is None:
            return
        if key.secret:
            self._key, self._algorithms = key.secret.reveal(), ["HS256"]
        elif key.public_key:
            self._key, self._algorithms = _public_key(key.public_key)
        elif key.jwks_url:
            self._jwks = jwt.PyJWKClient(key.jwks_url, lifespan=600, timeout=5)

    async def verify(self, token: str) -> Customer:
        """The customer that the token was signed for. Raises Refused for any other token."""
        if len(token) > MAX_TOKEN:
            raise Refused
        try:
            key, algorithms = await self._key_for(token)
            claims = jwt.decode(
                token,
                key,
                algorithms=algorithms,
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY,
                options={"require": ["exp", "sub"], "verify_aud": self._audience is not None},
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Refused from None
        customer_id, name = claims["sub"].strip(), claims.get("name")
        if not 0 < len(customer_id) <= MAX_CUSTOMER_ID:
            raise Refused
        return Customer(
            id=customer_id,
            name=name[:200] if isinstance(name, str) else "",
            language=known_language(claims.get("language")),
            email=_address(claims.get("email")),
        )

    async def _key_for(self, token: str) -> tuple[Any, list[str]]:
        if self._jwks is not None:
            found = await asyncio.to_thread(self._jwks.get_signing_key_from_jwt, token)
            return _pin(found.key)
        if not self._algorithms:
            raise Refused
        return self._key, self._algorithms


def _public_key(pem: str) -> tuple[Any, list[str]]:
    try:
        return _pin(load_pem_public_key(pem.encode()))
    except (ValueError, TypeError, Refused):
        raise SettingsError("WALLET_JWT_PUBLIC_KEY must be an RSA or EC P-256 public key.") from None


def _pin(key: Any) -> tuple[Any, list[str]]:
    """The one algorithm that a kind of key is used with: the token's header has no say in it."""
    if isinstance(key, RSAPublicKey):
        return key, ["RS256"]
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key, ["ES256"]
    raise Refused


def _address(value: Any) -> str | None:
    """A claim that is one plain e-mail address; None for anything else."""
    return value if isinstance(value, str) and len(value) <= MAX_EMAIL and EMAIL.fullmatch(value) else None


def known_language(value: Any) -> str | None:
    """`zh` or `en` out of values like "zh-CN"; None for anything else."""
    short = value.lower().replace("_", "-").split("-")[0] if isinstance(value, str) else None
    return short if short in LANGUAGES else None


class AccessTokens:
    """Our own tokens: what the browser shows with each call."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def begin(self, customer: Customer | None, language: str) -> tuple[str, Session]:
        """A new session, and its first token, for a customer or for a visitor under a new random subject."""
        now = utcnow()
        session = Session(
            id=secrets.token_urlsafe(16),
            subject=f"customer:{customer.id}" if customer else f"visitor:{secrets.token_urlsafe(16)}",
            customer_id=customer.id if customer else None,
            name=customer.name if customer else "",
            language=language,
            expires_at=now + ACCESS_LIFETIME,
            ends_at=now + SESSION_LIFETIME,
            email=customer.email if customer else None,
        )
        return self._sign(session), session

    def renew(self, session: Session) -> tuple[str, Session]:
        """A further token of a session, never valid for longer than the session."""
        renewed = replace(session, expires_at=min(utcnow() + ACCESS_LIFETIME, session.ends_at))
        return self._sign(renewed), renewed

    def _sign(self, session: Session) -> str:
        claims: dict[str, Any] = {
            "sub": session.subject,
            "aud": ACCESS_AUDIENCE,
            "sid": session.id,
            "jti": secrets.token_urlsafe(8),  # a renewed token is another one, also within the same second
            "iat": utcnow(),
            "exp": session.expires_at,
            "end": session.ends_at.timestamp(),
            "lang": session.language,
        }
        if session.customer_id is not None:
            claims |= {"cid": session.customer_id, "name": session.name, "email": session.email}
        return jwt.encode(claims, self._secret.reveal(), algorithm="HS256")

    def verify(self, token: str) -> Session:
        """Who holds the token. Raises Refused when it is not ours or has run out."""
        if len(token) > MAX_TOKEN:
            raise Refused
        try:
            claims = jwt.decode(
                token,
                self._secret.reveal(),
                algorithms=["HS256"],
                audience=ACCESS_AUDIENCE,
                options={"require": ["exp", "sub", "aud"]},
            )
            return Session(
                id=claims["sid"],
                subject=claims["sub"],
                customer_id=claims.get("cid"),
                name=claims.get("name", ""),
                language=known_language(claims.get("lang")) or LANGUAGES[0],
                expires_at=datetime.fromtimestamp(claims["exp"], tz=timezone.utc),
                ends_at=datetime.fromtimestamp(claims["end"], tz=timezone.utc),
                email=claims.get("email"),
            )
        except (jwt.PyJWTError, KeyError, ValueError, TypeError):
            raise Refused from None


def sign_identity(settings: Settings, customer_id: str | None, conversation_id: str) -> str | None:
    """The short-lived word to the action server on whose behalf a message comes; None for a visitor."""
    if customer_id is None:
        return None
    now = utcnow()
    claims = {
        "sub": customer_id,
        "aud": ACTIONS_AUDIENCE,
        "conv": conversation_id,
        "iat": now,
        "exp": now + IDENTITY_LIFETIME,
    }
    return jwt.encode(claims, settings.identity_secret.reveal(), algorithm="HS256")
