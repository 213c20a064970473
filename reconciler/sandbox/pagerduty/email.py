"""What PagerDuty does with mail that comes in: filters and parsers of an integration (sheet 3.7)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import Check, Invalid, items, nullable, text, word
from reconciler.sandbox.pagerduty.body import known
from reconciler.sandbox.pagerduty.vocabulary import (
    EMAIL_FILTER_MODES,
    EMAIL_FILTER_PART_MODES,
    EMAIL_INCIDENT_CREATION,
    EMAIL_PARSER_ACTIONS,
    EMAIL_PARSING_FALLBACKS,
    EMAIL_PARTS,
    EXTRACTOR_TYPES,
    PREDICATE_GROUPS,
    PREDICATE_MATCHES,
)

_PARTS = ("subject", "body", "from_email")
_MODE = word(*EMAIL_FILTER_PART_MODES)
_FILTER: dict[str, Check] = {
    **{f"{part}_mode": _MODE for part in _PARTS},
    **{f"{part}_regex": nullable(text()) for part in _PARTS},
}
EVERYTHING: Obj = {key: "always" if key.endswith("_mode") else None for key in _FILTER}


def _filter(value: Any, path: str) -> Obj:
    clean: Obj = known(_FILTER, [f"{part}_mode" for part in _PARTS])(value, path)
    for part in _PARTS:
        if clean[f"{part}_mode"] != "always" and not clean.get(f"{part}_regex"):
            raise Invalid({f"{path}.{part}_regex": "is required"})
    return {**EVERYTHING, **clean}


_MATCH = known(
    {"type": word(*PREDICATE_MATCHES), "part": word(*EMAIL_PARTS), "matcher": text(least=1)},
    ("type", "part", "matcher"),
)


def _predicate(value: Any, path: str) -> Any:
    """A tree: groups hold children, leaves match a part of the mail."""
    if isinstance(value, dict) and value.get("type") in PREDICATE_GROUPS:
        shape = {"type": word(*PREDICATE_GROUPS), "children": items(_predicate, least=1)}
        return known(shape, ("type", "children"))(value, path)
    return _MATCH(value, path)


_EXTRACTOR: dict[str, Check] = {
    "type": word(*EXTRACTOR_TYPES),
    "part": word(*EMAIL_PARTS),
    "value_name": text(least=1),
    "regex": nullable(text(least=1)),
    "starts_after": nullable(text()),
    "ends_with": nullable(text()),
    "ends_before": nullable(text()),  # sheet 7: S has the one name, the clients the other
}
_PARSER: dict[str, Check] = {
    "action": word(*EMAIL_PARSER_ACTIONS),
    "match_predicate": _predicate,
    "value_extractors": nullable(items(known(_EXTRACTOR, ("type", "part", "value_name")))),
}


def _parser(value: Any, path: str) -> Obj:
    clean: Obj = known(_PARSER, ("action", "match_predicate"))(value, path)
    extractors = clean.get("value_extractors") or []
    keys = [part for part in extractors if part["value_name"] == "incident_key"]
    if extractors and len(keys) != 1:
        raise Invalid({f"{path}.value_extractors": "must hold exactly one incident_key"})
    return {**clean, "value_extractors": extractors}


FIELDS: dict[str, Check] = {
    "integration_email": text(least=3, pattern=r"[^@\s]+@[^@\s]+"),
    "email_incident_creation": word(*EMAIL_INCIDENT_CREATION),
    "email_filter_mode": word(*EMAIL_FILTER_MODES),
    "email_filters": nullable(items(_filter)),
    "email_parsers": nullable(items(_parser)),
    "email_parsing_fallback": nullable(word(*EMAIL_PARSING_FALLBACKS)),
}
DEFAULTS: Obj = {
    "email_incident_creation": "on_new_email",
    "email_filter_mode": "all-email",
    "email_filters": [EVERYTHING],
    "email_parsers": None,
    "email_parsing_fallback": "open_new_incident",
}


def settled(before: Obj, body: Obj) -> Obj:
    """An omitted or empty list of filters reads back as one that lets everything through."""
    after = {**DEFAULTS, **{key: before[key] for key in FIELDS if key in before}}
    after |= {key: body[key] for key in FIELDS if key in body}
    return {
        **after,
        "email_filters": after["email_filters"] or [EVERYTHING],
        "email_parsers": after["email_parsers"] or None,
    }
