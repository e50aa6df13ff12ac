"""What the channels answer: real response codes by meaning, for the six kinds of channel.

The meanings are the channels' own; which cause they point at in the wallet depends on the story.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

CODES: Mapping[str, Mapping[str, str]] = {
    "iso8583": {
        "funds": "51",
        "limit": "61 65",
        "restricted": "62 63",
        "password": "55",
        "password_tries": "75",
        "config": "03 58 92",
        "system": "91 96 22",
        "late": "68",
        "in_progress": "09",
        "refused": "05 12 14 15",
        "card_expired": "54",
        "not_permitted": "57",
        "duplicate": "94 26",
        "stolen": "34 41 43 59",
        "odd": "10 Z7 30 77",
    },
    "iso20022": {
        "funds": "AM04 AG07",
        "limit": "AM02 AM13 AM14 AM21 SL13 SL14",
        "restricted": "AC06 AM07 NOCM RR04",
        "password": "AG08",
        "config": "AG03 UCRD",
        "system": "AB07 AB08 AB09 AB10 ED06",
        "late": "AB01 AB03 AB05 AB06",
        "in_progress": "G002 G003 G004",
        "refused": "MS03 AC01 AC04 DS04",
        "duplicate": "AM05 DUPL DU01 DU03",
        "paid": "APAR",
        "expired": "AEXR EDTR TKXP EOL1",
        "country": "BE09",
        "currency": "AM03 AM11 CURR AC09",
        "stolen": "FR01 FRAD",
        "odd": "NARR CH03 ZZZZ",
    },
    "stripe": {
        "funds": "insufficient_funds",
        "limit": "card_velocity_exceeded withdrawal_count_limit_exceeded",
        "restricted": "restricted_card security_violation",
        "password": "invalid_pin",
        "password_tries": "pin_try_exceeded",
        "config": "service_not_allowed transaction_not_allowed",
        "system": "issuer_not_available processing_error try_again_later",
        "in_progress": "processing",
        "refused": "do_not_honor generic_decline call_issuer card_not_supported",
        "card_expired": "expired_card",
        "duplicate": "duplicate_transaction",
        "currency": "currency_not_supported",
        "stolen": "fraudulent stolen_card lost_card",
        "odd": "testmode_decline new_reason_2031",
    },
    "wechat": {
        "funds": "NOTENOUGH NOT_ENOUGH",
        "limit": "RULE_LIMIT",
        "restricted": "ACCOUNT_ERROR USER_ACCOUNT_ABNORMAL",
        "config": "NOAUTH NO_AUTH SIGN_ERROR APPID_MCHID_NOT_MATCH MCH_NOT_EXISTS PARAM_ERROR",
        "system": "SYSTEMERROR SYSTEM_ERROR BANK_ERROR",
        "in_progress": "USERPAYING ACCEPT",
        "duplicate": "OUT_TRADE_NO_USED",
        "paid": "ORDERPAID ORDER_PAID",
        "qr_expired": "AUTH_CODE_EXPIRE",
        "closed": "ORDERCLOSED ORDERREVERSED",
        "odd": "XML_FORMAT_ERROR LACK_PARAMS FREQUENCY_2031",
    },
    "alipay": {
        "funds": "BUYER_BALANCE_NOT_ENOUGH USER_BALANCE_NOT_ENOUGH ACQ.BUYER_BALANCE_NOT_ENOUGH",
        "limit": "TOTAL_FEE_EXCEED USER_AMOUNT_EXCEED_LIMIT BEYOND_PAY_RESTRICTION",
        "limit_day": "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
        "restricted": "BUYER_ENABLE_STATUS_FORBID USER_STATUS_ABNORMAL",
        "password": "USER_PAYMENT_VERIFICATION_FAILED",
        "password_tries": "VERIFY_TIMES_EXCEED_LIMIT",
        "config": "ACCESS_FORBIDDEN PARTNER_ERROR INVALID_PARAMETER ACQ.ACCESS_FORBIDDEN",
        "system": "SYSTEM_ERROR ACQ.SYSTEM_ERROR",
        "in_progress": "WAIT_BUYER_PAY",
        "duplicate": "ALIN42282",
        "paid": "TRADE_HAS_SUCCESS ACQ.TRADE_HAS_SUCCESS",
        "closed": "TRADE_HAS_CLOSE ORDER_STATUS_INVALID",
        "country": "ALIN43877",
        "stolen": "ALIN43911",
        "odd": "ACQ.CONTEXT_INCONSISTENT ALIN00000",
    },
    "wallet": {
        "funds": "INSUFFICIENT_BALANCE",
        "fx_funds": "FX_SHORTFALL",
        "limit_single": "LIMIT_SINGLE",
        "limit_day": "LIMIT_DAILY",
        "limit_month": "LIMIT_MONTHLY",
        "restricted": "ACCOUNT_RESTRICTED",
        "password": "WRONG_PASSWORD",
        "password_tries": "PASSWORD_LOCKED",
        "config": "MERCHANT_CONFIG",
        "system": "SYSTEM_ERROR",
        "late": "CHANNEL_TIMEOUT",
        "paid": "ORDER_PAID",
        "qr_expired": "QR_EXPIRED",
        "expired": "ORDER_EXPIRED",
        "closed": "ORDER_CLOSED",
        "intl_off": "INTL_DISABLED",
        "country": "COUNTRY_UNSUPPORTED",
        "currency": "CURRENCY_UNSUPPORTED",
        "app_old": "APP_OUTDATED",
        "odd": "E5031 REFUSED",
    },
}
# Words that no answer may show: they hint at risk control, theft or loss.
SECRET = frozenset(code for meanings in CODES.values() for code in meanings.get("stolen", "").split()) | {
    "watched",
    "under_review",
}
RISK_REASON = "RC-7 velocity rule"


def answer(dice: Random, rail: str, *meanings: str) -> tuple[str, str] | None:
    """(rail, code) for the first of the meanings that the rail can express, else that the wallet can;
    None if neither has a word for any of them."""
    for speaker in (rail, "wallet"):
        for meaning in meanings:
            words = CODES[speaker].get(meaning)
            if words:
                return speaker, dice.choice(words.split())
    return None
