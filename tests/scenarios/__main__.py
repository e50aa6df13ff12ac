"""Plays scenario files: `python -m tests.scenarios PATH...`; see docs/scenarios.md for their format."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts import model
from tests.scenarios.document import BadScenario
from tests.scenarios.ledger import empty
from tests.scenarios.play import Gone, Place, play
from tests.scenarios.reading import find_files, read_file
from tests.scenarios.scenario import Scenario
from tests.stack import Stack


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 all passed, 1 some failed, 2 a file can't be used."""
    options = _options().parse_args(arguments)
    if (options.url is None) != (options.ledger is None) or (options.url is None) != (
        options.customers is None
    ):
        print("--url, --ledger and --customers belong together", file=sys.stderr)
        return 2
    scenarios = _read(options.paths)
    if scenarios is None:
        return 2
    chosen = [s for s in scenarios if options.only is None or options.only.casefold() in s.name.casefold()]
    if not chosen:
        print(f"no scenario's name contains {options.only!r}", file=sys.stderr)
        return 2
    if options.check:
        print(f"{len(chosen)} scenarios, all well formed")
        return 0
    if options.url:
        return _play_all(
            chosen, Place(options.url.rstrip("/"), options.ledger, options.customers), options.verbose
        )
    with running() as place:
        return _play_all(chosen, place, options.verbose)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.scenarios", description=__doc__)
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="scenario files, or folders of them"
    )
    parser.add_argument("--verbose", action="store_true", help="print the talk of those that pass, too")
    parser.add_argument("--only", metavar="NAME", help="only scenarios whose name contains this")
    parser.add_argument("--check", action="store_true", help="only check that the files are well formed")
    there = parser.add_argument_group("against a stack that is running already, in demo mode")
    there.add_argument("--url", help="its address, such as http://localhost:8000")
    there.add_argument("--ledger", help="the LEDGER_URL that it reads: OVERWRITTEN by each scenario")
    there.add_argument("--customers", type=Path, help="the DEMO_CUSTOMERS file that it reads: overwritten")
    return parser


def _read(paths: list[Path]) -> list[Scenario] | None:
    """All scenarios; None when a file can't be used: then every one that can't is named."""
    scenarios: list[Scenario] = []
    bad: list[str] = []
    try:
        files = find_files(paths)
    except BadScenario as error:
        print(error, file=sys.stderr)
        return None
    for file in files:
        try:
            scenarios += read_file(file)
        except BadScenario as error:
            bad.append(str(error))
    if bad:
        print("\n".join(bad), file=sys.stderr)
        return None
    return scenarios


@contextmanager
def running(folder: Path | None = None) -> Iterator[Place]:
    """The whole stack, started on free ports with a ledger of its own, stopped at the end."""
    with tempfile.TemporaryDirectory() as temporary:
        var = folder or Path(temporary)
        place_ledger = f"sqlite+aiosqlite:///{var / 'scenarios.db'}"
        customers = var / "scenario_customers.json"
        asyncio.run(empty(place_ledger))
        model.ensure()
        stack = Stack(var, LEDGER_URL=place_ledger, DEMO_CUSTOMERS=str(customers))
        stack.start()
        try:
            stack.wait_ready()
            yield Place(stack.url, place_ledger, customers)
        finally:
            stack.stop()


def _play_all(scenarios: list[Scenario], place: Place, verbose: bool) -> int:
    failed: list[str] = []
    for number, scenario in enumerate(scenarios, 1):
        try:
            result = play(scenario, number, place)
        except BadScenario as error:
            print(f"FAIL  {scenario.name}\n  ✗ {error}")
            failed.append(scenario.name)
            continue
        except Gone as error:
            print(f"STOPPED  {error}", file=sys.stderr)
            return 1
        print(
            f"{'PASS' if result.passed else 'FAIL'}  {scenario.name}  ({scenario.file}:{scenario.line})",
            flush=True,
        )
        if verbose or not result.passed:
            print("\n".join(result.transcript), flush=True)
        if not result.passed:
            failed.append(scenario.name)
    print(f"\n{len(scenarios) - len(failed)} of {len(scenarios)} scenarios passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
