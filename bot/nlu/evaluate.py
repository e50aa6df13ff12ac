"""Measures the newest trained model on the held-out sentences: `python -m bot.nlu.evaluate`.

Prints figures by language, draws pictures into `reports/`. `--record` makes today's figures the baseline
(`tests/evaluation/baseline.yml`) under which the tests let none drop by more than chance.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml

from bot.nlu.examples import EVALUATION, ROOT, Example, evaluation_files, read_examples
from bot.nlu.measures import (
    Answer,
    Figure,
    Point,
    answer,
    calibration,
    calibration_error,
    confusions,
    entity_scores,
    figures,
    guess_accuracy,
    threshold_curve,
)

BASELINE = EVALUATION / "baseline.yml"
REPORTS = ROOT / "reports"
LANGUAGES = ("zh", "en")
THRESHOLDS = np.round(np.arange(0.0, 0.96, 0.05), 2).tolist()
_NAMES = {
    "accuracy": "intent accuracy",
    "macro_f1": "macro-F1",
    "out_of_scope_precision": "out of scope, precision",
    "out_of_scope_recall": "out of scope, recall",
    "entity_f1": "entity F1",
}


def newest_model(folder: Path) -> Path:
    """The newest Rasa model. Raises FileNotFoundError when there is none."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise FileNotFoundError("No trained model in models/: run `make train` first.")
    return models[-1]


def fallback_threshold(config: Path = ROOT / "config.yml") -> float:
    """The confidence under which the bot asks back, as config.yml has it; 0 without a fallback."""
    for component in yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]:
        if component["name"] == "FallbackClassifier":
            return float(component["threshold"])
    return 0.0


async def answers(model: Path, examples: Sequence[Example]) -> list[Answer]:
    """What a trained model makes of the examples."""
    from rasa.core.agent import Agent  # imports TensorFlow: only when a model is really asked

    agent = Agent.load(str(model))
    return [answer(example, await agent.parse_message(example.text)) for example in examples]


def by_language(results: Sequence[Answer]) -> dict[str, list[Answer]]:
    """The answers of each language that occurs, then of both."""
    parts = {name: [r for r in results if r.example.language == name] for name in LANGUAGES}
    return {**{name: part for name, part in parts.items() if part}, "both": list(results)}


def report(results: Sequence[Answer]) -> str:
    """Everything measured in words and numbers."""
    parts = by_language(results)
    watched = {name: figures(part) for name, part in parts.items()}
    lines = [f"{'':32}" + "".join(f"{name:>9}" for name in parts)]
    lines.append(f"{'sentences':32}" + "".join(f"{len(part):9}" for part in parts.values()))
    for key, title in _NAMES.items():
        lines.append(f"{title:32}" + "".join(f"{watched[name][key].value:9.3f}" for name in parts))
    for title, measure in (
        ("best guess right (no fallback)", guess_accuracy),
        ("expected calibration error", calibration_error),
    ):
        lines.append(f"{title:32}" + "".join(f"{measure(part):9.3f}" for part in parts.values()))
    lines += ["", "entities", *_entity_lines(results)]
    lines += ["", "confidence: mean, share right, sentences"]
    lines += [f"  {sure:.2f}  {right:.2f}  {count:5}" for sure, right, count in calibration(results)]
    lines += ["", *curve_lines(threshold_curve(results, THRESHOLDS))]
    lines += ["", "most confused (true → answered)"]
    lines += [f"  {count:3}  {true} → {said}" for (true, said), count in confusions(results)[:25]]
    return "\n".join(lines)


def curve_lines(curve: Sequence[Point]) -> list[str]:
    """The curve as a table."""
    return [
        "threshold  answered wrongly  asked back  of these needlessly",
        *(f"{p.threshold:9.2f}  {p.wrong:16.1%}  {p.asked:10.1%}  {p.asked_needlessly:19.1%}" for p in curve),
    ]


def _entity_lines(results: Sequence[Answer]) -> list[str]:
    return [
        f"  {label:15} F1 {s.f1:.3f}  precision {s.precision:.3f}  recall {s.recall:.3f}  of {s.true}"
        for label, s in entity_scores(results).items()
    ]


def record(results: Sequence[Answer], path: Path = BASELINE) -> None:
    """Makes these figures the baseline."""
    rows = {
        name: {key: round(figure.value, 4) for key, figure in figures(part).items()}
        for name, part in by_language(results).items()
    }
    head = "# Figures of the held-out evaluation; `python -m bot.nlu.evaluate --record` writes them anew.\n"
    path.write_text(head + yaml.safe_dump(rows, sort_keys=False), encoding="utf-8")


def drops(results: Sequence[Answer], path: Path = BASELINE) -> list[str]:
    """Figures that fell under the baseline by more than chance explains, in words; empty is good."""
    fallen = []
    baseline = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, part in by_language(results).items():
        for key, now in figures(part).items():
            floor = Figure(baseline[name][key], now.count)
            if now.value < floor.value - floor.noise:
                fallen.append(
                    f"{name} {_NAMES[key]}: {now.value:.3f}, was {floor.value:.3f} ± {floor.noise:.3f}"
                )
    return fallen


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the report; 1 when there is nothing to measure."""
    parser = argparse.ArgumentParser(description="Measure the newest model on the held-out sentences.")
    parser.add_argument("--record", action="store_true", help="make these figures the baseline")
    wanted = parser.parse_args(arguments)
    try:
        model = newest_model(ROOT / "models")
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    from rasa.utils.log_utils import configure_structlog

    from bot.nlu.pictures import draw_all

    configure_structlog(logging.WARNING)  # or Rasa prints every sentence
    results = asyncio.run(answers(model, read_examples(evaluation_files())))
    print(f"model {model.name}\n{report(results)}\n")
    curve = threshold_curve(results, THRESHOLDS)
    for picture in draw_all(results, curve, fallback_threshold(), REPORTS):
        print(f"drawn: {picture.relative_to(ROOT)}")
    if wanted.record:
        record(results)
        print(f"recorded: {BASELINE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
