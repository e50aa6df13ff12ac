"""Codes of the rails, as the table of real-world codes has them; none is guessed by resemblance."""

from __future__ import annotations

from typing import Any

import pytest

from actions.diagnosis.codes import CodeClass, classify
from actions.diagnosis.result import Cause
from tests.diagnosis.build import CARD, causes, declined, of

TABLE = {
    "balance": {
        "iso8583": "51",
        "iso20022": "AM04 AG07",
        "stripe": "insufficient_funds",
        "wechat": "NOTENOUGH NOT_ENOUGH",
        "alipay": "BUYER_BALANCE_NOT_ENOUGH USER_BALANCE_NOT_ENOUGH MONEY_NOT_ENOUGH",
    },
    "limit": {
        "iso8583": "61 65",
        "iso20022": "AM02 AM13 AM14 AM21 SL13 SL14 SL15 SL16",
        "stripe": "card_velocity_exceeded withdrawal_count_limit_exceeded",
        "wechat": "RULE_LIMIT",
        "alipay": "TOTAL_FEE_EXCEED BEYOND_PAY_RESTRICTION USER_AMOUNT_EXCEED_LIMIT "
        "PAYMENT_COUNT_EXCEED_LIMIT",
    },
    "limit_daily": {"alipay": "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"},
    "restricted": {
        "iso8583": "62 63 78",
        "iso20022": "AC06 AG01 AM07 NOCM RR04",
        "stripe": "restricted_card security_violation",
        "wechat": "ACCOUNT_ERROR USER_ACCOUNT_ABNORMAL",
        "alipay": "BUYER_ENABLE_STATUS_FORBID USER_STATUS_ABNORMAL USER_KYC_NOT_QUALIFIED",
    },
    "wrong_password": {
        "iso8583": "55",
        "iso20022": "AG08",
        "stripe": "invalid_pin",
        "alipay": "USER_PAYMENT_VERIFICATION_FAILED",
    },
    "password_locked": {
        "iso8583": "75 38",
        "stripe": "pin_try_exceeded",
        "alipay": "VERIFY_TIMES_EXCEED_LIMIT",
    },
    "merchant_config": {
        "iso8583": "03 58 92",
        "iso20022": "AG03 UCRD",
        "stripe": "service_not_allowed transaction_not_allowed",
        "wechat": "NOAUTH NO_AUTH SIGN_ERROR APPID_MCHID_NOT_MATCH MCH_NOT_EXISTS PARAM_ERROR",
        "alipay": "ACCESS_FORBIDDEN PARTNER_ERROR INVALID_PARAMETER",
    },
    "outage": {
        "iso8583": "91 96 22",
        "iso20022": "AB07 AB08 AB09 AB10 ED06 FF10",
        "stripe": "issuer_not_available processing_error try_again_later",
        "wechat": "SYSTEMERROR SYSTEM_ERROR BANK_ERROR",
        "alipay": "SYSTEM_ERROR",
    },
    "timeout": {"iso8583": "68", "iso20022": "AB01 AB03 AB05 AB06 AB11", "stripe": "reenter_transaction"},
    "issuer": {
        "iso8583": "05 12 14 15",
        "iso20022": "MS03 AC01 AC04 DS04",
        "stripe": "do_not_honor generic_decline call_issuer card_not_supported",
        "wechat": "TRADE_ERROR",
    },
    "card_expired": {"iso8583": "54", "stripe": "expired_card"},
    "not_permitted": {"iso8583": "57"},
    "pending": {
        "iso8583": "09",
        "iso20022": "G002 G003 G004",
        "stripe": "processing",
        "wechat": "USERPAYING ACCEPT",
        "alipay": "WAIT_BUYER_PAY",
    },
    "duplicate": {
        "iso8583": "94 26",
        "iso20022": "AM05 DUPL DU01 DU02 DU03 DU04 DU05",
        "stripe": "duplicate_transaction",
        "wechat": "OUT_TRADE_NO_USED",
        "alipay": "ALIN42282",
    },
    "already_paid": {"iso20022": "APAR", "wechat": "ORDERPAID ORDER_PAID", "alipay": "TRADE_HAS_SUCCESS"},
    "order_expired": {"iso20022": "AEXR EDTR TKXP EOL1"},
    "qr_expired": {"wechat": "AUTH_CODE_EXPIRE"},
    "order_closed": {"wechat": "ORDERCLOSED ORDERREVERSED", "alipay": "TRADE_HAS_CLOSE ORDER_STATUS_INVALID"},
    "currency": {"iso20022": "AM03 AM11 CURR AC09", "stripe": "currency_not_supported"},
    "country": {"iso20022": "BE09", "alipay": "ALIN43877"},
    "fraud": {
        "iso8583": "34 59 43 41",
        "iso20022": "FR01 FRAD",
        "stripe": "fraudulent stolen_card lost_card",
        "alipay": "ALIN43911",
    },
    "refund_trouble": {
        "iso20022": "FOCR RUTA FF12",
        "wechat": "ABNORMAL BIZ_ERR_NEED_RETRY REQUEST_BLOCKED",
        "alipay": "SELLER_BALANCE_NOT_ENOUGH",
    },
    "partial_approval": {"iso8583": "10"},
}
NO_CARD_AND_CARD: tuple[dict[str, Any], ...] = ({}, {"method": CARD})
ALL = [
    (rail, code, expected)
    for expected, rails in TABLE.items()
    for rail, codes in rails.items()
    for code in codes.split()
]


