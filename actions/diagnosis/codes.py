"""Response codes of the payment rails, sorted into a few classes.

A code means something only together with its rail (51 is one thing in ISO 8583 and nothing in Stripe).
A pair that is not listed has no class: resemblance is never enough. Which *cause* a class proves also
depends on the payment (51 is the wallet's balance or the card's funds); that is up to the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class CodeClass(str, Enum):
    """What a channel said, as far as our rules care."""

    BALANCE = "balance"
    FX_SHORTFALL = "fx_shortfall"
    LIMIT = "limit"  # which one, the code does not say
    LIMIT_PER_PAYMENT = "limit_per_payment"
    LIMIT_DAILY = "limit_daily"
    LIMIT_MONTHLY = "limit_monthly"
    RESTRICTED = "restricted"
    WRONG_PASSWORD = "wrong_password"
    PASSWORD_LOCKED = "password_locked"
    MERCHANT_CONFIG = "merchant_config"
    OUTAGE = "outage"
    TIMEOUT = "timeout"
    PENDING = "pending"
    ISSUER = "issuer"
    CARD_EXPIRED = "card_expired"
    NOT_PERMITTED = "not_permitted"  # the issuer, or a payment abroad
    DUPLICATE = "duplicate"
    ALREADY_PAID = "already_paid"
    QR_EXPIRED = "qr_expired"
    ORDER_EXPIRED = "order_expired"
    ORDER_CLOSED = "order_closed"
    INTL_DISABLED = "intl_disabled"
    COUNTRY = "country"
    CURRENCY = "currency"
    FRAUD = "fraud"  # never told to the customer: shown as a plain refusal
    APP_OUTDATED = "app_outdated"
    REFUND_TROUBLE = "refund_trouble"
    PARTIAL_APPROVAL = "partial_approval"


_C = CodeClass
_CODES: Mapping[str, Mapping[CodeClass, str]] = {
    # ISO 8583 data element 39
    "iso8583": {
        _C.BALANCE: "51",
        _C.LIMIT: "61 65",
        _C.RESTRICTED: "62 63 78",
        _C.WRONG_PASSWORD: "55",
        _C.PASSWORD_LOCKED: "38 75",
        _C.MERCHANT_CONFIG: "03 58 92",
        _C.OUTAGE: "22 91 96",
        _C.TIMEOUT: "68",
        _C.PENDING: "09",
        _C.ISSUER: "05 12 14 15",
        _C.CARD_EXPIRED: "54",
        _C.NOT_PERMITTED: "57",
        _C.DUPLICATE: "26 94",
        _C.FRAUD: "34 41 43 59",
        _C.PARTIAL_APPROVAL: "10",
    },
    # ISO 20022 external status reasons
    "iso20022": {
        _C.BALANCE: "AM04 AG07",  # a bank may hide AM04 behind AG07
        _C.LIMIT: "AM02 AM13 AM14 AM21 SL13 SL14 SL15 SL16",
        _C.RESTRICTED: "AC06 AG01 AM07 NOCM RR04",
        _C.WRONG_PASSWORD: "AG08",
        _C.MERCHANT_CONFIG: "AG03 UCRD",
        _C.OUTAGE: "AB07 AB08 AB09 AB10 ED06 FF10",
        _C.TIMEOUT: "AB01 AB03 AB05 AB06 AB11",
        _C.PENDING: "G002 G003 G004",
        _C.ISSUER: "MS03 AC01 AC04 DS04",
        _C.DUPLICATE: "AM05 DUPL DU01 DU02 DU03 DU04 DU05",
        _C.ALREADY_PAID: "APAR",
        _C.ORDER_EXPIRED: "AEXR EDTR TKXP EOL1",
        _C.COUNTRY: "BE09",
        _C.CURRENCY: "AM03 AM11 CURR AC09",
        _C.FRAUD: "FR01 FRAD",
        _C.REFUND_TROUBLE: "FOCR RUTA FF12",
    },
    # Stripe decline codes
    "stripe": {
        _C.BALANCE: "insufficient_funds",
        _C.LIMIT: "card_velocity_exceeded withdrawal_count_limit_exceeded",
        _C.RESTRICTED: "restricted_card security_violation",
        _C.WRONG_PASSWORD: "invalid_pin",
        _C.PASSWORD_LOCKED: "pin_try_exceeded",
        _C.MERCHANT_CONFIG: "service_not_allowed transaction_not_allowed",
        _C.OUTAGE: "issuer_not_available processing_error try_again_later",
        _C.TIMEOUT: "reenter_transaction",
        _C.PENDING: "processing",
        _C.ISSUER: "do_not_honor generic_decline call_issuer card_not_supported",
        _C.CARD_EXPIRED: "expired_card",
        _C.DUPLICATE: "duplicate_transaction",
        _C.CURRENCY: "currency_not_supported",
        _C.FRAUD: "fraudulent lost_card stolen_card",
    },
    # WeChat Pay, version 2 and version 3 spellings
    "wechat": {
        _C.BALANCE: "NOTENOUGH NOT_ENOUGH",
        _C.LIMIT: "RULE_LIMIT",
        _C.RESTRICTED: "ACCOUNT_ERROR USER_ACCOUNT_ABNORMAL",
        _C.MERCHANT_CONFIG: (
            "NOAUTH NO_AUTH SIGN_ERROR SIGNERROR APPID_MCHID_NOT_MATCH MCH_NOT_EXISTS PARAM_ERROR"
        ),
        _C.OUTAGE: "SYSTEMERROR SYSTEM_ERROR BANK_ERROR BANKERROR",
        _C.PENDING: "USERPAYING ACCEPT",
        _C.ISSUER: "TRADE_ERROR",
        _C.DUPLICATE: "OUT_TRADE_NO_USED",
        _C.ALREADY_PAID: "ORDERPAID ORDER_PAID",
        _C.QR_EXPIRED: "AUTH_CODE_EXPIRE AUTHCODEEXPIRE",
        _C.ORDER_CLOSED: "ORDERCLOSED ORDER_CLOSED ORDERREVERSED ORDER_REVERSED",
        _C.REFUND_TROUBLE: "ABNORMAL BIZ_ERR_NEED_RETRY REQUEST_BLOCKED",
    },
    # Alipay and Alipay+; older interfaces prefix the code with "ACQ."
    "alipay": {
        _C.BALANCE: "BUYER_BALANCE_NOT_ENOUGH USER_BALANCE_NOT_ENOUGH MONEY_NOT_ENOUGH",
        _C.LIMIT: (
            "TOTAL_FEE_EXCEED BEYOND_PAY_RESTRICTION USER_AMOUNT_EXCEED_LIMIT PAYMENT_COUNT_EXCEED_LIMIT"
        ),
        _C.LIMIT_DAILY: "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
        _C.RESTRICTED: "BUYER_ENABLE_STATUS_FORBID USER_STATUS_ABNORMAL USER_KYC_NOT_QUALIFIED",
        _C.WRONG_PASSWORD: "USER_PAYMENT_VERIFICATION_FAILED",
        _C.PASSWORD_LOCKED: "VERIFY_TIMES_EXCEED_LIMIT",
        _C.MERCHANT_CONFIG: "ACCESS_FORBIDDEN PARTNER_ERROR INVALID_PARAMETER",
        _C.OUTAGE: "SYSTEM_ERROR",
        _C.PENDING: "WAIT_BUYER_PAY",
        _C.DUPLICATE: "ALIN42282",
        _C.ALREADY_PAID: "TRADE_HAS_SUCCESS",
        _C.ORDER_CLOSED: "TRADE_HAS_CLOSE ORDER_STATUS_INVALID",
        _C.COUNTRY: "ALIN43877",
        _C.FRAUD: "ALIN43911",
        _C.REFUND_TROUBLE: "SELLER_BALANCE_NOT_ENOUGH",
    },
    # The wallet's own codes
    "wallet": {
        _C.BALANCE: "INSUFFICIENT_BALANCE",
        _C.FX_SHORTFALL: "FX_SHORTFALL",
        _C.LIMIT_PER_PAYMENT: "LIMIT_SINGLE",
        _C.LIMIT_DAILY: "LIMIT_DAILY",
        _C.LIMIT_MONTHLY: "LIMIT_MONTHLY",
        _C.RESTRICTED: "ACCOUNT_RESTRICTED",
        _C.WRONG_PASSWORD: "WRONG_PASSWORD",
        _C.PASSWORD_LOCKED: "PASSWORD_LOCKED",
        _C.MERCHANT_CONFIG: "MERCHANT_CONFIG",
        _C.OUTAGE: "SYSTEM_ERROR",
        _C.TIMEOUT: "CHANNEL_TIMEOUT",
        _C.ALREADY_PAID: "ORDER_PAID",
        _C.QR_EXPIRED: "QR_EXPIRED",
        _C.ORDER_EXPIRED: "ORDER_EXPIRED",
        _C.ORDER_CLOSED: "ORDER_CLOSED",
        _C.INTL_DISABLED: "INTL_DISABLED",
        _C.COUNTRY: "COUNTRY_UNSUPPORTED",
        _C.CURRENCY: "CURRENCY_UNSUPPORTED",
        _C.APP_OUTDATED: "APP_OUTDATED",
    },
}
_CLASS_OF: Mapping[tuple[str, str], CodeClass] = {
    (rail, code): code_class
    for rail, classes in _CODES.items()
    for code_class, codes in classes.items()
    for code in codes.split()
}


def classify(rail: str | None, code: str | None) -> CodeClass | None:
    """The class of a rail's code; None when there is no code or the pair is not known.

    `rail` is iso8583, iso20022, stripe, wechat, alipay or wallet; `code` as the channel sent it.
    """
    if not rail or not code:
        return None
    rail = rail.lower()
    code = code.strip()
    if rail == "alipay":
        code = code.removeprefix("ACQ.")
    return _CLASS_OF.get((rail, code))
