"""Says a diagnosis: where the money is, what happened, what to do, when it will be over.

Chooses responses of `domain.yml` by the diagnosis' labels and fills in its values; no wording here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from actions import protocol
from actions.conversation import Conversation
from actions.diagnosis.facts import Payment
from actions.diagnosis.result import Actor, Cause, Confidence, Diagnosis, MoneyState, Route, Step, Urgency
from actions.diagnosis.timeline import timeline
from actions.evidence import in_plain_words
from actions.formatting import Formatter

# Further findings worth a line of their own: they would stop the next try, or already move the money.
ALSO = {
    Cause.INSUFFICIENT_BALANCE,
    Cause.LIMIT_EXCEEDED,
    Cause.ACCOUNT_RESTRICTED,
    Cause.PASSWORD_LOCKED,
    Cause.INTERNATIONAL_DISABLED,
    Cause.COUNTRY_UNSUPPORTED,
    Cause.CURRENCY_UNSUPPORTED,
    Cause.FX_FEE_SHORTFALL,
    Cause.CHANNEL_OUTAGE,
    Cause.MERCHANT_NOT_INTEGRATED,
    Cause.APP_OUTDATED,
    Cause.QR_EXPIRED,
    Cause.ORDER_EXPIRED,
    Cause.ORDER_CLOSED,
    Cause.REFUND_IN_PROGRESS,
    Cause.REFUND_OVERDUE,
    Cause.REFUND_PARTIAL,
}


# What only the company can put right, in hours rather than minutes: a case is offered to trace it. What
# cannot wait for the customer's answer (fraud, a restriction, records that disagree, a large amount) goes to
# a person at once.
TRACED = {
    Cause.REFUND_OVERDUE,
    Cause.REFUND_FAILED,
    Cause.DUPLICATE_PAYMENT,
    Cause.PENDING_OVERDUE,
}
# Of further findings: an outage that is over or not registered stops nobody, nor does what has ended.
_NOT_WORTH_SAYING = {"ended", "unspecified", "lifted", "unlocked"}
_SHORT_OF_MONEY = {Cause.INSUFFICIENT_BALANCE, Cause.FX_FEE_SHORTFALL}
# Money is moving by itself in these states: "when" has an answer.
_MOVING = {MoneyState.DEBITED_PENDING, MoneyState.REVERSING, MoneyState.REFUNDING, MoneyState.HELD}


def say_diagnosis(talk: Conversation, diagnoses: Sequence[Diagnosis], payment: Payment | None) -> None:
    """The whole answer about one payment. `diagnoses` as `diagnose` ranks them, `payment` the one meant."""
    lead = diagnoses[0]
    values = _values(lead, payment)
    if payment:
        _say_money(talk, lead, payment)
    if lead.confidence is not Confidence.PROVEN:
        talk.say(f"utter_hedge_{lead.confidence.value}")
    talk.say(f"utter_cause_{lead.label}", **values)
    enough_now = say_topped_up(talk, lead)
    for other in diagnoses[1:]:
        if other.cause in ALSO and other.cause is not lead.cause and other.variant not in _NOT_WORTH_SAYING:
            talk.say(f"utter_also_{other.cause.value}", **_values(other, payment))
    _say_merchant_rule(talk, lead, payment)
    for step in steps_to_do(lead, enough_now):
        talk.step(step.value)
    talk.send(card(talk.format, lead, payment))
    _remember_focus(talk, lead, payment)
    if lead.route is Route.ASK:
        talk.remember(offered="both_intended")
        talk.say("utter_ask_both_intended")
    elif is_traced(lead) and not _is_large(talk, payment):
        offer_case(talk, lead, payment)
    elif _needs_human_now(lead):
        bring_in_human(talk, "diagnosis", lead, payment)
    elif lead.route is Route.HUMAN or lead.cause is Cause.UNKNOWN:
        talk.remember(offered="human")
        talk.say("utter_offer_human")
    else:
        talk.say("utter_more_help")


def say_evidence(talk: Conversation, lead: Diagnosis, payment: Payment) -> None:
    """Why: what the records say, one line a kind of record; never more of a restriction than that it is."""
    talk.say("utter_why")
    said = set()
    for one in lead.evidence:
        response, value = in_plain_words(one, talk.format)
        if (response, value) not in said:
            said.add((response, value))
            talk.say(response, custom=protocol.point_part(), value=value)
    if lead.cause is Cause.ACCOUNT_RESTRICTED:
        talk.say("utter_why_limited")
    _say_money(talk, lead, payment)


def say_next(talk: Conversation, lead: Diagnosis, payment: Payment) -> None:
    """What to do now, who acts after that, and when it will be over."""
    if talk.slot("handed_off"):
        talk.say("utter_next_waiting")
    talk.say("utter_next" if lead.steps else "utter_next_nothing", **about(payment))
    for step in lead.steps:
        talk.step(step.value)
    if _case_about(payment) in (talk.slot("cases") or []):
        talk.say("utter_next_traced")
    elif lead.next_actor in (Actor.WALLET, Actor.AGENT, Actor.MERCHANT) and not talk.slot("handed_off"):
        talk.say(f"utter_next_{lead.next_actor.value}")
    if lead.resolves_at and lead.resolves_at > talk.now and lead.money in _MOVING:
        talk.say("utter_when_due", due=lead.resolves_at, left=lead.resolves_at - talk.now, **about(payment))


def say_changes(talk: Conversation, diagnoses: Sequence[Diagnosis], payment: Payment) -> None:
    """What is new since this payment was last explained; the whole answer again only if something is."""
    lead = diagnoses[0]
    if is_news(talk, lead, payment):
        talk.say("utter_changed")
        say_diagnosis(talk, diagnoses, payment)
        return
    talk.say("utter_unchanged", **about(payment))
    say_topped_up(talk, lead)
    say_next(talk, lead, payment)
    if not talk.slot("handed_off"):
        talk.remember(offered="human")
        talk.say("utter_offer_human")


def is_news(talk: Conversation, lead: Diagnosis, payment: Payment) -> bool:
    """Whether this is another payment than the one last explained, or another answer about it."""
    return payment.id != talk.slot("focus") or _seen(lead) != talk.slot("focus_cause")


def steps_to_do(lead: Diagnosis, enough_now: bool) -> list[Step]:
    """The fix steps as the customer gets them: without what is done already."""
    done = {Step.AGENT} if _needs_human_now(lead) else set()
    done |= {Step.TOP_UP} if enough_now else set()
    return [step for step in lead.steps if step not in done]


def _say_money(talk: Conversation, lead: Diagnosis, payment: Payment) -> None:
    """Where the money is. What is not over yet has not failed either, even if nothing was taken so far."""
    values = _values(lead, payment)
    if lead.money is MoneyState.NOT_CHARGED and lead.variant == "open":
        talk.say("utter_money_not_charged_yet", **values)
    elif lead.cause is Cause.ALREADY_PAID:  # the money line tells of the payment that went through
        talk.say(f"utter_money_{lead.money.value}", **{**values, "time": lead.values["paid_at"]})
    else:
        talk.say(f"utter_money_{lead.money.value}", **values)


def _remember_focus(talk: Conversation, lead: Diagnosis, payment: Payment | None) -> None:
    talk.remember(
        focus=payment.id if payment else None,
        focus_cause=_seen(lead) if payment else None,
        focus_at=talk.now.isoformat() if payment else None,
        candidates=None,
    )


def _seen(lead: Diagnosis) -> str:
    """What would have to differ for the customer to hear something new."""
    return f"{lead.label}/{lead.money.value}"


def _needs_human_now(lead: Diagnosis) -> bool:
    """Whether a person is brought in without asking the customer first."""
    return lead.route is Route.HUMAN and lead.urgency in (Urgency.HIGH, Urgency.CRITICAL)


def say_when(talk: Conversation, lead: Diagnosis, payment: Payment) -> None:
    """Only when it will be over, for a payment already explained."""
    if lead.resolves_at and lead.resolves_at < talk.now:
        over = talk.now - lead.resolves_at
        talk.say("utter_when_overdue", over=over, due=lead.resolves_at, **about(payment))
        if is_traced(lead) and not _is_large(talk, payment):
            offer_case(talk, lead, payment)
        else:
            bring_in_human(talk, "diagnosis", lead, payment)
    elif lead.resolves_at and lead.money in _MOVING:
        left = lead.resolves_at - talk.now
        talk.say("utter_when_due", due=lead.resolves_at, left=left, **about(payment))
    else:
        _say_money(talk, lead, payment)
        talk.say("utter_when_nothing_moves" if lead.money is MoneyState.NOT_CHARGED else "utter_when_settled")


def bring_in_human(
    talk: Conversation, reason: str, lead: Diagnosis | None = None, payment: Payment | None = None
) -> None:
    """Ask the gateway for a human and tell the customer, once; later requests only add to it."""
    urgency = lead.urgency.value if lead else ("critical" if reason == "fraud" else "medium")
    talk.send(
        protocol.handoff_request(
            reason=reason,
            urgency=urgency,
            summary=_summary(talk, lead, payment),
            diagnosis=card(talk.format, lead, payment) if lead else None,
        )
    )
    talk.say("utter_handoff_already" if talk.slot("handed_off") else f"utter_handoff_{reason}")
    talk.remember(handed_off=True, offered=None)


def is_traced(lead: Diagnosis) -> bool:
    """Whether only the company can put it right, so that it is worth a case."""
    return lead.cause in TRACED and lead.next_actor is Actor.AGENT


def offer_case(talk: Conversation, lead: Diagnosis, payment: Payment | None) -> None:
    """Ask whether to have it traced under a number; where a case was opened before, only add to it."""
    if talk.customer is None:
        return
    if _case_about(payment) in (talk.slot("cases") or []):
        open_case(talk, lead, payment)
        return
    talk.remember(offered="case")
    talk.say("utter_offer_case", within=talk.format.hours(talk.services.policy.case_promise))


def open_case(talk: Conversation, lead: Diagnosis, payment: Payment | None, *, urgent: bool = False) -> None:
    """Have it traced under a number, with a promise (policy). For signed-in customers.

    `urgent`: a person comes at once, so that nothing is said of waiting.

    The gateway says the number, and whether the case was there before: it alone knows.
    """
    opened, thing = list(talk.slot("cases") or []), _case_about(payment)
    promise = talk.services.policy.case_promise
    talk.send(
        protocol.case_request(
            about=thing,
            cause=lead.cause.value,
            title=payment_title(talk, payment) if payment else talk.format.word("account_safety"),
            promised_by=(talk.now + promise).isoformat(),
            summary=_summary(talk, lead, payment),
            diagnosis=card(talk.format, lead, payment),
        )
    )
    if thing not in opened and not urgent:
        talk.say("utter_case_opened", within=talk.format.hours(promise))
    talk.remember(offered=None, cases=opened if thing in opened else [*opened, thing])


def _is_large(talk: Conversation, payment: Payment | None) -> bool:
    amount = payment.amount if payment else None
    return amount is not None and talk.services.policy.is_large(amount.minor, amount.currency)


def _case_about(payment: Payment | None) -> str:
    return payment.id if payment else "account"


def payment_title(talk: Conversation, payment: Payment) -> str:
    """A payment by what the customer knows of it, in one line; never an id."""
    known = payment_words(talk, payment)
    return f"{known['merchant']} {known['amount']} · {known['time']}"


def payment_words(talk: Conversation, payment: Payment) -> dict[str, str]:
    """What the customer knows of a payment: `merchant`, `amount` and `time`."""
    fmt = talk.format
    return {
        "merchant": fmt.merchant(payment.merchant),
        "amount": fmt.money(payment.amount),
        "time": fmt.time(payment.created_at),
    }


def say_topped_up(talk: Conversation, lead: Diagnosis) -> bool:
    """The past is judged by the past; what has changed since is said separately (rule 3).

    Returns whether there is enough by now.
    """
    needed = lead.values.get("needed") if lead.cause in _SHORT_OF_MONEY else None
    if needed is None or talk.customer is None:
        return False
    for account in talk.customer.accounts:
        if account.currency == needed.currency and account.available.minor >= needed.minor:
            talk.say("utter_now_enough", available=account.available)
            return True
    return False


def _say_merchant_rule(talk: Conversation, lead: Diagnosis, payment: Payment | None) -> None:
    """Some merchants have rules of their own; worth knowing when a payment there took no money."""
    if payment is None or lead.money is not MoneyState.NOT_CHARGED:
        return
    merchant = payment.merchant
    rule = merchant.special_rule_zh if talk.language == "zh" else merchant.special_rule_en
    if rule:
        talk.say("utter_merchant_rule", rule=rule)


def about(payment: Payment) -> dict[str, Any]:
    """The values by which every answer names its payment."""
    return {
        "merchant": payment.merchant,
        "amount": payment.amount,
        "time": payment.created_at,
        "method": payment.method,
    }


def _values(diagnosis: Diagnosis, payment: Payment | None) -> dict[str, Any]:
    money = diagnosis.money_amount or (payment.amount if payment else None)
    return {
        **(about(payment) if payment else {}),
        "money": money,
        "due": diagnosis.resolves_at,
        **diagnosis.values,
    }


def card(fmt: Formatter, lead: Diagnosis, payment: Payment | None) -> dict[str, Any]:
    """The diagnosis as data, for the page and for agents."""
    amount = lead.money_amount or (payment.amount if payment else None)
    return protocol.card(
        cause=lead.cause.value,
        confidence=lead.confidence.value,
        money={"state": lead.money.value, "amount": fmt.value(amount), "label": lead.money.value},
        payment={
            "merchant": fmt.merchant(payment.merchant),
            "amount": fmt.money(payment.amount),
            "time": fmt.time(payment.created_at),
            "method": fmt.method(payment.method),
            "status": payment.status.value,
        }
        if payment
        else None,
        timeline=[
            {
                "stage": moment.stage.value,
                "state": moment.state.value,
                "time": fmt.value(moment.at),
                "amount": fmt.value(moment.amount),
            }
            for moment in (
                timeline(payment, lead.resolves_at, fmt.now) if payment and _is_sound(lead) else ()
            )
        ],
        evidence=[asdict(evidence) for evidence in lead.evidence],
        next_actor=lead.next_actor.value,
        resolves_at=lead.resolves_at.isoformat() if lead.resolves_at else None,
        resolves=fmt.time(lead.resolves_at) if lead.resolves_at else None,
        urgency=lead.urgency.value,
    )


def _is_sound(lead: Diagnosis) -> bool:
    """Records that contradict each other tell no story that could be drawn."""
    return lead.cause is not Cause.LEDGER_INCONSISTENT


def _summary(talk: Conversation, lead: Diagnosis | None, payment: Payment | None) -> str:
    """Facts for the agent, in a line each; no sentence that a customer reads."""
    fmt = talk.format
    lines = [f"topic: {talk.slot('topic') or talk.intent}", f"language: {talk.language}"]
    if payment:
        lines.append(
            f"payment: {fmt.merchant(payment.merchant)}, {fmt.money(payment.amount)}, "
            f"{payment.created_at.isoformat()}, {fmt.method(payment.method)}, {payment.status.value}, "
            f"order {payment.order_no}"
        )
    if lead:
        lines.append(f"diagnosis: {lead.label} ({lead.confidence.value}), money: {lead.money.value}")
        if lead.next_actor is not Actor.NOBODY:
            lines.append(f"next: {lead.next_actor.value}")
    return "\n".join(lines)
