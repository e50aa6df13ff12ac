"""The doors of the running stack: who may reach Rasa and the action server, and who may not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from actions.protocol import Turn
from scripts.environment import ROOT
from tests.stack import Stack

LISTEN = "0A"  # the state in /proc/net/tcp
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def listening_addresses(port: int) -> set[str]:
    """The addresses of this machine that somebody listens on at this port."""
    if not Path("/proc/net/tcp").exists():  # macOS
        command = ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fn"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return {line[1:].rpartition(":")[0].strip("[]") for line in said.splitlines() if line.startswith("n")}
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            address, _, hex_port = line.split()[1].rpartition(":")
            if line.split()[3] == LISTEN and int(hex_port, 16) == port:
                is_loopback = address in ("0100007F", "00000000000000000000000001000000")
                found.add("127.0.0.1" if is_loopback else address)
    return found


def test_rasa_and_the_action_server_listen_on_loopback_only(stack: Stack) -> None:
    for port in (stack.rasa_port, stack.actions_port):
        addresses = listening_addresses(port)
        assert addresses, f"nobody listens on {port}"
        assert addresses <= LOOPBACK


@pytest.mark.parametrize("token", [None, "", "wrong", "Bearer"])
def test_the_action_server_refuses_whoever_has_no_token(stack: Stack, token: str | None) -> None:
    params = {} if token is None else {"token": token}
    answer = httpx.post(f"{stack.actions_url}/webhook", params=params, json={}, trust_env=False)
    assert answer.status_code in (401, 403)


def test_the_action_server_knows_its_own_token(stack: Stack) -> None:
    params = {"token": stack.secrets["ACTIONS_TOKEN"]}
    answer = httpx.get(f"{stack.actions_url}/actions", params=params, trust_env=False)
    assert answer.status_code == 200
    assert answer.json()


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic {token}", "{token}"])
def test_rasas_channel_refuses_whoever_has_no_token(stack: Stack, header: str | None) -> None:
    turn = Turn(sender="stranger", message_id="1", text="hello").as_json()
    token = stack.secrets["RASA_TOKEN"]
    headers = {} if header is None else {"Authorization": header.format(token=token)}
    answer = httpx.post(
        f"{stack.rasa_url}/webhooks/gateway/webhook", json=turn, headers=headers, trust_env=False
    )
    assert answer.status_code in (401, 403)
    assert "messages" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/status",
        "/domain",
        "/conversations/someone/tracker",
        "/conversations/someone/tracker/events",
        "/model/parse",
        "/webhooks/rest/webhook",
        "/webhooks/callback/webhook",
        "/socket.io/",
    ],
)
def test_rasa_has_no_other_door_than_our_channel(stack: Stack, path: str) -> None:
    for method in ("GET", "POST", "PUT"):
        answer = httpx.request(method, stack.rasa_url + path, json={}, trust_env=False)
        assert answer.status_code in (404, 405), f"{method} {path}"


@pytest.mark.parametrize(
    ("module", "secret"),
    [
        ("actions.server", "ACTIONS_TOKEN"),
        ("actions.server", "IDENTITY_SECRET"),
        ("bot.gateway", "RASA_TOKEN"),
        ("bot.gateway", "IDENTITY_SECRET"),
        ("bot.gateway", "SESSION_SECRET"),
    ],
)
def test_without_its_secrets_a_process_refuses_to_start(stack: Stack, module: str, secret: str) -> None:
    env = {**os.environ, **stack.secrets, "LEDGER_URL": f"sqlite+aiosqlite:///{stack.var}/ledger.db"}
    env.pop(secret)
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode not in (0, None)
    assert secret in done.stderr
    assert "Traceback" not in done.stderr


def test_demo_mode_is_loud(stack: Stack) -> None:
    assert "DEMO MODE IS ON" in stack.log


def test_no_secret_stands_in_what_the_processes_say(stack: Stack) -> None:
    for name, secret in stack.secrets.items():
        assert secret not in stack.log, name


def test_the_start_is_quiet(stack: Stack) -> None:
    before_ready = stack.log.split("Support page")[0]
    assert "Warning" not in before_ready
    assert len(before_ready.splitlines()) < 30, before_ready
