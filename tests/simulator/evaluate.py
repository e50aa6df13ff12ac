"""`python -m tests.simulator.evaluate --count N --seed S`: asks the diagnosis about simulated wallets.

Prints how often the first cause is the true one, what is mistaken for what, when it abstains, every
unsafe statement (there must be none), and the time that reading the records and the rules take.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from actions.diagnosis import diagnose
from actions.diagnosis.result import Cause, Diagnosis
from tests.simulator.judge import missed_person, unsafe
from tests.simulator.store import reading, write
from tests.simulator.truth import Truth
from tests.simulator.world import World, worlds

TARGET = 0.995


@dataclass
class Report:
    """The sums of one run; times in milliseconds, one a question."""

    seed: int
    asked: Counter[Cause] = field(default_factory=Counter)
    right: Counter[Cause] = field(default_factory=Counter)
    labels: Counter[bool] = field(default_factory=Counter)
    confused: Counter[tuple[Cause, Cause, str]] = field(default_factory=Counter)
    abstained: Counter[bool] = field(default_factory=Counter)  # rightly or not
    guessed: int = 0
    alone: int = 0
    combined: Counter[bool] = field(default_factory=Counter)
    unsafe: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    reading: list[float] = field(default_factory=list)
    rules: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Questions asked."""
        return sum(self.asked.values())

    @property
    def accuracy(self) -> float:
        """The share of questions whose first cause is the true one."""
        return sum(self.right.values()) / max(1, self.count)

    @property
    def passed(self) -> bool:
        """Whether the target is met and nothing unsafe was said."""
        return self.accuracy >= TARGET and not self.unsafe

    def add(self, answer: list[Diagnosis], truth: Truth, wrong: list[str]) -> None:
        """Counts one answer."""
        told, lead = answer[0], truth.lead
        self.asked[lead] += 1
        good = told.cause is lead
        self.right[lead] += good
        self.combined[good] += len(truth.happened) > 1
        if not good:
            self.confused[lead, told.cause, truth.story] += 1
            self.examples.setdefault(
                f"{lead.value} -> {told.cause.value}", f"{truth.customer_id} {truth.asked}"
            )
        if good and truth.variant is not None:
            self.labels[told.variant == truth.variant] += 1
        if told.cause is Cause.UNKNOWN:
            self.abstained[good] += 1
        self.guessed += lead is Cause.UNKNOWN and not good
        self.alone += missed_person(answer, truth)
        for what in wrong:
            self.unsafe[what] += 1
            self.examples.setdefault(what, f"{truth.story}: {truth.customer_id} {truth.asked}")


async def evaluate(count: int, seed: int, *, note: Callable[[str], None] = lambda text: None) -> Report:
    """Plays worlds with `count` questions together and asks them all."""
    report = Report(seed)
    with tempfile.TemporaryDirectory() as folder:
        for number, world in enumerate(worlds(seed, count)):
            path = Path(folder) / f"{number}.sqlite"
            write(world, path)
            await _ask(world, path, report)
            path.unlink()
            note(f"{report.count} of {count}")
    return report


async def _ask(world: World, path: Path, report: Report) -> None:
    owner = _owners(world)
    async with reading(path) as ledger:
        for truth in world.truths:
            start = time.perf_counter()
            facts = await ledger.facts(
                truth.customer_id, truth.asked, not_me=truth.not_me, claims_duplicate=truth.claims_duplicate
            )
            read = time.perf_counter()
            answer = diagnose(facts, truth.now)
            done = time.perf_counter()
            report.reading.append((read - start) * 1000)
            report.rules.append((done - read) * 1000)
            report.add(answer, truth, list(unsafe(answer, truth, owner)))


def _owners(world: World) -> dict[str, str]:
    """Whose each record is, by its id."""
    owner = {row["id"]: row["id"] for row in world.tables["customers"]}
    for table in ("payments", "attempts", "client_log", "refunds", "postings"):
        owner |= {row["id"]: row["customer_id"] for row in world.tables[table]}
    return owner


def text(report: Report) -> str:
    """The report as it is printed."""
    lines = [f"{report.count} questions, seed {report.seed}", "", f"{'cause':<28}{'n':>7}{'right':>9}"]
    for cause in sorted(report.asked, key=lambda one: one.value):
        n = report.asked[cause]
        lines.append(f"{cause.value:<28}{n:>7}{report.right[cause] / n:>9.2%}")
    lines.append(f"{'all':<28}{report.count:>7}{report.accuracy:>9.2%}")
    several = sum(report.combined.values())
    known = sum(report.labels.values())
    lines += [
        "",
        f"several causes at once: {report.combined[True]} of {several} right",
        f"the finer label, where the world knows it: {report.labels[True]} of {known} right",
        f"abstained: {report.abstained[True]} rightly, {report.abstained[False]} wrongly;"
        f" guessed where nothing is proven: {report.guessed}",
        f"left without the person they need: {report.alone}",
        "",
        "confused (truth -> told, story: times, one of them):",
    ]
    for (truth, told, story), n in report.confused.most_common(25):
        pair = f"{truth.value} -> {told.value}"
        lines.append(f"  {pair}, {story}: {n}, {report.examples[pair]}")
    lines += ["  none"] if not report.confused else []
    lines += ["", f"unsafe statements: {sum(report.unsafe.values())}"]
    for what, n in report.unsafe.most_common(25):
        lines.append(f"  {what}: {n}, {report.examples[what]}")
    lines += ["", f"{'time a question, ms':<28}{'p50':>9}{'p95':>9}"]
    for name, times in (("reading the records", report.reading), ("rules", report.rules)):
        lines.append(f"{name:<28}{_percentile(times, 50):>9.2f}{_percentile(times, 95):>9.2f}")
    lines += [
        "",
        f"target: at least {TARGET:.1%} right and nothing unsafe: {'met' if report.passed else 'MISSED'}",
    ]
    return "\n".join(lines)


def _percentile(times: list[float], share: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)] if ordered else 0.0


def main() -> int:
    """The command: exit code 0 if the target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=10_000, help="questions to ask (default 10000)")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same worlds")
    asked = parser.parse_args()

    def note(progress: str) -> None:
        if sys.stderr.isatty():
            print(
                f"\r{progress}", end="\n" if progress.startswith(f"{asked.count} ") else "", file=sys.stderr
            )

    report = asyncio.run(evaluate(asked.count, asked.seed, note=note))
    print(text(report))
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
