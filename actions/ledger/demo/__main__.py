"""Seeds the demo ledger: `python -m actions.ledger.demo --url … --customers-file …`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

from actions.ledger.demo.book import DemoLedger
from actions.ledger.demo.seed import seed
from actions.ledger.engine import LedgerError, open_writable


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("needs a time zone, e.g. 2026-03-01T12:00:00+08:00")
    return moment.astimezone(timezone.utc)


async def _run(url: str, now: datetime) -> DemoLedger:
    engine = open_writable(url)
    try:
        return await seed(engine, now)
    finally:
        await engine.dispose()


def main() -> int:
    """Parses the command line, seeds, writes the list of customers and says what was done."""
    parser = argparse.ArgumentParser(prog="python -m actions.ledger.demo", description=__doc__)
    parser.add_argument(
        "--url", default="sqlite+aiosqlite:///var/ledger.db", help="database to drop and seed"
    )
    parser.add_argument("--customers-file", type=Path, default=Path("var/demo_customers.json"))
    parser.add_argument("--now", type=_moment, default=None, help="ISO time that the stories are relative to")
    arguments = parser.parse_args()
    try:
        demo = asyncio.run(_run(arguments.url, arguments.now or datetime.now(timezone.utc)))
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    target: Path = arguments.customers_file
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.write_text(json.dumps(demo.customers, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    part.replace(target)
    counts = {table: len(rows) for table, rows in demo.tables.items()}
    print(
        f"Demo ledger: {len(demo.customers)} customers, {counts['payments']} payments, "
        f"{counts['postings']} postings; customers listed in {target}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
