"""What lies around a payment: the channel, the merchant, the network, the app."""

from __future__ import annotations

from datetime import datetime

from actions.diagnosis.codes import CodeClass
from actions.diagnosis.facts import AppRelease, Facts, Incident, Outcome, Payment, PaymentStatus
from actions.diagnosis.money import OPEN, TAKEN, is_open, is_out, returned_at
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import Try, concluded, confidence, failed_try, last_try, latest_attempt, seen
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import Actor, Cause, Confidence, Diagnosis, Step, Urgency

_OUTAGE_CODES = (CodeClass.OUTAGE, CodeClass.TIMEOUT)
# Codes that leave open why: the channel did not answer in time, or had not decided.
_NO_REASON = (None, CodeClass.PENDING, *_OUTAGE_CODES)


@rule(Rank.OUTAGE, explains=_OUTAGE_CODES)
def channel_outage(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D6: an incident on this very channel at the time, or a code that says so; no other channel counts."""
    tried = last_try(facts)
    if tried is None or tried.attempt.outcome is Outcome.NOT_SENT:
        return None
    code = tried.code in _OUTAGE_CODES
    incident = _incident_at(facts, tried)
    ongoing = incident is not None and (incident.ended_at is None or now < incident.ended_at)
    if not ongoing and (failed_try(facts) is None or not (code or incident)):
        return None  # while the outcome is open, only trouble that lasts says why
    if not ongoing and tried.other_reason(_OUTAGE_CODES):
        return None
    correlated = incident is not None and not code and not tried.silent
    return concluded(
        tried.payment,
        Cause.CHANNEL_OUTAGE,
        Confidence.POSSIBLE if correlated else confidence(code=code, facts=incident is not None),
        variant="unspecified" if incident is None else "ongoing" if ongoing else "ended",
        evidence=(
            *((seen(incident, "started_at"), seen(incident, "ended_at")) if incident else ()),
            *(tried.code_evidence() if code else ()),
        ),
        values={"started_at": incident.started_at, "ended_at": incident.ended_at} if incident else {},
        steps=(Step.WAIT_INCIDENT, Step.OTHER_METHOD) if ongoing else (Step.RETRY, Step.OTHER_METHOD),
        next_actor=Actor.WALLET if ongoing else Actor.CUSTOMER,
        urgency=Urgency.HIGH if is_out(tried.payment) else Urgency.MEDIUM,
    )


@rule(Rank.MERCHANT, explains=(CodeClass.MERCHANT_CONFIG,))
def merchant_not_integrated(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D5: the merchant has not set the wallet up correctly; ruled out if others could pay there then."""
    tried = failed_try(facts)
    if tried is None or tried.attempt.outcome is Outcome.NOT_SENT or facts.merchant_health.others_succeeded:
        return None
    code = tried.code is CodeClass.MERCHANT_CONFIG
    merchant, health = tried.payment.merchant, facts.merchant_health
    everybody = health.others_failed >= policy.merchant_failures
    agree = not merchant.integrated or everybody
    if not (code or agree):
        return None
    correlated = not code and merchant.integrated  # only that others fail there too
    return concluded(
        tried.payment,
        Cause.MERCHANT_NOT_INTEGRATED,
        Confidence.POSSIBLE if correlated else confidence(code=code, facts=agree),
        evidence=(
            *((seen(merchant, "integrated"),) if not merchant.integrated else ()),
            *((seen(health, "others_failed", id=merchant.id),) if everybody else ()),
            *(tried.code_evidence() if code else ()),
        ),
        steps=(Step.TELL_MERCHANT, Step.OTHER_METHOD),
        next_actor=Actor.MERCHANT,
    )


@rule(Rank.NETWORK)
def network_not_sent(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D7a: only the app's own log knows of the try: no request id of the server's, nothing booked."""
    tried = last_try(facts)
    if tried is None or tried.attempt.outcome is not Outcome.NOT_SENT or tried.attempt.server_request_id:
        return None
    if tried.attempt.client_crashed or is_open(tried.payment):
        return None
    return concluded(
        tried.payment,
        Cause.NETWORK_NOT_SENT,
        Confidence.PROVEN,
        evidence=(seen(tried.attempt, "outcome"),),
        steps=(Step.CHECK_NETWORK, Step.RESTART, Step.RETRY),
    )


@rule(Rank.RESPONSE_LOST)
def response_lost(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D7b: the server knows of the payment, but its answer never reached the phone."""
    payment = facts.payment
    attempt = latest_attempt(payment) if payment else None
    if payment is None or attempt is None or attempt.outcome is Outcome.NOT_SENT:
        return None
    lost = attempt.client_timed_out or attempt.client_crashed
    variant = _known_now(payment, facts) if lost else None
    if variant is None:
        return None
    undecided = variant == "open"
    return concluded(
        payment,
        Cause.NETWORK_RESPONSE_LOST,
        Confidence.PROVEN,
        variant=variant,
        evidence=(
            seen(attempt, "client_timed_out" if attempt.client_timed_out else "client_crashed"),
            seen(payment, "status"),
        ),
        values={"at": payment.captured_at or attempt.finished_at or attempt.started_at},
        steps=(Step.CHECK_NETWORK, Step.RETRY)
        if variant == "not_charged"
        else (Step.DO_NOT_PAY_AGAIN, Step.REFRESH_BILL),
        next_actor=Actor.WALLET if undecided else Actor.CUSTOMER,
        urgency=Urgency.LOW if variant == "not_charged" else Urgency.HIGH,
    )


def _known_now(payment: Payment, facts: Facts) -> str | None:
    """What the server knows of a payment whose answer was lost; None when something else explains it."""
    if payment.refunds:
        return None
    if payment.status in TAKEN:
        return "succeeded" if payment.status is PaymentStatus.CAPTURED else None
    tried = last_try(facts)
    if payment.status in OPEN and is_open(payment):
        return None if is_out(payment) else "open"
    explained = tried is not None and (
        tried.code not in _NO_REASON or (tried.code is None and not tried.silent)
    )
    # Money that left and came back is a reversal, and a recorded reason is the better answer.
    return None if is_out(payment) or returned_at(payment) or explained else "not_charged"


@rule(Rank.APP, explains=(CodeClass.APP_OUTDATED,))
def app_outdated(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D21: the app was older than the oldest version accepted at the time."""
    tried = failed_try(facts)
    if tried is None or tried.attempt.app_version is None:
        return None
    code = tried.code is CodeClass.APP_OUTDATED
    minimum = _minimum_at(facts.releases, tried.attempt.started_at)
    old = minimum is not None and _number(tried.attempt.app_version) < _number(minimum.version)
    newest = max(facts.releases, key=lambda release: _number(release.version), default=None)
    required = minimum or newest
    if required is None or not (code or old):
        return None
    return concluded(
        tried.payment,
        Cause.APP_OUTDATED,
        confidence(code=code, facts=old),
        evidence=(seen(tried.attempt, "app_version"), *(tried.code_evidence() if code else ())),
        values={"version": tried.attempt.app_version, "required": required.version},
        steps=(Step.UPDATE_APP, Step.RESTART, Step.RETRY),
    )


@rule(Rank.APP)
def app_bug(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D21: the app closed before it sent anything; certain only if this version is known to do so."""
    tried = last_try(facts)
    if tried is None or tried.attempt.outcome is not Outcome.NOT_SENT or not tried.attempt.client_crashed:
        return None
    if is_open(tried.payment):
        return None
    version = tried.attempt.app_version or facts.customer.app_version or ""
    known = next((r for r in facts.releases if r.version == version and r.known_bug_zh), None)
    cure = known.fixed_in if known else None
    return concluded(
        tried.payment,
        Cause.APP_BUG,
        confidence(code=True, facts=known is not None),
        variant="fixed" if cure else "not_fixed" if known else "unspecified",
        evidence=(
            seen(tried.attempt, "client_crashed"),
            *((seen(known, "known_bug_zh"),) if known else ()),
        ),
        values={"version": version, "fixed_in": cure},
        steps=(Step.UPDATE_APP, Step.RESTART, Step.RETRY)
        if cure or not known
        else (Step.RESTART, Step.OTHER_METHOD),
    )


def _incident_at(facts: Facts, tried: Try) -> Incident | None:
    """An incident of the attempt's own channel with a moment in common with it (end not included).

    Of several the one that lasts.
    """
    start = tried.attempt.started_at
    end = tried.attempt.finished_at or start
    found = [
        incident
        for incident in facts.incidents
        if incident.channel == tried.attempt.channel
        and incident.started_at <= end
        and (incident.ended_at is None or start < incident.ended_at)
    ]
    lasting = (incident for incident in found if incident.ended_at is None)
    return next(lasting, None) or max(found, key=lambda one: one.ended_at or end, default=None)


def _minimum_at(releases: tuple[AppRelease, ...], at: datetime) -> AppRelease | None:
    """The oldest version that was still accepted at the moment `at`."""
    demanded = [r for r in releases if r.minimum_from is not None and r.minimum_from <= at]
    return max(demanded, key=lambda release: _number(release.version), default=None)


def _number(version: str) -> tuple[int, ...]:
    """9.10.0 is newer than 9.9.1; a part that is no number counts as 0."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))
