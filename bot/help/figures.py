"""The figures that articles may state, out of the diagnosis's policy: `{{ refund_hours }}` in an article.

An article never writes such a number itself, so it can't drift from what the bot says.
"""

from __future__ import annotations

from datetime import timedelta

from actions.diagnosis.policy import DEFAULT, Policy


def figures(policy: Policy = DEFAULT) -> dict[str, str]:
    """Each figure's name and how it is written."""
    return {
        "refund_hours": _whole(policy.refund_window, timedelta(hours=1)),
        "pending_hours": _whole(policy.pending_window, timedelta(hours=1)),
        "case_hours": _whole(policy.case_promise, timedelta(hours=1)),
        "hold_days": _whole(policy.hold_window, timedelta(days=1)),
    }


def _whole(window: timedelta, unit: timedelta) -> str:
    count, rest = divmod(window, unit)
    if rest:
        raise ValueError(f"{window} is no whole number of {unit}: articles need another wording.")
    return str(count)
