"""Fixtures of the gateway's tests: a running gateway, its fake Rasa, and three people."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.store import migrate
from tests.gateway.helpers import FakeRasa, Gateway, Person


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without a row."""
    path = tmp_path_factory.mktemp("gateway") / "empty.db"
    migrate.upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def db(empty_database: Path, tmp_path: Path) -> Path:
    """A test's own database."""
    return Path(shutil.copy(empty_database, tmp_path / "support.db"))


@pytest.fixture(scope="session")
def one_rasa() -> Iterator[FakeRasa]:
    fake = FakeRasa()
    yield fake
    fake.stop()


@pytest.fixture
def rasa(one_rasa: FakeRasa) -> FakeRasa:
    """A Rasa that repeats what it hears, until told otherwise."""
    one_rasa.reset()
    return one_rasa


Start = Callable[..., Gateway]


@pytest.fixture
def start(db: Path, rasa: FakeRasa) -> Iterator[Start]:
    """Starts gateways over the test's database; `start(rasa_timeout=0.2)` changes a setting."""
    running: list[Gateway] = []

    def starter(**changes: Any) -> Gateway:
        running.append(Gateway(db, changes.pop("rasa_url", rasa.url), **changes))
        return running[-1]

    yield starter
    for gateway in running:
        gateway.stop()


@pytest.fixture
def gateway(start: Start) -> Gateway:
    """A running gateway."""
    return start()


@pytest.fixture
def alice(gateway: Gateway) -> Person:
    """The owner of a conversation."""
    return gateway.signed_in("cust_alice")


@pytest.fixture
def bob(gateway: Gateway) -> Person:
    """Another customer."""
    return gateway.signed_in("cust_bob")


@pytest.fixture
def charlie(gateway: Gateway) -> Person:
    """A stranger without a session."""
    return gateway.stranger()
