"""`python -m actions.ledger check URL`: verifies that a database keeps the contract of docs/ledger.md."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import datetime, timezone

from sqlalchemy.exc import ArgumentError, DBAPIError

from actions.ledger.check import CUSTOMERS, check
from actions.ledger.contract import markdown
from actions.ledger.engine import LedgerError


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 = the ledger is sound, 1 = something is wrong or it cannot be opened."""
    parser = argparse.ArgumentParser(prog="python -m actions.ledger", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="verify a database against the contract")
    checking.add_argument("url", help="as in LEDGER_URL: sqlite+aiosqlite:///… or postgresql+asyncpg://…")
    checking.add_argument("--customers", type=int, default=CUSTOMERS, help="how many to look at, at most")
    checking.add_argument("--customer", action="append", default=[], help="an id to look at in any case")
    commands.add_parser("contract", help="print the contract's tables, as in docs/ledger.md")
    parsed = parser.parse_args(arguments)
    if parsed.command == "contract":
        print(markdown())
        return 0
    now = datetime.now(timezone.utc)
    try:
        found = asyncio.run(check(parsed.url, now, customers=parsed.customers, named=parsed.customer))
    except (LedgerError, ArgumentError) as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, DBAPIError) as error:
        print(f"The ledger cannot be reached: {error}", file=sys.stderr)
        return 1
    for finding in found:
        print(finding)
    fatal = sum(finding.fatal for finding in found)
    print(f"{fatal} thing{'s' if fatal != 1 else ''} to mend." if fatal else "The ledger keeps the contract.")
    return 1 if fatal else 0


if __name__ == "__main__":
    sys.exit(main())
