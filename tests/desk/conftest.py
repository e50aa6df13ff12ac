"""Fixtures of the desk's tests: a gateway, its customers, and the people who answer them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk.people import Colleague, appoint
from tests.gateway.conftest import alice, bob, charlie, db, empty_database, gateway, one_rasa, rasa, start
from tests.gateway.helpers import Gateway

__all__ = ["alice", "bob", "charlie", "db", "empty_database", "gateway", "one_rasa", "rasa", "start"]


@pytest.fixture
def anna(gateway: Gateway, db: Path) -> Colleague:
    """An agent."""
    return appoint(gateway.url, db, "anna", "Anna", "agent")


@pytest.fixture
def wang(gateway: Gateway, db: Path) -> Colleague:
    """Another agent."""
    return appoint(gateway.url, db, "wang", "小王", "agent")


@pytest.fixture
def lead(gateway: Gateway, db: Path) -> Colleague:
    """Their lead."""
    return appoint(gateway.url, db, "chen", "陈组长", "lead")


@pytest.fixture
def admin(gateway: Gateway, db: Path) -> Colleague:
    """An admin."""
    return appoint(gateway.url, db, "root", "Admin", "admin")
