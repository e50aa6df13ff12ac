"""Starts everything on one machine: `python -m scripts.run` (what `make run` does).

Trains if needed, brings the support database up to date, writes the demo ledger, starts the
processes of the Procfile, waits until a message really goes the whole way, and says where to
look. Ctrl-C, or one process ending, stops all of them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Message, Printer

from scripts import model
from scripts.environment import PORTS, ROOT, SettingError, demo_ledger_url, local_environment
from scripts.readiness import NotReady, wait_until_ready

STARTED_BY_SIGNAL = {130, 143}  # Ctrl-C and "please stop" are how a run is meant to end


class StartError(Exception):
    """The processes can't be started; the message is one sentence."""


class PlainPrinter(Printer):
    """The processes' own lines, without honcho's remarks about starting and stopping them."""

    def write(self, message: Message) -> None:
        """Prints one line of a process."""
        if message.name != "system":
            super().write(message)


class Services(Manager):
    """The processes of the Procfile; knows which of them ended first, by itself."""

    ended_first: str | None = None

    def terminate(self) -> None:
        """Stops all; called by honcho on a signal and when the first process has ended."""
        if not self._terminating and self.returncode not in STARTED_BY_SIGNAL:
            self.ended_first = next((name for name, p in self._processes.items() if "returncode" in p), None)
        super().terminate()


def check_ports(env: dict[str, str]) -> None:
    """Raises StartError if a port that we need is taken, or two of ours are the same."""
    hosts = {"GATEWAY_PORT": env["GATEWAY_HOST"]}
    if len({env[name] for name in PORTS}) < len(PORTS):
        raise StartError(f"{', '.join(PORTS)} must be three different ports.")
    for name in PORTS:
        port = int(env[name])
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((hosts.get(name, "127.0.0.1"), port))
            except PermissionError:
                raise StartError(
                    f"Port {port} needs more rights than you have: set {name} above 1023."
                ) from None
            except OSError:
                raise StartError(f"Port {port} is in use: stop what uses it or set {name}.") from None


def prepare(env: dict[str, str]) -> None:
    """Brings the databases into the state that the processes expect. Raises StartError."""
    migrate = ["-m", "bot.store.migrate"]
    _step(migrate, env, "The support database could not be brought up to date")
    if env["DEMO_MODE"] == "1" and env["LEDGER_URL"] == demo_ledger_url(Path(env["VAR_DIR"])):
        # Anew at each start, so that "yesterday" in the demo stories is yesterday.
        seed = ["-m", "actions.ledger.demo", "--url", env["LEDGER_URL"]]
        seed += ["--customers-file", env["DEMO_CUSTOMERS"]]
        _step(seed, env, "The demo ledger could not be written")


def _step(module: list[str], env: dict[str, str], failure: str) -> None:
    command = [sys.executable, *module]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StartError(f"{(done.stdout + done.stderr).strip()}\n{failure}: the reason stands above.")


def serve(env: dict[str, str], procfile: str) -> int:
    """Runs the processes of a Procfile until they are stopped; the exit code for the shell."""
    services = Services(PlainPrinter(sys.stdout))
    for name, command in parse_procfile(procfile).processes.items():
        services.add_process(name, command, env=env, cwd=str(ROOT))

    failed: list[str] = []
    stopping = threading.Event()
    watcher = threading.Thread(target=_announce, args=(env, stopping, failed, services), daemon=True)
    watcher.start()
    services.loop()
    stopping.set()
    watcher.join(timeout=5)

    if failed:
        print(f"Stopped: {failed[0]}", file=sys.stderr)
        return 1
    if services.ended_first:
        print(
            f"Stopped: the process '{services.ended_first}' ended by itself (its last lines stand above), "
            "so the others were stopped too.",
            file=sys.stderr,
        )
        return 1
    print("• Stopped.")
    return 0


def _announce(env: dict[str, str], stopping: threading.Event, failed: list[str], services: Services) -> None:
    """Waits for readiness, then says where to look; stops everything if it never comes."""
    try:
        wait_until_ready(env, stopping)
    except NotReady as reason:
        if not stopping.is_set():
            failed.append(str(reason))
            services.terminate()
        return
    if not stopping.is_set():
        print(_welcome(env), flush=True)


def _welcome(env: dict[str, str]) -> str:
    host = "localhost" if env["GATEWAY_HOST"] in ("127.0.0.1", "0.0.0.0") else env["GATEWAY_HOST"]  # noqa: S104
    url = f"http://{host}:{env['GATEWAY_PORT']}"
    lines = ["", f"  Support page   {url}/", f"  API            {url}/docs"]
    if env["DEMO_MODE"] == "1":
        lines += ["", "  DEMO MODE IS ON: anyone who opens the page can sign in as a demo customer.", ""]
        lines += ["  Set DEMO_MODE=0 to turn it off."]
    return "\n".join([*lines, "", "  Ctrl-C stops everything.", ""])


def main() -> int:
    """The exit code: 0 after Ctrl-C, 1 with one sentence when something is wrong."""
    os.chdir(ROOT)  # the default database addresses are relative to it
    try:
        env = local_environment()
        check_ports(env)
        env["RASA_MODEL"] = str(model.ensure())
        prepare(env)
    except (SettingError, StartError, model.TrainingError) as error:
        print(error, file=sys.stderr)
        return 1
    print("• Starting gateway, Rasa and action server (Rasa takes the longest)", flush=True)
    return serve(env, (ROOT / "Procfile").read_text(encoding="utf-8"))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
