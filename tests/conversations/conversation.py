"""Conversation files: what may stand in them, and playing one against the running stack.

A file is one behaviour, named as a sentence:

    name: the customer corrects the amount
    customer: cust_lin_wei        # a demo customer, or null for a visitor who is not signed in
    turns:
      - say: 我昨天在星巴克付款失败了,钱还被扣了
        expect: [星巴克]           # all of these stand in the answer
        expect_any: [处理中, 退回]  # at least one of these
        not_expect: [失败原因不明]  # none of these
        cause: pending_at_channel  # the cause of the diagnosis shown
        handoff: false             # whether a human is brought in
        language: zh               # zh or en: the language of the answer
      - press: 转人工              # presses the quick reply whose title contains this

Upper and lower case don't matter. The answer's quick replies count as part of its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from actions.diagnosis.result import Cause
from tests.stack import Customer, Json, blocks

CAUSES = {cause.value for cause in Cause}
FILE_KEYS = {"name", "customer", "turns"}
LISTS = ("expect", "expect_any", "not_expect")
TURN_KEYS = {"say", "press", "cause", "handoff", "language", *LISTS}


class BadFile(Exception):
    """A conversation file that can't be played; the message says where and why."""


@dataclass(frozen=True)
class Conversation:
    """One conversation file."""

    path: Path
    name: str
    customer: str | None
    turns: list[Json]


def load(path: Path) -> Conversation:
    """Reads and checks one file. Raises BadFile."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BadFile(f"{path.name}: is not YAML: {error}") from error
    if not isinstance(content, dict) or set(content) != FILE_KEYS:
        raise BadFile(f"{path.name}: must have exactly the keys {', '.join(sorted(FILE_KEYS))}")
    if not isinstance(content["name"], str) or not isinstance(content["customer"], str | None):
        raise BadFile(f"{path.name}: name must be text, customer text or null")
    if not isinstance(content["turns"], list) or not content["turns"]:
        raise BadFile(f"{path.name}: turns must be a list with at least one turn")
    for number, turn in enumerate(content["turns"], 1):
        _check_turn(turn, f"{path.name}, turn {number}")
    return Conversation(path, content["name"], content["customer"], content["turns"])


def _check_turn(turn: Any, where: str) -> None:
    """Raises BadFile if a turn says nothing, or something that no one would check."""
    if not isinstance(turn, dict):
        raise BadFile(f"{where}: must be a mapping with say or press")
    unknown = set(turn) - TURN_KEYS
    if unknown:
        raise BadFile(f"{where}: unknown key {', '.join(sorted(unknown))}")
    if ("say" in turn) == ("press" in turn) or not isinstance(turn.get("say", turn.get("press")), str):
        raise BadFile(f"{where}: needs either say or press, as text")
    for key in LISTS:
        if key in turn and (
            not isinstance(turn[key], list) or not all(isinstance(x, str) for x in turn[key])
        ):
            raise BadFile(f"{where}: {key} must be a list of texts (put numbers in quotes)")
    if turn.get("cause", "unknown") not in CAUSES:
        raise BadFile(f"{where}: there is no cause {turn['cause']!r}")
    if turn.get("language", "zh") not in ("zh", "en"):
        raise BadFile(f"{where}: language must be zh or en")
    if not isinstance(turn.get("handoff", False), bool):
        raise BadFile(f"{where}: handoff must be true or false")


def play(conversation: Conversation, url: str) -> None:
    """Plays it; the first thing that is not as written fails with the transcript so far."""
    transcript = [
        f"{conversation.name}  ({conversation.path.name}, {conversation.customer or 'not signed in'})"
    ]
    with Customer(url, conversation.customer) as customer:
        for turn in conversation.turns:
            transcript.append(f"  customer: {turn.get('say', turn.get('press'))}")
            try:
                answer = customer.say(turn["say"]) if "say" in turn else customer.press(turn["press"])
            except AssertionError as error:
                raise AssertionError("\n".join([*transcript, f"  ✗ {error}"])) from None
            transcript += [f"  bot:      {line}" for line in shown(answer).splitlines()]
            wrong = differences(turn, answer)
            if wrong:
                raise AssertionError("\n".join([*transcript, *(f"  ✗ {one}" for one in wrong)]))


def shown(answer: Json) -> str:
    """The answer as the customer reads it: its text, then what can be pressed."""
    titles = [reply["title"] for block in blocks(answer, "quick_replies") for reply in block["replies"]]
    return "\n".join([answer["text"], *(f"[{title}]" for title in titles)])


def differences(turn: Json, answer: Json) -> list[str]:
    """What is not as the turn expects; empty when all is well."""
    text = shown(answer).casefold()
    wrong = [f"does not say {part!r}" for part in turn.get("expect", []) if part.casefold() not in text]
    wrong += [f"says {part!r}" for part in turn.get("not_expect", []) if part.casefold() in text]
    choices = turn.get("expect_any", [])
    if choices and not any(part.casefold() in text for part in choices):
        wrong.append(f"says none of {choices}")
    causes = [block["cause"] for block in blocks(answer, "diagnosis")]
    if "cause" in turn and turn["cause"] not in causes:
        wrong.append(f"the cause is {causes or 'not shown'}, not {turn['cause']}")
    if "handoff" in turn and turn["handoff"] != bool(blocks(answer, "handoff")):
        wrong.append("brings in a human" if not turn["handoff"] else "brings in no human")
    if "language" in turn and turn["language"] != language_of(answer["text"]):
        wrong.append(f"is not in {turn['language']}")
    return wrong


def language_of(text: str) -> str:
    """zh or en, by what there is more of: Chinese characters or Latin words (names may be either)."""
    characters = len(re.findall(r"[\u4e00-\u9fff]", text))
    words = len(re.findall(r"[A-Za-z]{2,}", text))
    return "zh" if characters > words else "en"
