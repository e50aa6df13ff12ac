"""Plays a scenario against the running stack and says what was not as expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path

import httpx
import yaml

from actions.diagnosis.result import Cause
from scripts.environment import ROOT
from tests.conversations.conversation import language_of, shown
from tests.scenarios.ledger import load, records
from tests.scenarios.scenario import Scenario, Turn
from tests.stack import Customer, Json, blocks


class Gone(Exception):
    """The stack does not answer any more, so nothing further can be played."""


@dataclass(frozen=True)
class Place:
    """Where the scenarios are played: the running stack, and the ledger and list that it reads."""

    url: str
    ledger_url: str
    customers_file: Path


@dataclass
class Result:
    """What was said, and what of it was wrong; `transcript` holds both."""

    transcript: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.wrong

    def fault(self, problem: str) -> None:
        """Notes something that is not as expected, where it stands in the talk."""
        self.wrong.append(problem)
        self.transcript.append(f"  ✗ {problem}")


def play(scenario: Scenario, number: int, place: Place) -> Result:
    """Loads the scenario's records and has its talk; the talk goes on after an answer that is wrong.

    `number` tells scenarios of one run apart. Raises BadScenario if the records can't be made, Gone.
    """
    made = records(scenario, number, datetime.now(timezone.utc))
    customer_id = load(place.ledger_url, place.customers_file, made)
    result = Result()
    try:
        with Customer(place.url, customer_id if scenario.signed_in else None) as person:
            for turn in scenario.turns:
                _take(turn, person, result)
    except httpx.ConnectError as error:
        raise Gone(f"nothing answers at {place.url}: {error}") from error
    except (AssertionError, httpx.HTTPError) as error:
        result.fault(str(error))
    return result


def _take(turn: Turn, person: Customer, result: Result) -> None:
    result.transcript.append(f"  customer: {turn.say or f'[{turn.press}]'}")
    answer = person.say(turn.say) if turn.say else person.press(turn.press or "")
    result.transcript += [f"  bot:      {line}" for line in shown(answer).splitlines()]
    for problem in differences(turn, answer):
        result.fault(problem)


def differences(turn: Turn, answer: Json) -> list[str]:
    """What of an answer is not as its turn expects. Upper and lower case don't matter."""
    text = shown(answer).casefold()
    wrong = [f"does not say {part!r}" for part in turn.answer.all if part.casefold() not in text]
    wrong += [f"says {part!r}" for part in turn.answer.none if part.casefold() in text]
    if turn.answer.any and not any(part.casefold() in text for part in turn.answer.any):
        wrong.append(f"says none of {', '.join(map(repr, turn.answer.any))}")
    cards = blocks(answer, "diagnosis")
    causes = [card["cause"] for card in cards]
    if not causes and _alarmed(answer):
        causes = [Cause.FRAUD_SUSPECTED.value]
    if turn.cause and turn.cause.value not in causes:
        wrong.append(f"the cause is {', '.join(causes) or 'not told'}, not {turn.cause.value}")
    states = [card["money"]["state"] for card in cards]
    if turn.money and turn.money.value not in states:
        wrong.append(f"the money is {', '.join(states) or 'not told'}, not {turn.money.value}")
    if turn.handoff is not None and turn.handoff != bool(blocks(answer, "handoff")):
        wrong.append("brings in no human" if turn.handoff else "brings in a human")
    if turn.language and turn.language != language_of(answer["text"]):
        wrong.append(f"is not in {turn.language}")
    return wrong


def _alarmed(answer: Json) -> bool:
    """Whether it is the answer to "that was not me", which shows no card: a person looks at once."""
    return any(sentence in answer["text"] for sentence in _alarms())


@lru_cache
def _alarms() -> tuple[str, ...]:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    said = domain["responses"][f"utter_cause_{Cause.FRAUD_SUSPECTED.value}"]
    return tuple(one["text"] for one in said)
