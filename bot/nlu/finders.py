"""Finds every entity of a sentence with its value: numbers and times by rule, names by list, unknown
merchants by where they stand. Overlaps: the longest wins, then the more telling label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.nlu.gazetteer import Gazetteer
from bot.nlu.text import CJK, fold
from bot.nlu.values import Value, amounts, dates, references


@dataclass(frozen=True)
class Found:
    """An entity: offsets into the text as typed, and what it means."""

    label: str
    start: int
    end: int
    value: Value

    @property
    def length(self) -> int:
        """Characters covered."""
        return self.end - self.start


# Of two spans equally long, the one whose label stands first is kept.
_PREFERENCE = (
    "order_number", "date_time", "amount", "ordinal", "merchant", "payment_method", "country", "currency",
    "password_issue",
)  # fmt: skip

# A card or phone number is never an amount, an order number or anything else.
_CARD = re.compile(r"(?<![\da-z])(?:\d[ -]?){12,18}\d(?![\da-z])")
_ORDER_WORD = re.compile(r"(?:单号|流水号|交易号|编号|order|transaction|ref|txn)[^,.;,。;]{0,12}$")


def find_entities(text: str, gazetteer: Gazetteer) -> list[Found]:
    """All entities of `text` in order of appearance, none overlapping another."""
    folded = fold(text)
    candidates = [*_by_rule(text, folded), *_by_name(text, folded, gazetteer)]
    cards = [
        m.span() for m in _CARD.finditer(folded) if not _ORDER_WORD.search(folded[: m.start()])
    ]
    taken: list[Found] = []
    ranked = sorted(candidates, key=lambda f: (-f.length, _PREFERENCE.index(f.label), f.start))
    for found in ranked:
        if all(found.end <= t.start or t.end <= found.start for t in taken) and not any(
            s < found.end and found.start < e for s, e in cards
        ):
            taken.append(found)
    taken += [f for f in _unknown_merchants(text, folded, taken) if _free(f, taken)]
    return sorted(taken, key=lambda f: f.start)


def _free(found: Found, taken: list[Found]) -> bool:
    return all(found.end <= t.start or t.end <= found.start for t in taken)


def _by_rule(text: str, folded: str) -> Iterator[Found]:
    for start, end in amounts.find(folded):
        amount = amounts.parse(folded[start:end])
        if amount is not None:
            yield Found("amount", start, end, amount)
    for start, end, when in dates.find(folded):
        yield Found("date_time", start, end, when)
    for start, end in references.find_order_numbers(folded):
        number = references.order_number(text[start:end])
        if number is not None:
            yield Found("order_number", start, end, number)
    for start, end in references.find_ordinals(folded):
        position = references.parse_ordinal(folded[start:end])
        if position is not None:
            yield Found("ordinal", start, end, position)
    for start, end, issue in references.find_password_issues(folded):
        yield Found("password_issue", start, end, issue)
    for match in _BALANCE.finditer(folded):
        yield Found("payment_method", *match.span(), "balance")
    for match in _CARD_WORD.finditer(folded):
        yield Found("payment_method", *match.span("card"), "bank_card")


# The balance as a means of payment, not as something to look up.
_BALANCE = re.compile(
    r"(?<=用)余额|(?<=用钱包)余额|(?<=用账户)余额|(?<=从)余额|(?<=拿)余额|(?<=用的)余额|(?<=走)余额"
    r"|余额(?=支付|付款|付的|付了|扣的|扣了)|(?<=with )balance\b|(?<=using )balance\b|(?<=from )balance\b"
    r"|(?:(?<=with my )|(?<=from my )|(?<=using my )|(?<=with the )|(?<=using the )|(?<=from the )|(?<=by ))"
    r"(?:wallet |account )?balance\b"
)
_CARD_WORD = re.compile(
    r"\b(?:with|using|use|by|on|from|my|used|via)(?: my| the| a)?(?: \w+)? (?P<card>cards?)\b(?! (?:number|no|details))"
)


def _by_name(text: str, folded: str, gazetteer: Gazetteer) -> Iterator[Found]:
    for start, end, name in gazetteer.find(folded, text):
        if name.everyday and not _purchase_around(folded, start, end):
            continue
        yield Found(name.label, start, end, name.value)


_BEFORE_NAME = re.compile(r"(?:在|从|给|去|到|上|跟|找|是|向|\b(?:at|to|from|on|with|for|by|via|in|the|my|using))\s*$")
_AFTER_NAME = re.compile(
    r"\s?(?:那|这|的(?:订单|付款|那|退款|钱)|买|付|消费|扣|下单|点|充|订|支付|退|收|刷|花|便利|"
    r"\b(?:charged|payment|order|refund|purchase|one|took|said|says|subscription|bill)\b)"
)


def _purchase_around(folded: str, start: int, end: int) -> bool:
    return bool(_BEFORE_NAME.search(folded[:start]) or _AFTER_NAME.match(folded, end))


# --- merchants that no list knows ----------------------------------------------------------------
_SHOP = (
    r"(?:店|馆|铺|餐厅|酒店|超市|便利店|药店|药房|书店|饭店|食堂|咖啡|奶茶|面馆|小吃|早餐店|烧烤|火锅|水果店|菜摊|摊|"
    r"理发店|商行|商城|影城|影院|健身房|停车场|加油站|民宿|宾馆|旅馆|花店|蛋糕|烘焙|茶|家电|数码|酒楼|茶餐厅|冰室|诊所|医院)"
)
_ZH_GENERIC = re.compile(
    r"^(?:这|那|某|一|哪|我|你|他|她|家|楼|附近|网|线|手机|国|境|店|外|学校|公司|里|自己|别|该|个|超市|便利店|药店|商场|饭店|餐厅|酒店|路边|小|同|app|平台|商家|本|刚|新|的|老家|对方|朋友|电脑|实体|线下|线上|加油站|停车场|医院|食堂|书店|咖啡|奶茶|水果|外面|海外|这边|上面|下面|里面|微信|支付宝|菜市场|服务区|机场|车站|地铁站|景区|微店|钱包)"
)
_ZH_INSIDE = "的了吗呢吧啊是不没有说把被着过什么怎样还也就都又再很以为因但可能要会让跟和与我你他她它您们这那哪谁钱付扣款失败买支,"
_ZH_MERCHANT = re.compile(
    rf"(?:在|给|去|到|向)(?P<name>(?:(?![{_ZH_INSIDE}])[{CJK}a-z0-9'&·]){{2,10}}?)"
    r"(?=付|支付|买|消费|扫码|扫的|结账|点了|点餐|点外卖|下单|吃饭|吃了|用餐|订|充值|刷|花了|转账|转了|交|加油|住|喝|续费|扣|的那|那笔|那单|的订单)"
)
_ZH_SHOP_NAME = re.compile(
    rf"(?:在|给|去|到|向|付|^|[,。!?\s])(?P<name>(?:(?![{_ZH_INSIDE}])[{CJK}]){{2,6}}?{_SHOP}+)(?=那|的|付|买|消费|扫|结|点|下|吃|订|刷|花|扣|收|$|[,。!?\s])"
)
_EN_STOP = {
    "I", "My", "The", "A", "An", "It", "This", "That", "Your", "You", "Me", "Please", "Hi", "Hello", "Why", "App", "APP",
    "IM", "QR", "OTP", "SMS", "PIN", "ID", "English", "Chinese", "Human", "Agent", "Support", "Wallet", "Settings",
    "Security", "Wi-Fi", "WiFi", "Wifi", "Android", "IOS", "iOS", "iPhone", "Google", "OK", "Face", "VPN", "ATM", "CVV", "USD",
    "Christmas", "Easter", "Chat", "Help", "Payment", "Refund", "Visa", "Mastercard", "Alipay", "WeChat", "PayPal", "AM", "PM",
}  # fmt: skip
_CAPITAL_WORD = r"[A-Z][A-Za-z0-9'’&+.-]*[A-Za-z0-9+]"
_EN_MERCHANT = re.compile(
    rf"\b(?:at|to|from|with|by|for|called|named)\s+(?P<name>(?:The )?{_CAPITAL_WORD}(?:\s(?:&\s|and\s|of\s|de\s)?{_CAPITAL_WORD}){{0,3}})"
)


def _unknown_merchants(text: str, folded: str, taken: list[Found]) -> Iterator[Found]:
    """Conservative: a name is believed only between words that frame a shop (在…付款, "at …")."""
    for pattern in (_ZH_MERCHANT, _ZH_SHOP_NAME):
        for match in pattern.finditer(folded):
            name = match["name"]
            if len(name) >= 2 and not _ZH_GENERIC.match(name):
                yield Found("merchant", *match.span("name"), text[slice(*match.span("name"))])
    letters = [char for char in text if char.isalpha()]
    if sum(map(str.isupper, letters)) > len(letters) / 2:
        return  # shouting: capitals say nothing
    for match in _EN_MERCHANT.finditer(text):
        if match["name"].split()[0] not in _EN_STOP:
            yield Found("merchant", *match.span("name"), match["name"])
