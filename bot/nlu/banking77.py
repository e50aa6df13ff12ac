"""Trains our pipeline on a public English data set and tests it: `make eval-banking77 DATA=folder`.

The folder holds `train.csv` and `test.csv` with the columns text and category, as BANKING77 has them. Prints
accuracy and the time of a parse beside Rasa's default pipeline on the same data. Nothing of it is kept.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.nlu.compare import share_right
from bot.nlu.contenders import DIET_PLAIN, OURS, measure
from bot.nlu.examples import Example


def read_csv(path: Path) -> list[Example]:
    """The rows of a file. Raises FileNotFoundError without one, ValueError without its columns or rows."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if not {"text", "category"} <= set(rows.fieldnames or ()):
            raise ValueError(f"{path.name} needs the columns text and category")
        examples = [
            Example(" ".join(r["text"].split()), r["category"], frozenset(), "en", path.name)
            for r in rows
            if r["text"].strip()
        ]
    if not examples:
        raise ValueError(f"{path.name} holds no rows")
    return examples


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table; 1 when the data cannot be read."""
    parser = argparse.ArgumentParser(description="Test our pipeline on train.csv and test.csv of a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=100, help="DIET's passes over the data")
    parser.add_argument("--ours-only", action="store_true", help="leave Rasa's default pipeline out")
    wanted = parser.parse_args(arguments)
    try:
        train, test = read_csv(wanted.folder / "train.csv"), read_csv(wanted.folder / "test.csv")
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(train)} sentences to train, {len(test)} to test, {len({e.intent for e in train})} intents")
    print("| pipeline | accuracy | parse p50 / p95 ms | training s |\n|---|---|---|---|", flush=True)
    for name in (OURS,) if wanted.ours_only else (OURS, DIET_PLAIN):
        measured = measure(name, train, test, wanted.epochs)
        print(
            f"| {name} | {share_right(measured.answers, test):.2%} | {measured.typical(0.5):.1f} / "
            f"{measured.typical(0.95):.1f} | {measured.training_seconds:.0f} |",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
