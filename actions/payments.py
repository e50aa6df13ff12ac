"""Conversations about one payment: find the one that is meant, diagnose it, follow it up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from actions.answer import bring_in_human, open_case, payment_title, payment_words, say_diagnosis, say_when
from actions.base import CustomerAction
from actions.conversation import Conversation
from actions.diagnosis import diagnose, needs_attention
from actions.diagnosis.facts import Payment
from actions.diagnosis.result import Diagnosis, Step
from actions.matching import Details, Match, find, is_troubled

LOOK_BACK = timedelta(days=180)
MOST_CHOICES = 5
# What a customer can do at once about a payment that they did not make, signed in or not.
PROTECT = (Step.FREEZE_ACCOUNT, Step.CHANGE_PASSWORD, Step.CALL_BANK, Step.POLICE_REPORT)
PROBLEM_TOPICS = {
    "payment_failed",
    "duplicate_charge",
    "charged_not_completed",
    "refund_timing",
    "transaction_status",
    "international_payment",
    "app_problem",
    "network_problem",
}


async def records(talk: Conversation) -> list[Payment]:
    """The signed-in customer's payments of the last half year, newest first; none for a visitor."""
    if talk.customer is None:
        return []
    return await talk.services.ledger.payments(talk.customer.id, since=talk.now - LOOK_BACK, limit=100)


def search(talk: Conversation, payments: list[Payment], details: Details, topic: str) -> Match:
    """`matching.find` with this process's policy."""
    return find(
        payments, details, topic, talk.now, lambda p: needs_attention(p, talk.now, talk.services.policy)
    )


def in_trouble(talk: Conversation, payment: Payment) -> bool:
    """`matching.is_troubled` with this process's policy."""
    return is_troubled(payment, lambda p: needs_attention(p, talk.now, talk.services.policy))


async def explain(talk: Conversation, payment: Payment, *, only_when: bool = False) -> Diagnosis:
    """Diagnose one payment from fresh records and say the answer; returns the leading diagnosis."""
    ranked = await diagnoses(talk, payment)
    if only_when:
        say_when(talk, ranked[0], payment)
    else:
        say_diagnosis(talk, ranked, payment)
    return ranked[0]


async def diagnoses(talk: Conversation, payment: Payment | None, *, not_me: bool = False) -> list[Diagnosis]:
    """What the rules say about one of the customer's payments, from fresh records; None: none fits."""
    assert talk.customer is not None
    facts = await talk.services.ledger.facts(
        talk.customer.id,
        payment.id if payment else None,
        not_me=not_me,
        claims_duplicate=talk.slot("topic") == "duplicate_charge",
    )
    return diagnose(facts, talk.now, talk.services.policy)


async def answer_about_payment(
    talk: Conversation, topic: str, details: Details, payments: list[Payment]
) -> None:
    """Find the payment meant and explain it, or ask which, or say that there is none."""
    match = search(talk, payments, details, topic)
    if match.exact and len(match.payments) == 1:
        await explain(talk, match.payments[0])
    elif match.payments:
        ask_which(talk, match)
    elif details.empty and payments:
        talk.say(f"utter_nothing_wrong_{topic}" if topic == "refund_timing" else "utter_nothing_wrong")
        general_help(talk, topic)
    else:
        await _say_no_record(talk)


def ask_which(talk: Conversation, match: Match) -> None:
    """Name the payments that fit and let the customer choose; never by an internal id."""
    shown = match.payments[:MOST_CHOICES]
    talk.remember(candidates=[p.id for p in shown], focus=None)
    buttons = [
        {
            "title": payment_title(talk, p),
            "payload": f'/choose_payment{{"payment": "{p.id}"}}',
            "payment": payment_words(talk, p),
        }
        for p in shown
    ]
    if match.exact:
        talk.say("utter_which_payment", buttons=buttons, count=len(shown))
    else:
        talk.say("utter_did_you_mean", buttons=buttons)


async def _say_no_record(talk: Conversation) -> None:
    talk.remember(candidates=None)
    say_diagnosis(talk, await diagnoses(talk, None), None)


def general_help(talk: Conversation, topic: str) -> None:
    """What holds for everybody, without any record."""
    talk.say(f"utter_general_{topic}")


class DiagnosePayment(CustomerAction):
    """A customer reports trouble with a payment."""

    def name(self) -> str:
        return "action_diagnose"

    async def act(self, talk: Conversation) -> None:
        topic = talk.intent if talk.intent in PROBLEM_TOPICS else "payment_failed"
        before = talk.slot("topic")
        talk.remember(topic=topic, offered=None, clarifications=0)
        if talk.customer is None:
            general_help(talk, topic)
            talk.say("utter_sign_in")
            return
        payments = await records(talk)
        details = talk.details(payments)
        focus = in_focus(talk, payments)
        if focus and details.empty and topic in ("refund_timing", "transaction_status"):
            # "When will it arrive?" right after an answer is about that very payment.
            if topic == "refund_timing" and before != "refund_timing" and not _returning(focus):
                others = search(talk, payments, details, topic).payments
                if others:
                    await answer_about_payment(talk, topic, details, payments)
                    return
            await explain(talk, focus, only_when=topic == "refund_timing")
            return
        if focus and details.empty and topic == "payment_failed" and "ask_why" in talk.likely_intents[1:2]:
            await explain(talk, focus)  # "why did it fail?" right after an answer
            return
        talk.remember(unsolved=0)
        await answer_about_payment(talk, topic, details, payments)


