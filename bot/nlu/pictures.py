"""Pictures of an evaluation, written to `reports/`: reliability, confusions, thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib  # type: ignore[import-untyped]
import numpy as np

from bot.nlu.measures import Answer, Point, calibration, calibration_error

matplotlib.use("Agg")  # no screen where this runs

from matplotlib import pyplot


def draw_all(results: Sequence[Answer], curve: Sequence[Point], chosen: float, folder: Path) -> list[Path]:
    """Draws every picture; returns their paths. Creates the folder if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _reliability(results, folder / "reliability.png"),
        _confusion(results, folder / "confusion.png"),
        draw_thresholds(curve, chosen, folder / "thresholds.png"),
    ]


def _reliability(results: Sequence[Answer], path: Path) -> Path:
    rows = calibration(results)
    figure, (upper, lower) = pyplot.subplots(
        2, 1, figsize=(6, 7), sharex=True, gridspec_kw={"height_ratios": [3, 1]}
    )
    upper.plot([0, 1], [0, 1], color="grey", linestyle="--", label="as sure as right")
    upper.plot([r[0] for r in rows], [r[1] for r in rows], marker="o", label="this model")
    upper.set_ylabel("share of right guesses")
    upper.set_title(f"Reliability, expected calibration error {calibration_error(results):.3f}")
    upper.legend()
    lower.bar([r[0] for r in rows], [r[2] for r in rows], width=0.06)
    lower.set_ylabel("sentences")
    lower.set_xlabel("confidence")
    return _save(figure, path)


def _confusion(results: Sequence[Answer], path: Path) -> Path:
    names = sorted({r.example.intent for r in results} | {r.plain for r in results})
    place = {name: i for i, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)))
    for r in results:
        counts[place[r.example.intent], place[r.plain]] += 1
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = pyplot.subplots(figsize=(11, 10))
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)  # the root makes small confusions visible
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("answered (not sure counts as out_of_scope)")
    axes.set_ylabel("true")
    for row, column in zip(*np.nonzero(counts), strict=True):
        colour = "white" if shares[row, column] > 0.4 else "black"
        axes.text(column, row, int(counts[row, column]), ha="center", va="center", color=colour, fontsize=7)
    return _save(figure, path)


def draw_thresholds(curve: Sequence[Point], chosen: float, path: Path) -> Path:
    """What each threshold would do, and the one chosen."""
    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    at = [p.threshold for p in curve]
    axes.plot(at, [p.wrong for p in curve], label="answered wrongly")
    axes.plot(at, [p.asked for p in curve], label="asked back")
    axes.plot(at, [p.asked_needlessly for p in curve], label="asked back though right", linestyle=":")
    axes.axvline(chosen, color="grey", linestyle="--", label=f"threshold {chosen:g}")
    axes.set_xlabel("threshold on confidence")
    axes.set_ylabel("share of sentences")
    axes.legend()
    return _save(figure, path)


def _save(figure: Any, path: Path) -> Path:
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return path
