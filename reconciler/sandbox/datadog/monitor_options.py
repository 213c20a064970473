"""Options of monitors: what each may be, what excludes what, and what the server adds (sheet 3)."""

from __future__ import annotations

import re
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog.body import decimal, known
from reconciler.sandbox.datadog.tenant import Refusal, Tenant
from reconciler.sandbox.datadog.vocabulary import MISSING_DATA, PRESETS, RENOTIFY_STATUSES
from reconciler.sandbox.fields import Check, Invalid, anything, flag, items, mapping, nullable, text, whole, word, zone

NUMBERS = ("critical", "critical_recovery", "warning", "warning_recovery", "ok", "unknown")
THRESHOLDS: dict[str, Check] = {
    **{name: nullable(decimal()) for name in NUMBERS},
    **{name: nullable(text()) for name in ("critical_query", "critical_recovery_query")},
}
RETAINED = {"m": 1, "h": 60, "d": 1440}


def _retention(value: Any, path: str) -> str:
    """One hour to 72, as `90m`, `2h`, `3d`."""
    found = re.fullmatch(r"(\d{1,5})([mhd])", text()(value, path))
    if not found or not 60 <= int(found[1]) * RETAINED[found[2]] <= 72 * 60:
        raise Invalid({path: f"must be between 60m and 72h, not {value!r}"})
    return str(value)


RECURRENCE = known({"rrule": text(least=1), "start": text(), "timezone": zone}, ("rrule",))
SCHEDULING: dict[str, Check] = {
    "evaluation_window": known(
        {
            "day_starts": text(pattern=r"([01]\d|2[0-3]):[0-5]\d"),
            "month_starts": whole(1, 1),
            "hour_starts": whole(0, 59),
            "timezone": zone,
        }
    ),
    "custom_schedule": known({"recurrences": items(RECURRENCE, least=1)}, ("recurrences",)),
}
SECONDS = nullable(whole(0))
FIELDS: dict[str, Check] = {
    "thresholds": known(THRESHOLDS),
    "threshold_windows": known({"trigger_window": nullable(text()), "recovery_window": nullable(text())}),
    "notify_no_data": flag,
    "no_data_timeframe": nullable(whole(0)),
    "on_missing_data": word(*MISSING_DATA),
    "renotify_interval": nullable(whole(0)),
    "renotify_occurrences": nullable(whole(0)),
    "renotify_statuses": nullable(items(word(*RENOTIFY_STATUSES))),
    "escalation_message": text(),
    "evaluation_delay": SECONDS,
    "new_group_delay": SECONDS,
    "new_host_delay": SECONDS,
    "timeout_h": nullable(whole(0, 24)),
    "require_full_window": flag,
    "include_tags": flag,
    "notify_audit": flag,
    "notify_by": items(text(least=1)),
    "notification_preset_name": word(*PRESETS),
    "group_retention_duration": _retention,
    "enable_logs_sample": flag,
    "enable_samples": flag,
    "groupby_simple_monitor": flag,
    "min_failure_duration": nullable(whole(0, 7200)),
    "min_location_failed": nullable(whole(1)),
    "variables": items(mapping(anything)),
    "locked": flag,
    "scheduling_options": known(SCHEDULING),
}
CHECK = known(FIELDS)
DEFAULTS: Obj = {
    "notify_audit": False,
    "notify_no_data": False,
    "include_tags": True,
    "new_host_delay": 300,
    "silenced": {},
}
DEFAULTS_OF: dict[str, Obj] = {
    "log alert": {"groupby_simple_monitor": False},
    "rum alert": {"groupby_simple_monitor": False},
    "data-quality alert": {"avalanche_window": 10},
}


def stored(kind: str, options: Obj) -> Obj:
    """Options as the server keeps them: its own added, thresholds of null dropped, texts trimmed."""
    kept = {**DEFAULTS, **DEFAULTS_OF.get(kind, {}), **options}
    if "thresholds" in kept:
        kept["thresholds"] = {name: value for name, value in kept["thresholds"].items() if value is not None}
    if isinstance(kept.get("escalation_message"), str):
        kept["escalation_message"] = kept["escalation_message"].rstrip()
    return kept


def check(tenant: Tenant, kind: str, options: Obj) -> None:
    """What only shows when options are seen together. Raises 400."""
    thresholds = {name for name, value in (options.get("thresholds") or {}).items() if value is not None}
    if "warning_recovery" in thresholds and "warning" not in thresholds:
        raise _wrong("a warning recovery threshold needs a warning threshold")
    if kind != "service check" and thresholds & {"ok", "unknown"}:
        raise _wrong("ok and unknown thresholds are for service checks")
    if {"critical", "critical_query"} <= thresholds:
        raise _wrong("a critical query excludes static thresholds")
    missing = options.get("on_missing_data")
    if missing is not None and (options.get("notify_no_data") or options.get("no_data_timeframe") is not None):
        raise _wrong("on_missing_data excludes notify_no_data and no_data_timeframe")
    custom = (options.get("scheduling_options") or {}).get("custom_schedule")
    if tenant.settings.options == "newer" and custom is not None and missing is None:
        raise _wrong("custom_schedule needs on_missing_data")


def check_groups(tenant: Tenant, options: Obj, grouped: bool) -> None:
    if tenant.settings.options == "newer" and options.get("notify_by") and not grouped:
        raise _wrong("notify_by needs a query with groups")


def _wrong(said: str) -> Refusal:
    return Refusal(400, f"The value provided for parameter 'options' is invalid: {said}")
