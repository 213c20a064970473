"""Reactio's closed lists of words and its limits, restated from the sheet."""

from __future__ import annotations

STATUSES = ("open", "pend", "close")

# Sheet 3.2; null, the default, is "not selected".
SELECTIONS: dict[str, tuple[str, ...]] = {
    "detection": ("msp", "system", "client", "internal"),
    "cause": ("over-capacity", "bug", "operation-error", "external-factor", "degradation", "unknown"),
    "point": ("network", "shared-hardware", "hardware", "os", "middleware", "application"),
    "scale": ("cross", "whole", "point"),
}
FREE_TEXTS = ("cause_supplement", "pend_text", "close_text")
# In the order in which answers show them.
DEPRECATED = ("detection", "cause", "cause_supplement", "point", "scale", "pend_text", "close_text")

MESSAGE_MOST = 10_000
MESSAGE_TAGS = ("a", "b", "br", "img")

PAGE_MOST = 100
PER_PAGE_MOST = 100
PER_PAGE = 20

CHANNELS = ("phone", "email1", "email2", "imkayac")
COLORS = ("#5661aa", "#077f40")  # those of the examples
