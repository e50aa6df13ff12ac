"""Starting and stopping together; the processes here are small stand-ins."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from scripts.environment import ROOT
from scripts.readiness import NotReady, check_conversation, check_model
from scripts.run import StartError, check_ports
from tests.stack import free_ports

ENV = {"GATEWAY_HOST": "127.0.0.1", "GATEWAY_PORT": "1", "RASA_PORT": "2", "ACTIONS_PORT": "3"}


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that someone listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("name", ["GATEWAY_PORT", "RASA_PORT", "ACTIONS_PORT"])
def test_a_port_in_use_is_named_with_what_to_do(taken: int, name: str) -> None:
    ports = dict(zip(("GATEWAY_PORT", "RASA_PORT", "ACTIONS_PORT"), map(str, free_ports(3)), strict=True))
    check_ports({**ENV, **ports})
    with pytest.raises(StartError) as error:
        check_ports({**ENV, **ports, name: str(taken)})
    assert str(error.value) == f"Port {taken} is in use: stop what uses it or set {name}."


def test_one_port_for_two_is_refused() -> None:
    with pytest.raises(StartError, match="three different ports"):
        check_ports({**ENV, "RASA_PORT": "1"})


def test_a_run_with_a_port_in_use_says_only_that(taken: int, tmp_path: Path) -> None:
    env = {**os.environ, "GATEWAY_PORT": str(taken), "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "scripts.run"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"Port {taken} is in use: stop what uses it or set GATEWAY_PORT.\n"


def serve(procfile: str) -> subprocess.Popen[str]:
    """Runs a Procfile the way `make run` does; nothing in it ever becomes ready."""
    code = "import json, sys; from scripts.run import serve; env, text = sys.argv[1:]; "
    code += "sys.exit(serve(json.loads(env), text))"
    env = {**ENV, "GATEWAY_PORT": str(free_ports(1)[0]), "PATH": os.environ["PATH"]}
    return subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(env), procfile],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def is_running(pid: int) -> bool:
    """Whether there is such a process (one that has ended but not been collected does not count)."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return state.stdout.strip() not in ("", "Z")


def test_when_one_process_ends_all_stop_and_it_is_named(tmp_path: Path) -> None:
    started = time.monotonic()
    run = serve(
        f"steady: echo $$ > {tmp_path}/pid; exec sleep 60\nfickle: sleep 1; echo my last words; exit 3"
    )
    said, error = run.communicate(timeout=30)
    assert run.returncode == 1
    assert "'fickle' ended by itself" in error
    assert "my last words" in said
    assert time.monotonic() - started < 30
    assert not is_running(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_all_and_is_no_failure(tmp_path: Path, sign: signal.Signals) -> None:
    names = ("one", "two")
    run = serve("".join(f"{name}: echo $$ > {tmp_path}/{name}; exec sleep 60\n" for name in names))
    while not all((tmp_path / name).exists() and (tmp_path / name).read_text() for name in names):
        time.sleep(0.05)
    run.send_signal(sign)
    said, error = run.communicate(timeout=30)
    assert (run.returncode, error) == (0, "")
    assert said.endswith("Stopped.\n")
    assert not any(is_running(int((tmp_path / name).read_text())) for name in names)


class FakeRasa(BaseHTTPRequestHandler):
    """Answers every turn; `remember` is what it does with the sender."""

    status = 200
    answers_actions = True

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def do_POST(self) -> None:
        turn = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.remember(turn["sender"])
        silent = turn["payload"] is not None and not self.answers_actions
        body = json.dumps({"messages": [] if silent else [{"text": "您好"}]}).encode()
        self.send_response(self.status if self.headers["Authorization"] == "Bearer right" else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def remember(self, sender: str) -> None:
        """Forgets, as Rasa does after falling back to its memory."""

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


@contextmanager
def rasa(handler: type[FakeRasa]) -> Iterator[dict[str, str]]:
    """A fake Rasa that is up; the environment that leads to it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {"RASA_URL": f"http://127.0.0.1:{server.server_port}", "RASA_TOKEN": "right"}
    server.shutdown()


def check(handler: type[FakeRasa], tracker: Path, **settings: str) -> None:
    """Runs the start-up conversation against a fake Rasa."""
    with rasa(handler) as env, httpx.Client(trust_env=False) as client:
        check_conversation({**env, "TRACKER_DB_URL": f"sqlite:///{tracker}", **settings}, client)


def test_a_rasa_without_a_model_is_not_waited_for() -> None:
    class Empty(FakeRasa):
        status = 503

    with httpx.Client(trust_env=False) as client:
        with rasa(Empty) as env, pytest.raises(NotReady, match="could not load its model"):
            check_model(env, client)
        with rasa(FakeRasa) as env:
            check_model(env, client)
        check_model({**env, "RASA_URL": f"http://127.0.0.1:{free_ports(1)[0]}"}, client)


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    """A tracker store as Rasa makes it, with somebody's conversation in it."""
    file = tmp_path / "tracker.db"
    with create_engine(f"sqlite:///{file}", future=True).begin() as connection:
        connection.execute(text("CREATE TABLE events (sender_id TEXT)"))
        connection.execute(text("INSERT INTO events VALUES ('someone')"))
    return file


def senders(tracker: Path) -> list[str]:
    """Whose events the store holds."""
    with create_engine(f"sqlite:///{tracker}", future=True).begin() as connection:
        return list(connection.execute(text("SELECT sender_id FROM events")).scalars())


def test_a_rasa_that_keeps_conversations_in_memory_is_found_out(tracker: Path) -> None:
    with pytest.raises(NotReady, match="does not keep conversations in the configured tracker store"):
        check(FakeRasa, tracker)
    assert senders(tracker) == ["someone"]


def test_a_tracker_store_that_was_never_made_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r"tracker store .* can't be read"):
        check(FakeRasa, tmp_path / "tracker.db")


def test_a_rasa_that_uses_its_store_passes_and_the_greeting_leaves_no_trace(tracker: Path) -> None:
    class Remembering(FakeRasa):
        def remember(self, sender: str) -> None:
            with create_engine(f"sqlite:///{tracker}", future=True).begin() as connection:
                connection.execute(text("INSERT INTO events VALUES (:s)"), {"s": sender})

    check(Remembering, tracker)
    assert senders(tracker) == ["someone"]


def test_a_rasa_that_does_not_reach_the_action_server_is_found_out(tracker: Path) -> None:
    class Alone(FakeRasa):
        answers_actions = False

    with pytest.raises(NotReady, match="can't reach the action server"):
        check(Alone, tracker)


def test_a_rasa_that_refuses_the_token_is_not_ready(tracker: Path) -> None:
    with pytest.raises(NotReady, match="HTTP 401"):
        check(FakeRasa, tracker, RASA_TOKEN="wrong")