@pytest.mark.parametrize(("rail", "code", "expected"), ALL)
def test_every_code_has_its_class_on_its_own_rail(rail: str, code: str, expected: str) -> None:
    assert classify(rail, code) is CodeClass(expected)


@pytest.mark.parametrize(
    ("rail", "code"),
    [
        ("stripe", "51"),
        ("iso8583", "insufficient_funds"),
        ("iso8583", "051"),
        ("iso8583", "5"),
        ("wechat", "NOTENOUGHX"),
        ("wechat", "notenough"),
        ("unionpay", "51"),
        ("alipay", ""),
        (None, "51"),
        ("iso8583", None),
    ],
)
def test_a_code_of_another_rail_or_one_that_only_resembles_has_none(
    rail: str | None, code: str | None
) -> None:
    assert classify(rail, code) is None


def test_the_older_prefix_of_alipay_is_the_same_code() -> None:
    assert classify("alipay", "ACQ.TRADE_HAS_SUCCESS") is CodeClass.ALREADY_PAID
    assert classify("wechat", "ACQ.NOTENOUGH") is None


@pytest.mark.parametrize(("rail", "code"), [("iso8583", "88"), ("stripe", "new_code"), ("unionpay", "51")])
def test_an_unknown_code_leads_to_unknown(rail: str, code: str) -> None:
    for method in NO_CARD_AND_CARD:
        assert causes(of(declined(code, rail, **method))) == [Cause.UNKNOWN]


@pytest.mark.parametrize(("rail", "code"), [(rail, code) for rail, code, kind in ALL if kind == "fraud"])
@pytest.mark.parametrize("more", NO_CARD_AND_CARD, ids=["balance", "card"])
def test_a_fraud_code_is_nowhere_in_what_is_said(rail: str, code: str, more: dict[str, Any]) -> None:
    for not_me in (False, True):
        for one in of(declined(code, rail, **more), not_me=not_me):
            assert "fraud" not in one.label or not_me
            shown = [e.value for e in one.evidence] + [str(value) for value in one.values.values()]
            assert code not in shown


@pytest.mark.parametrize(("rail", "code"), [(rail, code) for rail, code, _ in ALL])
def test_no_code_breaks_a_diagnosis_or_is_told_as_a_value(rail: str, code: str) -> None:
    for more in NO_CARD_AND_CARD:
        for one in of(declined(code, rail, **more)):
            assert code not in one.values.values()
