"""Our reading of times and Chinese numerals beside that of libraries: `python -m scripts.compare_values`.

The libraries are not needed by anything else: `pip install dateparser recognizers-text-suite "emoji<2" cn2an`
into an environment of its own (no other package of ours is imported but `bot.nlu.values` and `actions.when`).
One that is not there is left out. A time counts as read when the day is right (and the hour, where one
was said); a number when it is equal.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from actions.when import resolve
from bot.nlu.text import fold
from bot.nlu.values.dates import parse as parse_time
from bot.nlu.values.numerals import parse_number

NOW = datetime(2026, 11, 25, 12, 0)  # noqa: DTZ001 - a Wednesday, on the customer's own clock
ZONE = "Asia/Shanghai"

# What was said → the moment it names on the customer's clock; hour -1: only the day was said.
TIMES: dict[str, list[tuple[str, int, int, int]]] = {
    "zh": [
        ("昨天下午三点", 11, 24, 15),
        ("上周五", 11, 20, -1),
        ("前天晚上八点多", 11, 23, 20),
        ("3天前", 11, 22, -1),
        ("半小时前", 11, 25, 11),
        ("11月20号", 11, 20, -1),
        ("14号付的", 11, 14, -1),
        ("大前天", 11, 22, -1),
        ("今早八点半", 11, 25, 8),
        ("周一中午", 11, 23, 12),
        ("昨晚", 11, 24, -1),
        ("两小时前", 11, 25, 10),
    ],
    "en": [
        ("yesterday at 3pm", 11, 24, 15),
        ("last friday", 11, 20, -1),
        ("two days ago", 11, 23, -1),
        ("half an hour ago", 11, 25, 11),
        ("on the 14th", 11, 14, -1),
        ("20 Nov", 11, 20, -1),
        ("the day before yesterday", 11, 23, -1),
        ("this morning at 8:30", 11, 25, 8),
        ("monday noon", 11, 23, 12),
        ("last night", 11, 24, -1),
        ("3 days back", 11, 22, -1),
        ("a couple of hours ago", 11, 25, 10),
    ],
}
NUMBERS = {
    "一百二十八": "128",
    "两百": "200",
    "三千五": "3500",
    "一万二": "12000",
    "二百五": "250",
    "1.2万": "12000",
    "三千零五": "3005",
    "一二八": "128",
    "俩千": "2000",
    "3k": "3000",
}

Reader = Callable[[str, str], datetime | None]


def ours(text: str, language: str) -> datetime | None:
    """The moment that we understand, on the customer's clock: we read spans, loose around an hour."""
    value = parse_time(fold(text))
    zone = ZoneInfo(ZONE)
    span = resolve(value, NOW.replace(tzinfo=zone), ZONE) if value else None
    if span is None:
        return None
    loose = {"hour", "hours_ago", "minutes_ago"} & set(value or {})
    moment = span.start + (span.end - span.start) / 2 if loose else span.start
    return moment.astimezone(zone).replace(tzinfo=None)


def readers() -> dict[str, Reader]:
    """Us, and each library that is installed."""
    found: dict[str, Reader] = {"ours": ours}
    try:
        import dateparser

        found["dateparser"] = lambda text, language: dateparser.parse(
            text, languages=[language], settings={"RELATIVE_BASE": NOW, "PREFER_DATES_FROM": "past"}
        )
    except ImportError:
        pass
    try:
        from recognizers_date_time import recognize_datetime
        from recognizers_text import Culture

        def recognizers(text: str, language: str) -> datetime | None:
            culture = Culture.Chinese if language == "zh" else Culture.English
            for result in recognize_datetime(text, culture, reference=NOW):
                values = (result.resolution or {}).get("values") or []
                past = [v.get("value") or v.get("start") for v in values]
                past = sorted(v for v in past if v and v[:4].isdigit() and v <= NOW.isoformat(" "))
                if past:
                    return datetime.fromisoformat(past[-1])
            return None

        found["recognizers-text"] = recognizers
    except ImportError:
        pass
    return found


def main() -> None:
    """Prints how many of the phrases each reader reads."""
    print(f"{'times':<20}{'zh':>10}{'en':>10}")
    for name, read in readers().items():
        counts = []
        for language, phrases in TIMES.items():
            right = 0
            for text, month, day, hour in phrases:
                got = read(text, language)
                near = got is not None and (hour < 0 or abs(got.hour - hour) <= 1)
                right += bool(near and got and (got.month, got.day) == (month, day))
            counts.append(f"{right}/{len(phrases)}")
        print(f"{name:<20}{counts[0]:>10}{counts[1]:>10}")
    print(f"\n{'Chinese numerals':<20}{'right':>10}")
    numerals: dict[str, Callable[[str], object]] = {"ours": parse_number}
    try:
        import cn2an

        numerals["cn2an"] = lambda text: cn2an.cn2an(text, "smart")
    except ImportError:
        pass
    for name, number in numerals.items():
        right = 0
        for text, value in NUMBERS.items():
            try:
                right += Decimal(str(number(text))) == Decimal(value)
            except Exception:  # noqa: S112 - a library may refuse a text in any way it likes
                continue
        print(f"{name:<20}{f'{right}/{len(NUMBERS)}':>10}")


if __name__ == "__main__":
    main()
