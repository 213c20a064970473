"""PagerDuty's closed lists of words and its limits, restated from the sheet."""

from __future__ import annotations

NAME_LENGTH = 100
EMAIL_SHORTEST = 6
EMAIL_LENGTH = 100
TEAM_DESCRIPTION_LENGTH = 1024

USER_ROLES = (
    "admin",
    "limited_user",
    "observer",
    "owner",
    "read_only_user",
    "restricted_access",
    "read_only_limited_user",
    "user",
)
READERS = ("read_only_user", "read_only_limited_user")
CONTACT_METHOD_TYPES = (
    "email_contact_method",
    "phone_contact_method",
    "sms_contact_method",
    "push_notification_contact_method",
    "whatsapp_contact_method",
)
MEMBER_ROLES = ("observer", "responder", "manager")
DEFAULT_ROLES = ("manager", "none")
URGENCIES = ("high", "low")

RESTRICTION_TYPES = ("daily_restriction", "weekly_restriction")
TURN_SHORTEST = 3_600
TURN_LONGEST = 31_536_000
DAY = 86_400

HANDOFF_NOTIFICATIONS = ("if_has_services", "always")
ASSIGNMENT_STRATEGIES = ("round_robin", "assign_to_everyone")
TARGETS_MOST = 10

TIMEOUT_LONGEST = 2**31 - 1  # the sandbox's own limit: no longer one is known
SERVICE_STATUSES = ("active", "warning", "critical", "maintenance", "disabled")
URGENCY_RULE_TYPES = ("constant", "use_support_hours")
URGENCY_RULE_URGENCIES = ("high", "low", "severity_based")
SUPPORT_HOURS_EDGES = ("support_hours_start", "support_hours_end")
PAUSES = (0, 120, 180, 300, 600, 900)
RECOMMENDED_PAUSE = 300

GROUPING_TYPES = ("content_based", "content_based_intelligent", "intelligent", "time")
SERVICE_GROUPING_TYPES = ("time", "intelligent", "content_based")
AGGREGATES = ("all", "any")
WINDOW_SHORTEST = 300
WINDOW_LONGEST = 3_600
GROUPED_SERVICES_MOST = 250

INTEGRATION_TYPES = (
    "aws_cloudwatch_inbound_integration",
    "cloudkick_inbound_integration",
    "event_transformer_api_inbound_integration",
    "generic_email_inbound_integration",
    "generic_events_api_inbound_integration",
    "keynote_inbound_integration",
    "nagios_inbound_integration",
    "pingdom_inbound_integration",
    "sql_monitor_inbound_integration",
    "events_api_v2_inbound_integration",
)
EMAIL_INCIDENT_CREATION = ("on_new_email", "on_new_email_subject", "only_if_no_open_incidents", "use_rules")
EMAIL_FILTER_MODES = ("all-email", "or-rules-email", "and-rules-email")
EMAIL_FILTER_PART_MODES = ("match", "no-match", "always")
EMAIL_PARSER_ACTIONS = ("trigger", "resolve")
EMAIL_PARSING_FALLBACKS = ("open_new_incident", "discard")
PREDICATE_GROUPS = ("all", "any", "not")
PREDICATE_MATCHES = ("contains", "exactly", "regex")
EMAIL_PARTS = ("body", "subject", "from_addresses")
EXTRACTOR_TYPES = ("entire", "regex", "between")

WEBHOOK_FILTERS = ("account_reference", "service_reference", "team_reference")
WEBHOOK_EVENTS = (
    "incident.acknowledged",
    "incident.action_invocation.created",
    "incident.action_invocation.terminated",
    "incident.action_invocation.updated",
    "incident.annotated",
    "incident.conference_bridge.updated",
    "incident.custom_field_values.updated",
    "incident.delegated",
    "incident.escalated",
    "incident.incident_type.changed",
    "incident.priority_updated",
    "incident.reassigned",
    "incident.reopened",
    "incident.resolved",
    "incident.responder.added",
    "incident.responder.replied",
    "incident.role.assigned",
    "incident.service_updated",
    "incident.status_update_published",
    "incident.task.created",
    "incident.task.updated",
    "incident.task.completed",
    "incident.triggered",
    "incident.unacknowledged",
    "incident.workflow.started",
    "incident.workflow.completed",
    "service.created",
    "service.updated",
    "service.deleted",
    "service.custom_field_values.updated",
    "pagey.ping",
)
REDACTED = "-- redacted --"

SEVERITIES = ("critical", "error", "warning", "info")
RULE_EVENT_ACTIONS = ("trigger", "resolve")
TRIGGER_TYPES = ("alert_triggered", "alert_suppressed", "alert_suspended")
LOOKUPS = ("service_name", "service_id")

WINDOW_FILTERS = ("past", "future", "ongoing", "open", "all")
WORKFLOW_TRIGGER_TYPES = ("conditional", "manual", "incident_type")
INCIDENT_STATUSES = ("triggered", "acknowledged", "resolved")
INCIDENTS_AT_ONCE = 250
NOTES_MOST = 2_000
SNOOZE_LONGEST = 604_800
TAG_LENGTH = 191

EVENT_ACTIONS = ("trigger", "acknowledge", "resolve")
DEDUP_KEY_LENGTH = 255
SUMMARY_LENGTH = 1024
ROUTING_KEY_LENGTH = 32
EVENT_SIZE = 512 * 1024
BUSINESS_SERVICES_MOST = 5_000
EDGES_MOST = 2_000
EDGES_DEEP = 100
