"""Whether the page's colours can be told apart, by the rules of WCAG 2.2 AA (1.4.3)."""

from __future__ import annotations

import re

from playwright.sync_api import Page

MINIMUM = 4.5
# Words and the ground they stand on, as custom properties of the style sheet.
COLOUR_PAIRS = [
    ("text", "surface"),
    ("text", "brand-soft"),
    ("text-soft", "ground"),
    ("text-soft", "surface-soft"),
    ("text-soft", "brand-soft"),
    ("brand-strong", "surface"),
    ("brand-strong", "brand-soft"),
    ("on-brand", "brand"),
    ("good", "good-soft"),
    ("good", "ground"),
    ("moving", "moving-soft"),
    ("alert", "alert-soft"),
    ("alert", "ground"),
]


def too_faint(page: Page) -> dict[tuple[str, str], float]:
    """The pairs whose contrast is below the minimum, with that contrast; empty when all is well."""
    ratios = {
        (text, ground): contrast(colour(page, text), colour(page, ground)) for text, ground in COLOUR_PAIRS
    }
    return {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < MINIMUM}


def colour(page: Page, name: str) -> tuple[float, float, float]:
    """A colour of the style sheet as red, green and blue from 0 to 1."""
    value = page.evaluate(
        "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()", f"--{name}"
    )
    assert re.fullmatch(r"#[0-9a-f]{6}", value), f"--{name} is {value!r}"
    return tuple(int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))  # type: ignore[return-value]


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """The contrast ratio of WCAG 2.2."""

    def luminance(colour: tuple[float, float, float]) -> float:
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
