"""What the action server tells the desk: one customer's payments, for whoever shows a token for that."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import jwt
import pytest

from actions.bootstrap import Services
from actions.desk import NotAllowed, asked_for, customer_view
from actions.ledger import Ledger
from actions.ledger.demo import DemoLedger
from tests.actions.harness import SECRET
from tests.ledger.small import NOON

TOKEN = "actions-token-for-tests-only-0123456789"
Json = dict[str, Any]


def identity(customer: str, secret: str = SECRET, **changes: Any) -> str:
    claims = {
        "sub": customer,
        "aud": "desk",
        "conv": "conv_1",
        "exp": datetime.now(timezone.utc) + timedelta(seconds=60),
        **changes,
    }
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, secret, algorithm="HS256")


def here(ledger: Ledger) -> Services:
    return Services(ledger=ledger, identity_secret=SECRET, budget_seconds=5, clock=lambda: NOON)


async def test_an_agent_sees_the_customers_payments_and_todays_diagnosis(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    for customer in (one["id"] for one in demo.customers):
        view = await customer_view(here(demo_ledger), customer, None, "zh")
        assert view is not None and len(view["payments"]) <= 20
        whose = await demo_ledger.payments(customer, since=NOON - timedelta(days=180), limit=20)
        assert [one["id"] for one in view["payments"]] == [one.id for one in whose]
        questioned = [one["id"] for one in view["payments"] if one["in_question"]]
        assert len(questioned) <= 1 and bool(questioned) == (view["current"] is not None)
        if view["current"]:
            assert view["current"]["kind"] == "card" and view["current"]["cause"]


async def test_the_diagnosis_is_that_of_the_payment_named(demo: DemoLedger, demo_ledger: Ledger) -> None:
    for payment, (customer, cause, _) in list(demo.expected.items())[:25]:
        view = await customer_view(here(demo_ledger), customer, payment, "en")
        assert view is not None and view["current"] is not None, payment
        assert view["current"]["cause"] == cause.value, payment


async def test_the_payment_named_is_diagnosed_and_anothers_is_not_there(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    mine, theirs = [one["id"] for one in demo.customers][:2]
    [own, other] = [
        (await demo_ledger.payments(each, since=NOON - timedelta(days=180), limit=1))[0].id
        for each in (mine, theirs)
    ]
    view = await customer_view(here(demo_ledger), mine, own, "en")
    assert view is not None and view["current"] is not None
    assert next(one for one in view["payments"] if one["id"] == own)["in_question"]

    view = await customer_view(here(demo_ledger), mine, other, "en")
    assert view is not None and view["current"] is None
    assert other not in {one["id"] for one in view["payments"]}


async def test_a_customer_whom_the_ledger_does_not_know_is_nobody(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    assert await customer_view(here(demo_ledger), "cust_nobody", None, "zh") is None


def test_who_is_asked_about_comes_from_the_token_alone() -> None:
    body = {"identity": identity("cust_1"), "payment": "pay_1", "language": "en", "customer": "cust_2"}
    assert asked_for(body, SECRET) == ("cust_1", "pay_1", "en")
    assert asked_for({**body, "payment": "x" * 65, "language": "fr"}, SECRET) == ("cust_1", None, "zh")


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"identity": 7},
        {"identity": identity("cust_1", aud="actions")},  # one that was signed for a message
        {"identity": identity("cust_1", secret="another secret, long enough for this test")},
        {"identity": identity("cust_1", exp=datetime.now(timezone.utc) - timedelta(seconds=1))},
        {"identity": identity("cust_1", exp=None)},
        {"identity": identity("cust_1", conv=None)},
        {"identity": identity("")},
        {
            "identity": jwt.encode(
                {"sub": "cust_1", "aud": "desk", "conv": "c", "exp": 9_999_999_999}, None, "none"
            )
        },
    ],
)
def test_a_token_that_does_not_prove_it_opens_nothing(body: Any) -> None:
    with pytest.raises(NotAllowed):
        asked_for(body, SECRET)


# over HTTP


@pytest.fixture(scope="module")
def server(demo: DemoLedger, demo_url: str) -> Iterator[str]:
    """The action server itself, over the demo ledger."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        "ACTIONS_PORT": str(port),
        "ACTIONS_TOKEN": TOKEN,
        "IDENTITY_SECRET": SECRET,
        "LEDGER_URL": demo_url,
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }
    process = subprocess.Popen([sys.executable, "-m", "actions.server"], env=env, stderr=subprocess.DEVNULL)
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
    while True:
        try:
            if httpx.get(f"{url}/health", trust_env=False).status_code == 200:
                break
        except httpx.HTTPError:
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.2)
    yield url
    process.terminate()
    process.wait(20)


def test_the_route_wants_both_the_shared_token_and_a_customers_identity(
    server: str, demo: DemoLedger
) -> None:
    customer = demo.customers[0]["id"]

    def ask(token: str, body: Any) -> httpx.Response:
        return httpx.post(
            f"{server}/customer", params={"token": token}, json=body, trust_env=False, timeout=20
        )

    found = ask(TOKEN, {"identity": identity(customer), "language": "zh"})
    assert found.status_code == 200 and set(found.json()) == {"customer", "payments", "current"}
    assert ask("another", {"identity": identity(customer)}).status_code == 403
    assert ask(TOKEN, {"identity": "nonsense"}).status_code == 403
    assert ask(TOKEN, None).status_code == 403
    assert ask(TOKEN, {"identity": identity("cust_nobody")}).status_code == 404
