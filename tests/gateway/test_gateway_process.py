"""The gateway as a process of its own: how it starts, refuses to start, and stops."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.gateway.helpers import (
    IDENTITY_SECRET,
    RASA_TOKEN,
    SESSION_SECRET,
    FakeRasa,
    Gateway,
    Person,
    wait_for,
)

COMMAND = [sys.executable, "-m", "bot.gateway"]


def environment(db: Path, rasa: FakeRasa) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {
        **kept,
        "RASA_TOKEN": RASA_TOKEN,
        "IDENTITY_SECRET": IDENTITY_SECRET,
        "SESSION_SECRET": SESSION_SECRET,
        "RASA_URL": rasa.url,
        "SUPPORT_DB_URL": f"sqlite+aiosqlite:///{db}",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def running(
    db: Path, rasa: FakeRasa, free_port: int, tmp_path: Path
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process and its address."""
    url = f"http://127.0.0.1:{free_port}"
    with (tmp_path / "log").open("wb") as log:
        command = [*COMMAND, "--port", str(free_port)]
        process = subprocess.Popen(command, env=environment(db, rasa), stderr=log, stdout=log)

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    wait_for(answers, 30)
    yield process, url
    process.kill()
    process.wait()


def test_ctrl_c_ends_it_quietly_even_with_open_streams(running, tmp_path: Path) -> None:
    process, url = running
    visitor = Person(url, {})
    visitor.say("hello")
    events = visitor.events()
    assert next(events)["event"] == "message"
    process.send_signal(signal.SIGINT)
    messages = [event for event in events if event.get("event") == "message"]  # ends, and is not torn
    assert messages[-1]["id"] == "2"
    assert process.wait(10) == 0
    log = (tmp_path / "log").read_text()
    assert "ERROR" not in log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"RASA_TOKEN": ""}, "RASA_TOKEN"), ({"GATEWAY_PORT": "x"}, "GATEWAY_PORT")],
)
def test_it_refuses_to_start_in_one_sentence(
    db: Path, rasa: FakeRasa, changes: dict[str, str], named: str
) -> None:
    env = {**environment(db, rasa), **changes}
    done = subprocess.run(COMMAND, env=env, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_it_refuses_a_database_that_was_not_migrated(tmp_path: Path, rasa: FakeRasa) -> None:
    env = environment(tmp_path / "new.db", rasa)
    done = subprocess.run(COMMAND, env=env, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert "python -m bot.store.migrate" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_demo_is_off_unless_asked_for(running) -> None:
    _, url = running
    assert httpx.get(f"{url}/api/demo/customers", trust_env=False).status_code == 404


def test_demo_mode_is_loud(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    assert "DEMO MODE IS ON" in "".join(r.getMessage() for r in caplog.get_records("setup"))
