"""Opsgenie's closed lists of words and its limits, restated from the sheet."""

from __future__ import annotations

NAME_LENGTH = 100
DESCRIPTION_LENGTH = 200
# Sheet 4 and 6: patterns known from the vendor's own clients only; setting `names: any` lifts them.
TEAM_NAME = r"[a-zA-Z 0-9_.-]+"
SCHEDULE_NAME = r"[a-zA-Z 0-9_-]+"

MEMBER_ROLES = ("user", "admin")
USER_ROLES = ("owner", "admin", "user", "stakeholder")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
RESTRICTIONS_MOST = 15

ROTATION_TYPES = ("daily", "weekly", "hourly")
PARTICIPANT_TYPES = ("user", "team", "escalation", "none")

RULE_CONDITIONS = ("if-not-acked", "if-not-closed")
NOTIFY_TYPES = ("default", "next", "previous", "users", "admins", "all", "random")
RECIPIENT_TYPES = ("user", "team", "schedule")
ROUTING_NOTIFY_TYPES = ("schedule", "escalation", "none")
RESPONDER_TYPES = ("user", "team", "escalation", "schedule")

MATCH_TYPES = ("match-all", "match-any-condition", "match-all-conditions")
TEXT_OPERATIONS = ("matches", "contains", "starts-with", "ends-with", "equals", "is-empty", "equals-ignore-whitespace")
LIST_OPERATIONS = ("contains", "is-empty", "matches")
DETAIL_OPERATIONS = ("contains", "is-empty", "contains-key", "contains-value")
PRIORITY_OPERATIONS = ("equals", "greater-than", "less-than")
OPERATIONS = tuple(dict.fromkeys((*TEXT_OPERATIONS, *LIST_OPERATIONS, *DETAIL_OPERATIONS, *PRIORITY_OPERATIONS)))
CONDITION_OPERATIONS = {
    **dict.fromkeys(("message", "alias", "description", "source", "entity", "teams"), TEXT_OPERATIONS),
    **dict.fromkeys(("actions", "tags", "recipients"), LIST_OPERATIONS),
    "details": DETAIL_OPERATIONS,
    "priority": PRIORITY_OPERATIONS,
    "extra-properties": OPERATIONS,
    "responders": OPERATIONS,
}
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")

# The sheet names these of about 200. Another name is taken for one of the others, unless it is one of these in another
# case, or of those that nobody can make by the API.
INTEGRATION_TYPE = r"[A-Za-z][A-Za-z0-9]*"
UNMADE_TYPES = ("zendesk", "slack", "incomingcall", "pingdomwebhook", "nagios", "observium", "hipchat")
INTEGRATION_TYPES = (
    "API",
    "Email",
    "Webhook",
    "Datadog",
    "DynatraceV2",
    "Prometheus",
    "CloudWatch",
    "AmazonSns",
)
INTEGRATION_NAME_LENGTH = 250
ACTION_TYPES = ("create", "close", "acknowledge", "addNote", "ignore")

HEARTBEAT_NAME = r"[a-zA-Z0-9._-]+"
HEARTBEAT_NAME_LENGTH = 200
HEARTBEAT_DESCRIPTION_LENGTH = 10_000
INTERVAL_UNITS = ("minutes", "hours", "days")

POLICY_TYPES = ("alert", "notification")
# Sheet 9: the vendor's page says less, its clients so much.
POLICY_NAME_LENGTH = 512
POLICY_DESCRIPTION_LENGTH = 512
DURATION_UNITS = ("seconds", "minutes", "hours", "days")
DEDUPLICATIONS = ("value-based", "frequency-based")
COUNT_LEAST, COUNT_MOST = 2, 100
DELAYS = ("for-duration", "next-time", "next-weekday", *(f"next-{day}" for day in DAYS))

MAINTENANCE_TIMES = ("for-5-minutes", "for-30-minutes", "for-1-hour", "indefinitely", "schedule")
MAINTENANCE_STATES = ("enabled", "disabled")
MAINTENANCE_ENTITIES = ("integration", "policy")
MAINTENANCE_LISTS = ("all", "past", "non-expired")

MESSAGE_LENGTH = 130
ALIAS_LENGTH = 512
ALERT_DESCRIPTION_LENGTH = 15_000
TAGS_MOST = 20
TAG_LENGTH = 50
