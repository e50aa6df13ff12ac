"""Only what the gateway signed for this conversation makes somebody a customer."""

import time

import jwt
import pytest

from actions.identity import verified_customer

SECRET = "a-secret-of-the-gateway-and-actions"


def token(secret: str = SECRET, algorithm: str = "HS256", **claims) -> str:
    full = {"sub": "cust_alice", "aud": "actions", "conv": "c1", "exp": time.time() + 60} | claims
    return jwt.encode({k: v for k, v in full.items() if v is not None}, secret, algorithm=algorithm)


def verify(metadata, conversation="c1"):
    return verified_customer(metadata, secret=SECRET, conversation=conversation)


def test_the_gateways_token_names_the_customer():
    assert verify({"identity": token()}) == "cust_alice"


@pytest.mark.parametrize(
    "forged",
    [
        token(secret="somebody-else's-secret-entirely-different"),
        token(exp=time.time() - 1),
        token(aud="gateway"),
        token(exp=None),
        token(conv=None),
        token(sub=None),
        token(sub=""),
        jwt.encode(
            {"sub": "cust_alice", "aud": "actions", "conv": "c1", "exp": time.time() + 60}, None, "none"
        ),
        "nonsense",
        "",
        None,
        42,
    ],
)
def test_anything_else_is_a_visitor(forged):
    assert verify({"identity": forged}) is None


def test_a_token_is_good_for_its_own_conversation_only():
    assert verify({"identity": token()}, conversation="c2") is None


@pytest.mark.parametrize("metadata", [None, {}, {"customer_id": "cust_alice"}, {"sub": "cust_alice"}])
def test_plain_claims_in_metadata_carry_no_authority(metadata):
    assert verify(metadata) is None
