"""Measures message → answer over HTTP with 1 and 8 customers, and the diagnosis alone.

`python -m tests.benchmarks.bench` starts the whole stack on free ports, talks to it as browsers
do (post, then wait on the event stream) and prints a table. Nothing is asserted: the numbers are
this machine's. `tests/benchmarks/test_bench.py` proves that the measuring works.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from actions.diagnosis import diagnose
from actions.diagnosis.facts import Facts
from actions.ledger import Ledger, open_read_only
from scripts import model
from tests.stack import Customer, Stack

# Five turns a conversation: a problem, follow-ups, and a question that needs no record.
ZH = ("我昨天在星巴克付款失败了,钱还被扣了", "什么时候到账?", "怎么修改支付密码?", "余额还有多少?", "谢谢")
EN = (
    "my payment to Starbucks failed yesterday but I was charged",
    "when will I get it back?",
    "how do I change my payment password?",
    "what is my balance?",
    "thanks",
)


@dataclass(frozen=True)
class Row:
    """One line of the table; `times` in seconds."""

    what: str
    times: list[float]

    def quantile(self, share: float) -> float:
        """The time in milliseconds that `share` of all stayed within."""
        ordered = sorted(self.times)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000

    def __str__(self) -> str:
        figures = "".join(f"{self.quantile(share):>10.2f}" for share in (0.5, 0.95, 1.0))
        return f"{self.what:<44}{len(self.times):>7}{figures}"


def converse(url: str, customer_id: str, sentences: tuple[str, ...]) -> list[float]:
    """One conversation; seconds from posting each message to its answer on the event stream."""
    times = []
    with Customer(url, customer_id) as customer:
        stream = customer.events()
        for sentence in sentences:
            started = time.perf_counter()
            asked = customer.post({"text": sentence})
            while True:
                seq, message = next(stream)
                if seq > asked["seq"] and message["author"] == "bot":
                    break
            times.append(time.perf_counter() - started)
        stream.close()
    return times


def over_http(stack: Stack, customers: int, conversations: int) -> Row:
    """`customers` people at the same time, each having `conversations` conversations."""
    people = (stack.demo_customers * customers)[:customers]
    times: list[float] = []

    def talk(person: dict[str, str]) -> None:
        sentences = EN if person["language"] == "en" else ZH
        for _ in range(conversations):
            times.extend(converse(stack.url, person["id"], sentences))

    threads = [threading.Thread(target=talk, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = customers * conversations * len(ZH)
    if len(times) != expected:
        raise RuntimeError(f"only {len(times)} of {expected} messages were answered")
    return Row(f"message → answer, {customers} customer{'s' if customers > 1 else ''}", times)


async def facts_of_all(url: str, customer_ids: list[str]) -> tuple[list[Facts], list[float]]:
    """The facts of every recent payment of these customers, and the seconds that each took to read."""
    engine = open_read_only(url)
    ledger = Ledger(engine)
    since = datetime.now(timezone.utc) - timedelta(days=30)
    facts, times = [], []
    for customer_id in customer_ids:
        for payment in await ledger.payments(customer_id, since=since):
            started = time.perf_counter()
            facts.append(await ledger.facts(customer_id, payment.id))
            times.append(time.perf_counter() - started)
    await engine.dispose()
    return facts, times


def timed(work: Callable[[Facts], object], each: list[Facts]) -> list[float]:
    """The seconds that each call took."""
    times = []
    for one in each:
        started = time.perf_counter()
        work(one)
        times.append(time.perf_counter() - started)
    return times


def measure(stack: Stack, conversations: int = 10) -> list[Row]:
    """All lines of the table, from a running stack."""
    over_http(stack, 1, 1)  # warms up what is only read or compiled once
    rows = [over_http(stack, 1, conversations), over_http(stack, 8, conversations)]
    ledger = f"sqlite+aiosqlite:///{stack.var}/ledger.db"
    facts, reading = asyncio.run(facts_of_all(ledger, [one["id"] for one in stack.demo_customers]))
    now = datetime.now(timezone.utc)
    rows.append(Row("reading a payment's facts from the ledger", reading))
    rows.append(Row("diagnosis of one payment", timed(lambda one: diagnose(one, now), facts)))
    return rows


def table(rows: list[Row]) -> str:
    """The lines under a heading, ready to print."""
    return "\n".join([f"{'milliseconds':<44}{'n':>7}{'p50':>10}{'p95':>10}{'max':>10}", *map(str, rows)])


def main() -> None:
    """Starts the stack, measures, prints."""
    parser = argparse.ArgumentParser(description="Measure on this machine.")
    parser.add_argument("--conversations", type=int, default=10, help="of five messages, for each customer")
    conversations = parser.parse_args().conversations
    model.ensure()
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        stack.start()
        try:
            stack.wait_ready()
            print(table(measure(stack, conversations)))
        finally:
            stack.stop()


if __name__ == "__main__":
    main()
