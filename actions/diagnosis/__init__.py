"""The pure heart: facts about a payment in, a ranked list of diagnoses with evidence out.

Nothing here does I/O or reads a clock; `now` is always passed in.
"""

from actions.diagnosis.engine import diagnose, needs_attention

__all__ = ["diagnose", "needs_attention"]
