"""What the desk's page sends."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Extra, StrictBool, StrictStr, conlist, constr

from bot.gateway.messages import UNPRINTABLE
from bot.gateway.problems import Problem
from bot.handoff.desk import MAX_TEXT

Login = constr(strict=True, strip_whitespace=True, min_length=1, max_length=80)
Name = constr(strict=True, strip_whitespace=True, min_length=1, max_length=80)
Password = constr(strict=True, max_length=1_000)
Token = constr(strict=True, min_length=1, max_length=200)
Label = constr(strict=True, strip_whitespace=True, min_length=1, max_length=32)
Words = constr(strict=True, max_length=1_000)
Role = Literal["agent", "lead", "admin"]


class _Body(BaseModel):
    class Config:
        extra = Extra.ignore


class SignIn(_Body):
    """What someone types to sign in."""

    login: Login  # type: ignore[valid-type]
    password: Password  # type: ignore[valid-type]


class NewPassword(_Body):
    """One's own password, in place of the old one."""

    old: Password  # type: ignore[valid-type]
    new: Password  # type: ignore[valid-type]


class LinkToken(_Body):
    """What a one-time link holds."""

    token: Token  # type: ignore[valid-type]


class Accept(LinkToken):
    """The password that someone with a one-time link has chosen."""

    password: Password  # type: ignore[valid-type]
    name: Name | None = None  # type: ignore[valid-type]


class NewInvite(_Body):
    """Who is to join the desk."""

    login: Login  # type: ignore[valid-type]
    name: Name  # type: ignore[valid-type]
    role: Role


class AccountChange(_Body):
    """What is to change of an account."""

    role: Role | None = None
    active: StrictBool | None = None
    name: Name | None = None  # type: ignore[valid-type]


class Why(_Body):
    """A word to colleagues about a move."""

    note: Words = ""  # type: ignore[valid-type]


class Transfer(Why):
    """To whom a chat goes."""

    agent: StrictStr


class Resolution(Why):
    """How a chat ended, and what the agent found. These answers are the seed of later learning."""

    outcome: Literal["solved", "not_solved", "customer_left", "elsewhere"]
    diagnosis_right: StrictBool | None = None
    true_cause: constr(strict=True, max_length=40) | None = None  # type: ignore[valid-type]
    meant_intent: constr(strict=True, max_length=40) | None = None  # type: ignore[valid-type]


class Text(_Body):
    """What an agent writes."""

    text: StrictStr

    def clean(self) -> str:
        """The text as it may be processed. Raises a 422 problem when it is empty or too long."""
        text = UNPRINTABLE.sub("", self.text.replace("\r\n", "\n").replace("\r", "\n")).strip()
        if not text:
            raise Problem(422, "empty")
        if len(text) > MAX_TEXT:
            raise Problem(422, "too_long", limit=MAX_TEXT)
        return text


class Labels(_Body):
    """All labels of a chat."""

    labels: conlist(Label, max_items=10)  # type: ignore[valid-type]


class Presence(_Body):
    """Whether the agent is there."""

    available: StrictBool


class CannedText(_Body):
    """A canned reply."""

    title: Name  # type: ignore[valid-type]
    text: constr(strict=True, strip_whitespace=True, min_length=1, max_length=2_000)  # type: ignore[valid-type]


class CloseCase(_Body):
    """How a case ended, in the agent's words."""

    note: constr(strict=True, strip_whitespace=True, min_length=1, max_length=2_000)  # type: ignore[valid-type]
