"""Words and limits of Datadog's API, from the sheet."""

from __future__ import annotations

UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

MONITOR_TYPES = (
    "composite",
    "event alert",
    "log alert",
    "metric alert",
    "process alert",
    "query alert",
    "rum alert",
    "service check",
    "synthetics alert",
    "trace-analytics alert",
    "slo alert",
    "event-v2 alert",
    "audit alert",
    "ci-pipelines alert",
    "ci-tests alert",
    "error-tracking alert",
    "database-monitoring alert",
    "network-performance alert",
    "cost alert",
    "data-quality alert",
    "network-path alert",
    "data-jobs alert",
    "llm-observability alert",
)
METRIC_TYPES = frozenset({"metric alert", "query alert"})
MISSING_DATA = ("default", "show_no_data", "show_and_notify_no_data", "resolve")
RENOTIFY_STATUSES = ("alert", "warn", "no data")
PRESETS = (
    "show_all",
    "hide_query",
    "hide_handles",
    "hide_all",
    "hide_query_and_handles",
    "show_only_snapshot",
    "hide_handles_and_footer",
)
DRAFT_STATUSES = ("draft", "published")
MONITORS_MOST = 1000  # on one page

WEBHOOK_ENCODINGS = ("json", "form")
OPSGENIE_REGIONS = ("us", "eu", "custom")
OPSGENIE_NAME_MOST = 100

END_STATES = ("alert", "no data", "warn")
END_TYPES = ("canceled", "expired")
RECURRENCES_MOST = 5
FREQUENCIES = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")

SLO_TYPES = ("metric", "monitor", "time_slice")
SLO_TIMEFRAMES = ("7d", "30d", "90d")
SLO_COMPARATORS = (">", ">=", "<", "<=")
SLO_INTERVALS = (60, 300)
SLO_GROUPS_MOST = 100
SLOS_MOST = 1000  # on one page

DORA_ID = r"[A-Za-z0-9._:-]{16,128}"
DORA_TAGS_MOST = 100
DORA_MOST = 1000  # in one list
REMEDIATIONS = ("rollback", "rollforward")
