"""What people call currencies, to ISO 4217 codes.

The wallet is a Chinese one: "¥", 块 and 元 mean CNY; a bare "$" and "dollars" mean USD.
"""

from __future__ import annotations

_NAMES: dict[str, tuple[str, ...]] = {
    "CNY": ("人民币", "软妹币", "cny", "rmb", "yuan", "renminbi"),
    "USD": ("美元", "美金", "美刀", "usd", "us dollars", "us dollar", "dollars", "dollar", "bucks", "buck"),
    "EUR": ("欧元", "eur", "euros", "euro"),
    "GBP": ("英镑", "gbp", "pounds", "pound", "sterling", "quid"),
    "JPY": ("日元", "日币", "日圆", "円", "jpy", "yen"),
    "HKD": ("港币", "港元", "港纸", "hkd", "hong kong dollars", "hk dollars", "蚊港币"),
    "TWD": ("新台币", "台币", "twd", "ntd"),
    "MOP": ("澳门币", "葡币", "mop"),
    "KRW": ("韩元", "韩币", "韩圆", "krw", "korean won", "won"),
    "SGD": ("新加坡元", "新加坡币", "新币", "坡币", "sgd", "singapore dollars", "sing dollars"),
    "MYR": ("马来西亚林吉特", "林吉特", "令吉", "马币", "myr", "ringgit", "rm"),
    "THB": ("泰铢", "泰株", "thb", "baht"),
    "AUD": ("澳元", "澳币", "澳刀", "aud", "aussie dollars", "australian dollars"),
    "NZD": ("新西兰元", "纽元", "纽币", "nzd"),
    "CAD": ("加元", "加币", "加刀", "cad", "canadian dollars"),
    "CHF": ("瑞士法郎", "瑞郎", "chf", "swiss francs", "francs"),
    "INR": ("印度卢比", "卢比", "inr", "rupees", "rupee", "rs"),
    "IDR": ("印尼盾", "印尼卢比", "idr", "rupiah"),
    "VND": ("越南盾", "vnd", "dong"),
    "PHP": ("菲律宾比索", "比索", "php", "pesos", "peso"),
    "RUB": ("卢布", "rub", "rubles", "roubles"),
    "AED": ("迪拉姆", "aed", "dirhams", "dirham"),
    "SAR": ("沙特里亚尔", "里亚尔", "riyals", "riyal"),
    "KWD": ("科威特第纳尔", "第纳尔", "kwd", "dinars", "dinar"),
    "TRY": ("土耳其里拉", "里拉", "turkish lira", "lira"),
    "SEK": ("瑞典克朗", "sek"),
    "NOK": ("挪威克朗", "nok"),
    "DKK": ("丹麦克朗", "dkk"),
    "BRL": ("雷亚尔", "brl", "reais"),
    "MXN": ("墨西哥比索", "mxn"),
    "ZAR": ("兰特", "南非兰特", "zar", "rand"),
    "EGP": ("埃镑", "埃及镑", "egp", "egyptian pounds"),
    "PLN": ("兹罗提", "pln", "zloty"),
}
# Only beside a number do these mean a currency.
_UNITS_ONLY: dict[str, tuple[str, ...]] = {
    "CNY": ("块钱", "块", "元", "圆", "大洋", "块人民币", "元人民币", "块大洋", "kuai"),
    "USD": ("刀", "刀乐"),
    "HKD": ("蚊",),
}
_SYMBOLS: dict[str, tuple[str, ...]] = {
    "CNY": ("¥", "rmb", "cny", "cn¥"),
    "USD": ("$", "us$", "usd"),
    "EUR": ("€", "eur"),
    "GBP": ("£", "gbp"),
    "JPY": ("jpy", "jp¥"),
    "HKD": ("hk$", "hkd"),
    "TWD": ("nt$", "twd"),
    "KRW": ("₩", "krw"),
    "SGD": ("s$", "sgd"),
    "MYR": ("rm", "myr"),
    "THB": ("฿", "thb"),
    "AUD": ("a$", "au$", "aud"),
    "NZD": ("nz$", "nzd"),
    "CAD": ("c$", "ca$", "cad"),
    "INR": ("₹", "rs.", "rs", "inr"),
    "AED": ("aed",),
    "KWD": ("kwd", "kd"),
    "PHP": ("₱", "php"),
    "VND": ("₫", "vnd"),
    "BRL": ("r$",),
    "CHF": ("chf",),
}


def _by_name(*tables: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {name: code for table in tables for code, names in table.items() for name in names}


UNIT_ONLY_LATIN = frozenset({"rm", "rs", "won", "pound", "buck", "php", "rand", "dong", "francs"})
# Stand on their own as a currency in a sentence.
NAMES = {name: code for name, code in _by_name(_NAMES).items() if name not in UNIT_ONLY_LATIN} | {
    "korean won": "KRW"
}
UNITS = _by_name(_NAMES, _UNITS_ONLY)  # after a number
SYMBOLS = _by_name(_SYMBOLS)  # before a number
