"""Who is asking: the only way from a message to a customer id.

The gateway signs a short-lived token for each message of a signed-in customer and sends it as
message metadata. Text, slots, sender ids and button payloads are never looked at here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt

AUDIENCE = "actions"


def verified_customer(metadata: Mapping[str, Any] | None, *, secret: str, conversation: str) -> str | None:
    """The customer id that the gateway vouches for, or None for a visitor who is not signed in.

    `metadata` is that of the message being answered. A token that is missing, expired, signed
    with another key, or made for another conversation counts as "not signed in".
    """
    token = (metadata or {}).get("identity")
    if not isinstance(token, str):
        return None
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            options={"require": ["exp", "sub", "conv"]},
        )
    except jwt.InvalidTokenError:
        return None
    if claims["conv"] != conversation:
        return None
    subject = claims["sub"]
    return subject if isinstance(subject, str) and subject else None
