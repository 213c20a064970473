"""Wallarm's closed lists of words and its limits, restated from the sheet."""

from __future__ import annotations

_MESSENGER = (
    "system",
    "rules_and_triggers",
    "security_issue_critical",
    "security_issue_high",
    "security_issue_medium",
    "security_issue_low",
    "security_issue_info",
)
_REPORTS = ("report_daily", "report_weekly", "report_monthly")
_COLLECTOR = (*_MESSENGER, "siem", "number_of_requests_per_hour")

# Sheet 3.6: the events each type may have.
EVENTS: dict[str, tuple[str, ...]] = {
    "email": (
        "system",
        *_REPORTS,
        "aasm_report",
        "api_discovery_hourly_changes_report",
        "api_discovery_daily_changes_report",
    ),
    **dict.fromkeys(("slack", "ms_teams", "opsgenie", "pager_duty"), _MESSENGER),
    "telegram": (*_MESSENGER, *_REPORTS),
    **dict.fromkeys(("data_dog", "insight_connect", "splunk", "sumo_logic", "web_hooks"), _COLLECTOR),
}
EVENT_WITH_HEADERS = "siem"
# Sheet 3.6, history.
OLDER_EVENTS = ("hit", "vuln", "vuln_high", "vuln_medium", "vuln_low", "scope")
OPSGENIE_APIS = ("https://api.opsgenie.com/v2/alerts", "https://api.eu.opsgenie.com/v2/alerts")

TEMPLATES = (
    "incidents_exceeded",
    "attacks_exceeded",
    "hits_exceeded",
    "vector_attack",
    "bruteforce_started",
    "forced_browsing_started",
    "bola_search_started",
    "user_created",
    "blacklist_ip_added",
    "api_structure_changed",
    "attack_ip_grouping",
    "compromised_logins",
    "rogue_api_detected",
)
THRESHOLD_REQUIRED = ("incidents_exceeded", "attacks_exceeded", "hits_exceeded", "vector_attack", "bruteforce_started")
THRESHOLD_FORBIDDEN = ("user_created",)
FILTER_OPERATORS = ("eq", "ne")
FILTERS = (
    "ip_address",
    "pool",
    "attack_type",
    "domain",
    "target",
    "response_status",
    "url",
    "hint_tag",
    "pii",
    "change_type",
    "deviation_type",
    "api_spec_ids",
)
TARGETS = ("server", "database", "client")
PII = (
    "password",
    "secret",
    "credit_card_number",
    "CVV",
    "IBAN",
    "driver_license_number",
    "email",
    "location",
    "login",
    "passport_number",
    "personal_name",
    "phone",
    "SSN",
    "IP",
    "MAC",
)
CHANGE_TYPES = ("added", "changed", "excluded")
DEVIATION_TYPES = ("shadow", "orphan", "zombie")
FILTERS_MOST = 6
ACTIONS_MOST = 4
ACTIONS_WITH_LOCK = ("block_ips", "add_to_graylist")
ACTIONS = ("send_notification", *ACTIONS_WITH_LOCK, "mark_as_brute", "group_attack_by_ip")
