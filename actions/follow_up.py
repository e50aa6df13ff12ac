"""After an answer: why, what next, still not working, and back again the next day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from actions.answer import (
    about,
    bring_in_human,
    is_news,
    say_changes,
    say_diagnosis,
    say_evidence,
    say_next,
    say_topped_up,
    steps_to_do,
)
from actions.base import CustomerAction
from actions.conversation import Conversation
from actions.diagnosis.facts import Payment
from actions.diagnosis.result import Cause, Step
from actions.payments import PROTECT, answer_about_payment, diagnoses, in_focus, records

SHORT_OF_MONEY = (Cause.INSUFFICIENT_BALANCE.value, Cause.FX_FEE_SHORTFALL.value)
# The records show that it is over, and well.
WELL = (Cause.SUCCEEDED, Cause.REFUND_COMPLETED, Cause.REVERSAL_COMPLETED)
A_WHILE = timedelta(hours=6)  # after this long, a greeting begins with what became of the last question


class ExplainWhy(CustomerAction):
    """ "为什么这么说?": the evidence behind the last answer, in plain words."""

    def name(self) -> str:
        return "action_explain_why"

    async def act(self, talk: Conversation) -> None:
        payments = await records(talk)
        details = talk.details(payments)
        focus = in_focus(talk, payments)
        if talk.customer and not details.empty and (focus is None or details.merchant or details.amount):
            await answer_about_payment(talk, talk.slot("topic") or "payment_failed", details, payments)
        elif focus:
            say_evidence(talk, (await diagnoses(talk, focus))[0], focus)
        else:
            talk.say("utter_why_which" if talk.customer else "utter_general_payment_failed")
            if talk.customer is None:
                talk.say("utter_sign_in")


class WhatNext(CustomerAction):
    """ "那怎么办?": the steps of the last answer, who acts then, and when it will be over."""

    def name(self) -> str:
        return "action_what_next"

    async def act(self, talk: Conversation) -> None:
        focus = in_focus(talk, await records(talk))
        if focus:
            say_next(talk, (await diagnoses(talk, focus))[0], focus)
        elif talk.slot("handed_off"):
            talk.say("utter_next_waiting")
        else:
            talk.say("utter_next_which")


class StillNotWorking(CustomerAction):
    """ "还是不行": read the records again and say what has changed; the second time, bring in a human."""

    def name(self) -> str:
        return "action_still_not_working"

    async def act(self, talk: Conversation) -> None:
        unsolved = int(talk.slot("unsolved") or 0) + 1
        talk.remember(unsolved=unsolved)
        payments = await records(talk)
        focus = in_focus(talk, payments)
        if unsolved >= 2:
            lead = (await diagnoses(talk, focus))[0] if focus else None
            talk.say("utter_sorry_unsolved")
            bring_in_human(talk, "not_solved", lead, focus)
        elif focus:
            newer = _newer_try(focus, payments)
            say_changes(talk, await diagnoses(talk, newer or focus), newer or focus)
        elif talk.customer:
            details = talk.details(payments)
            await answer_about_payment(talk, talk.slot("topic") or "payment_failed", details, payments)
        else:
            talk.say("utter_general_payment_failed")
            talk.remember(offered="human")
            talk.say("utter_offer_human")


class StepsDone(CustomerAction):
    """The customer has ticked fix steps: read the records again, and name the next step if one is left."""

    def name(self) -> str:
        return "action_steps_done"

    async def act(self, talk: Conversation) -> None:
        payments = await records(talk)
        focus = in_focus(talk, payments)
        if talk.slot("topic") == "unauthorized_transaction":
            if not self._say_next_step(talk, PROTECT):
                talk.say("utter_steps_thanks")
        elif focus is None:
            talk.say("utter_steps_thanks")
        else:
            await self._read_again(talk, _newer_try(focus, payments) or focus)

    async def _read_again(self, talk: Conversation, payment: Payment) -> None:
        ranked = await diagnoses(talk, payment)
        lead = ranked[0]
        if is_news(talk, lead, payment):
            talk.say("utter_steps_worked" if lead.cause in WELL else "utter_changed")
            say_diagnosis(talk, ranked, payment)
            return
        enough_now = say_topped_up(talk, lead)
        if self._say_next_step(talk, steps_to_do(lead, enough_now)):
            return
        talk.say("utter_unchanged", **about(payment))
        if talk.slot("handed_off"):
            talk.say("utter_next_waiting")
        else:
            talk.remember(offered="human")
            talk.say("utter_offer_human")

    def _say_next_step(self, talk: Conversation, steps: Sequence[Step]) -> bool:
        """Names the first step that is not ticked, in a line of its own. Returns whether there was one."""
        done = set(str(talk.entity("done") or "").split(","))
        left = [step for index, step in enumerate(steps) if str(index) not in done]
        if not left or str(len(steps)) != str(talk.entity("of")):  # ticked in some other list
            return False
        talk.say("utter_steps_next")
        talk.say(f"utter_step_{left[0].value}")
        return True


class TopUp(CustomerAction):
    """How to top up; when a payment was just explained as short of money, whether there is enough by now."""

    def name(self) -> str:
        return "action_top_up"

    async def act(self, talk: Conversation) -> None:
        explained = talk.slot("focus_cause") or ""
        focus = in_focus(talk, await records(talk))
        if focus and explained.startswith(SHORT_OF_MONEY):
            say_changes(talk, await diagnoses(talk, focus), focus)
        else:
            talk.say("utter_top_up")


class Greet(CustomerAction):
    """Hello; to one who comes back, first what became of the payment they asked about."""

    def name(self) -> str:
        return "action_greet"

    async def act(self, talk: Conversation) -> None:
        explained_at = talk.slot("focus_at")
        if talk.customer and explained_at and talk.now - datetime.fromisoformat(explained_at) > A_WHILE:
            focus = in_focus(talk, await records(talk))
            if focus:
                talk.say("utter_since_last_time", **about(focus))
                say_diagnosis(talk, await diagnoses(talk, focus), focus)
                return
        talk.say("utter_greet")


def _newer_try(focus: Payment, payments: list[Payment]) -> Payment | None:
    """A later payment to the same merchant: what the customer just tried again."""
    later = [
        p
        for p in payments
        if p.merchant.id == focus.merchant.id and p.amount == focus.amount and p.created_at > focus.created_at
    ]
    return later[0] if later else None