def in_focus(talk: Conversation, payments: list[Payment]) -> Payment | None:
    """The payment last talked about, if it is (still) this customer's."""
    return next((p for p in payments if p.id == talk.slot("focus")), None)


def _returning(payment: Payment) -> bool:
    return bool(payment.refunds) or any(p.account.startswith("customer") for p in payment.postings)


class ChoosePayment(CustomerAction):
    """The customer points at a payment: by button, by number in the list, or by what they say of it."""

    def name(self) -> str:
        return "action_choose_payment"

    async def act(self, talk: Conversation) -> None:
        topic = talk.slot("topic") or "transaction_status"
        if talk.customer is None:
            general_help(talk, topic)
            talk.say("utter_sign_in")
            return
        talk.remember(clarifications=0, unsolved=0)
        payments = await records(talk)
        chosen = self._pointed_at(talk, payments)
        if chosen:
            await explain(talk, chosen)
            return
        details = talk.details(payments)
        if details.empty:
            await answer_about_payment(talk, topic, details, payments)
            return
        offered = [p for p in payments if p.id in (talk.slot("candidates") or [])]
        among = search(talk, offered, details, topic)
        if among.exact and among.payments:
            await answer_about_payment(talk, topic, details, offered)
        else:
            await answer_about_payment(talk, topic, details, payments)

    def _pointed_at(self, talk: Conversation, payments: list[Payment]) -> Payment | None:
        wanted = talk.entity("payment")
        offered = talk.slot("candidates") or []
        ordinal = talk.entity("ordinal")
        if wanted is None and isinstance(ordinal, int) and offered:
            index = ordinal - 1 if ordinal > 0 else len(offered) + ordinal
            wanted = offered[index] if 0 <= index < len(offered) else None
        return next((p for p in payments if p.id == wanted), None)


class CorrectDetail(CustomerAction):
    """ "Not this one, the 88 one": look again, without the payment just explained."""

    def name(self) -> str:
        return "action_correct_detail"

    async def act(self, talk: Conversation) -> None:
        topic = talk.slot("topic") or "transaction_status"
        if talk.customer is None:
            talk.say("utter_sign_in")
            return
        payments = await records(talk)
        details = talk.details(payments)
        focus = in_focus(talk, payments)
        if details.empty:
            await other_payments(talk, topic, payments, focus)
            return
        rest = [p for p in payments if focus is None or p.id != focus.id]
        if focus and len(details.merchant_ids) > 1:  # "不是星巴克,是瑞幸"
            details = replace(details, merchant_ids=details.merchant_ids - {focus.merchant.id})
        match = search(talk, rest, details, topic)
        # "not this one" may also name the same payment by mistake: then say that none other fits
        await answer_about_payment(talk, topic, details, rest if match.payments else payments)


class OtherPayment(CustomerAction):
    """ "And the other one?": the next of those that fitted."""

    def name(self) -> str:
        return "action_other_payment"

    async def act(self, talk: Conversation) -> None:
        topic = talk.slot("topic") or "transaction_status"
        if talk.customer is None:
            talk.say("utter_sign_in")
            return
        payments = await records(talk)
        details = talk.details(payments)
        focus = in_focus(talk, payments)
        if details.empty:
            await other_payments(talk, topic, payments, focus)
        else:
            await answer_about_payment(
                talk, topic, details, [p for p in payments if focus is None or p.id != focus.id]
            )


async def other_payments(
    talk: Conversation, topic: str, payments: list[Payment], focus: Payment | None
) -> None:
    """Explain or offer what else fits the topic; else the focus' twin; else ask for a detail."""
    rest = [p for p in payments if focus is None or p.id != focus.id]
    match = search(talk, rest, Details(), topic)
    if not match.payments and focus:
        twins = tuple(
            p
            for p in rest
            if p.order_no == focus.order_no or (p.merchant.id, p.amount) == (focus.merchant.id, focus.amount)
        )
        match = Match(twins[:1])
    if len(match.payments) == 1:
        await explain(talk, match.payments[0])
    elif match.payments:
        ask_which(talk, match)
    else:
        talk.say("utter_no_other")


class ReportUnauthorised(CustomerAction):
    """ "I did not make this payment": a human at once, before any diagnosis (safety rule 5)."""

    def name(self) -> str:
        return "action_report_unauthorised"

    async def act(self, talk: Conversation) -> None:
        talk.remember(topic="unauthorized_transaction", clarifications=0)
        payment, lead = None, None
        if talk.customer:
            payments = await records(talk)
            details = talk.details(payments)
            if not details.empty:
                match = search(talk, payments, details, "unauthorized_transaction")
                payment = match.payments[0] if match.exact and len(match.payments) == 1 else None
            lead = (await diagnoses(talk, payment, not_me=True))[0]
        talk.say("utter_cause_fraud_suspected")
        for step in PROTECT:
            talk.step(step.value)
        if lead:  # the one case that is not offered first: whoever waits for an answer loses more money
            open_case(talk, lead, payment, urgent=True)
        bring_in_human(talk, "fraud", lead, payment)
        if talk.customer is None:
            talk.say("utter_sign_in")
