"""ISO 4217: which currencies exist and how many decimal places they have."""

from __future__ import annotations

from decimal import Decimal

from actions.diagnosis.facts import Money

_NO_PLACES = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THREE_PLACES = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_TWO_PLACES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP
    MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS
    VES WST XCD YER ZAR ZMW ZWG
    """.split()
)


def is_known(currency: str) -> bool:
    """Whether ISO 4217 lists the code; an amount in any other currency is never shown."""
    return currency in _TWO_PLACES or currency in _NO_PLACES or currency in _THREE_PLACES


def exponent(currency: str) -> int:
    """Decimal places: 0 for JPY, 2 for CNY, 3 for KWD. Raises ValueError for an unknown code."""
    if currency in _NO_PLACES:
        return 0
    if currency in _THREE_PLACES:
        return 3
    if currency in _TWO_PLACES:
        return 2
    raise ValueError(f"{currency!r} is not in ISO 4217")


def major(money: Money) -> Decimal:
    """The amount in whole units of its currency: KWD 12345 is Decimal("12.345")."""
    return Decimal(money.minor).scaleb(-exponent(money.currency))
