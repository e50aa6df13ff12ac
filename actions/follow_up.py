"""After an answer: why, what next, still not working, and back again the next day."""

from __future__ import annotations

from datetime import datetime, timedelta

from actions.answer import about, bring_in_human, say_changes, say_diagnosis, say_evidence, say_next
from actions.base import CustomerAction
from actions.conversation import Conversation
from actions.diagnosis.facts import Payment
from actions.diagnosis.result import Cause
from actions.payments import answer_about_payment, diagnoses, in_focus, records

SHORT_OF_MONEY = (Cause.INSUFFICIENT_BALANCE.value, Cause.FX_FEE_SHORTFALL.value)
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
