"""What our classifier is compared with, each trained and measured the same way in a process of its own.

Real Rasa pipelines, and other models over our views. `measure` starts the process: training time, peak
memory and the time a parse takes are those of that contender alone.
"""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bot.nlu.examples import ROOT, Example

OURS, DIET, DIET_PLAIN, LOGISTIC, BAYES = (
    "ours",
    "DIET",
    "Rasa's default",
    "logistic regression",
    "naive Bayes",
)
_OUR_TOKENS = [
    {"name": "bot.nlu.spacy_model.WalletSpacy", "model": "models/spacy"},
    {"name": "SpacyTokenizer"},
]
_FEATURES = [
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]

Predict = Callable[[str], str]


class ContenderError(Exception):
    """A contender's process failed; the message ends in what it printed."""


@dataclass(frozen=True)
class Measured:
    """One contender on one split: what it answered, and what that cost."""

    answers: list[str]
    milliseconds: list[float]
    training_seconds: float
    memory_mb: float

    def typical(self, share: float) -> float:
        """The time that this share of the parses took at most."""
        return float(np.quantile(self.milliseconds, share))


def pipeline(name: str, epochs: int) -> list[dict[str, Any]]:
    """The Rasa pipeline of a contender. Raises KeyError for one that is none."""
    diet = {"name": "DIETClassifier", "epochs": epochs, "entity_recognition": False, "random_seed": 20}
    ours = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    return {
        OURS: [part for part in ours if part["name"] != "FallbackClassifier"],
        DIET: [*_OUR_TOKENS, *_FEATURES, diet],
        DIET_PLAIN: [{"name": "WhitespaceTokenizer"}, *_FEATURES, diet],
        LOGISTIC: [*_OUR_TOKENS, *_FEATURES, {"name": "LogisticRegressionClassifier"}],
    }[name]


def measure(name: str, train: Sequence[Example], test: Sequence[Example], epochs: int) -> Measured:
    """Trains and asks a contender in a fresh process. Raises ContenderError when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder) / "job.json"
        result = Path(folder) / "result.json"
        rows = {
            "train": [[e.text, e.intent] for e in train],
            "test": [e.text for e in test],
            "name": name,
            "epochs": epochs,
        }
        job.write_text(json.dumps(rows), encoding="utf-8")
        command = [sys.executable, "-m", "bot.nlu.contenders", str(job), str(result)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # noqa: S603  our own
        if done.returncode:
            raise ContenderError(f"{name} could not be measured:\n{done.stderr[-2000:]}")
        return Measured(**json.loads(result.read_text(encoding="utf-8")))


def _train_rasa(name: str, epochs: int, rows: list[list[str]], folder: Path) -> Predict:
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    language = "en" if name == DIET_PLAIN else "zh"  # white space does not split Chinese: Rasa refuses it
    config = {"recipe": "default.v1", "language": language, "assistant_id": "compare"}
    (folder / "config.yml").write_text(yaml.safe_dump({**config, "pipeline": pipeline(name, epochs)}))
    intents = sorted({intent for _, intent in rows})
    blocks = [
        {"intent": i, "examples": "".join(f"- {text}\n" for text, intent in rows if intent == i)}
        for i in intents
    ]
    data = {"version": "3.1", "nlu": blocks}
    (folder / "nlu.yml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
    agent = Agent.load(model)
    loop = asyncio.new_event_loop()
    return lambda text: loop.run_until_complete(agent.parse_message(text))["intent"]["name"] or ""


def _train_bayes(rows: list[list[str]]) -> Predict:
    """Complement naive Bayes over our views, without the word vectors, which it cannot use."""
    from scipy.sparse import hstack  # type: ignore[import-untyped]
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
    from sklearn.naive_bayes import ComplementNB  # type: ignore[import-untyped]

    from bot.nlu.crossval import Viewer
    from bot.nlu.model import VECTORIZERS

    viewer = Viewer()
    seen = [viewer(text) for text, _ in rows]
    vectorizers = {name: TfidfVectorizer(**options) for name, options in VECTORIZERS.items()}
    parts = [v.fit_transform([getattr(view, name) for view in seen]) for name, v in vectorizers.items()]
    model = ComplementNB(alpha=0.3).fit(hstack(parts).tocsr(), [intent for _, intent in rows])

    def predict(text: str) -> str:
        view = viewer(text)
        parts = [v.transform([getattr(view, name)]) for name, v in vectorizers.items()]
        return str(model.predict(hstack(parts).tocsr())[0])

    return predict


def _work(job: Path, result: Path) -> None:
    rows = json.loads(job.read_text(encoding="utf-8"))
    if rows["name"] != BAYES:
        import rasa.model_training  # noqa: F401  takes long, and is no part of training
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        if rows["name"] == BAYES:
            predict = _train_bayes(rows["train"])
        else:
            predict = _train_rasa(rows["name"], rows["epochs"], rows["train"], Path(folder))
        trained = time.perf_counter() - started
        predict(rows["test"][0])  # the first parse loads what is loaded on demand
        answers, times = [], []
        for text in rows["test"]:
            before = time.perf_counter()
            answers.append(predict(text))
            times.append((time.perf_counter() - before) * 1000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result.write_text(json.dumps(asdict(Measured(answers, times, trained, peak))), encoding="utf-8")


if __name__ == "__main__":
    _work(Path(sys.argv[1]), Path(sys.argv[2]))
