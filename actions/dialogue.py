"""Steering the talk: clarifying, answering offers, bringing in a human."""

from __future__ import annotations

from actions import protocol
from actions.answer import bring_in_human, offer_case
from actions.base import CustomerAction
from actions.cases import open_asked
from actions.conversation import Conversation
from actions.diagnosis.facts import Payment
from actions.matching import Details
from actions.payments import (
    PROBLEM_TOPICS,
    answer_about_payment,
    diagnoses,
    in_focus,
    in_trouble,
    records,
    search,
)

# What the bot can name as a likely meaning: intent → its button is `utter_topic_<intent>`.
TOPICS = (
    "payment_failed",
    "duplicate_charge",
    "charged_not_completed",
    "refund_timing",
    "change_password",
    "international_payment",
    "account_restricted",
    "check_balance",
    "transaction_status",
    "top_up",
    "app_problem",
    "network_problem",
    "unauthorized_transaction",
    "fees",
    "contact_support",
    "security_tips",
)


class Clarify(CustomerAction):
    """The message was not understood: ask once with the likeliest meanings, then offer a human."""

    def name(self) -> str:
        return "action_clarify"

    async def act(self, talk: Conversation) -> None:
        payments = await records(talk)
        details = talk.details(payments)
        if not details.empty and (talk.slot("candidates") or talk.slot("focus")):
            # An answer to "which one?" that is only a name, a time or an amount.
            await answer_about_payment(talk, talk.slot("topic") or "transaction_status", details, payments)
            return
        if await answer_about_named(talk, details, payments):
            return
        failures = int(talk.slot("clarifications") or 0) + 1
        talk.remember(clarifications=failures)
        if failures == 1:
            likely = [name for name in talk.likely_intents if name in TOPICS][:2]
            talk.say("utter_clarify")
            for name in likely:
                talk.say(f"utter_topic_{name}")
            talk.say("utter_topic_human")
        elif failures == 2:
            talk.remember(offered="human")
            talk.say("utter_clarify_again")
        else:
            bring_in_human(talk, "not_understood")


async def answer_about_named(talk: Conversation, details: Details, payments: list[Payment]) -> bool:
    """What is wrong was not understood, but which payment is meant was: the records know the rest.

    Returns whether there was such a payment of this customer's, in trouble, and so an answer.
    """
    if not (details.merchant_ids or details.amount or details.order_no):
        return False
    match = search(talk, payments, details, "payment_failed")
    if not match.exact or not match.payments:
        return False
    talk.remember(topic="payment_failed", clarifications=0)
    await answer_about_payment(talk, "payment_failed", details, payments)
    return True


class OutOfScope(CustomerAction):
    """Something that this wallet's support does not do: say so and what it can do."""

    def name(self) -> str:
        return "action_out_of_scope"

    async def act(self, talk: Conversation) -> None:
        # "Why did Apple refuse my card": another company's name, but also a payment of this customer's.
        if any(name in PROBLEM_TOPICS for name in talk.likely_intents[1:3]):
            payments = [p for p in await records(talk) if in_trouble(talk, p)]
            if await answer_about_named(talk, talk.details(payments), payments):
                return
        talk.say("utter_out_of_scope")


class AnswerOffer(CustomerAction):
    """Yes or no to what the bot asked last."""

    def name(self) -> str:
        return "action_answer_offer"

    async def act(self, talk: Conversation) -> None:
        offered, yes = talk.slot("offered"), talk.intent == "affirm"
        talk.remember(offered=None)
        if offered == "human" and yes:
            await hand_over(talk, "asked")
        elif offered == "case":
            if yes:
                await open_asked(talk, agreed=True)
            else:
                talk.say("utter_case_declined")
        elif offered == "both_intended":
            await self._both_intended(talk, yes)
        elif yes and talk.slot("candidates"):
            talk.say("utter_pick_one")
        elif yes:
            talk.say("utter_anything_else")
        elif talk.slot("focus") and not offered:
            talk.remember(offered="human")
            talk.say("utter_not_that")
        else:
            talk.say("utter_all_right")

    async def _both_intended(self, talk: Conversation, yes: bool) -> None:
        if yes:
            talk.say("utter_both_intended")
            return
        talk.say("utter_one_not_intended")
        focus = in_focus(talk, await records(talk))
        if focus:
            offer_case(talk, (await diagnoses(talk, focus))[0], focus)


async def hand_over(talk: Conversation, reason: str) -> None:
    """Bring in a human with the payment in focus and its diagnosis, so that nobody asks again."""
    focus = in_focus(talk, await records(talk))
    lead = (await diagnoses(talk, focus))[0] if focus else None
    bring_in_human(talk, reason, lead, focus)


class Thanks(CustomerAction):
    """ "谢谢": you are welcome; and how was it, if it was of help."""

    def name(self) -> str:
        return "action_thanks"

    async def act(self, talk: Conversation) -> None:
        talk.say("utter_thanks")
        ask_for_rating(talk)


class Goodbye(CustomerAction):
    """ "再见": goodbye; and how was it, if it was of help."""

    def name(self) -> str:
        return "action_goodbye"

    async def act(self, talk: Conversation) -> None:
        talk.say("utter_goodbye")
        ask_for_rating(talk)


def ask_for_rating(talk: Conversation) -> None:
    """Ask how it was, once for each matter, and never while one is unsolved or waits for a person."""
    matter = talk.slot("focus") or talk.slot("topic")
    unsolved = any(talk.slot(name) for name in ("handed_off", "unsolved", "offered", "cases"))
    if matter and not unsolved and matter != talk.slot("rating_asked"):
        talk.remember(rating_asked=matter)
        talk.send(protocol.rating_request())


class HandOver(CustomerAction):
    """ "转人工": always, whatever went before."""

    def name(self) -> str:
        return "action_human_handoff"

    async def act(self, talk: Conversation) -> None:
        await hand_over(talk, "asked")
