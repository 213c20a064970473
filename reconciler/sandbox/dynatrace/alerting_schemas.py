"""The schemas of alerting: profiles (sheet 7.2), maintenance windows (7.3), metric events (7.4)."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.definition import (
    Definition,
    among,
    equals,
    flag,
    many,
    no,
    number,
    part,
    plain,
    record,
    setting,
    text,
    word,
    words,
)

DEFAULT = "Default"
PROTECTED = (DEFAULT, "Default for ActiveGate Token Expiry")
SEVERITIES = ("AVAILABILITY", "CUSTOM_ALERT", "ERRORS", "MONITORING_UNAVAILABLE", "PERFORMANCE", "RESOURCE_CONTENTION")
_DELAYS = {
    "MONITORING_UNAVAILABLE": 0,
    "AVAILABILITY": 0,
    "ERRORS": 0,
    "PERFORMANCE": 30,
    "RESOURCE_CONTENTION": 30,
    "CUSTOM_ALERT": 0,
}
SEVERITY_RULES: list[Obj] = [
    {"severityLevel": level, "delayInMinutes": delay, "tagFilterIncludeMode": "NONE"}
    for level, delay in _DELAYS.items()
]
_EVENT_TYPES = {
    "": """EC2_HIGH_CPU OSI_HIGH_CPU ELB_HIGH_BACKEND_ERROR_RATE PROCESS_NA_HIGH_CONN_FAIL_RATE
        CUSTOM_APP_CRASH_RATE_INCREASED ESXI_GUEST_CPU_LIMIT_REACHED ESXI_GUEST_ACTIVE_SWAP_WAIT EBS_VOLUME_HIGH_LATENCY
        DATABASE_CONNECTION_FAILURE HOST_OF_SERVICE_UNAVAILABLE AWS_LAMBDA_HIGH_ERROR_RATE MONITORING_UNAVAILABLE
        MOBILE_APP_CRASH_RATE_INCREASED PG_LOW_INSTANCE_COUNT PGI_UNAVAILABLE PGI_OF_SERVICE_UNAVAILABLE""",
    "CUSTOM_APPLICATION_": "ERROR_RATE_INCREASED SLOWDOWN UNEXPECTED_LOW_LOAD UNEXPECTED_HIGH_LOAD",
    "ESXI_HOST_": """CPU_SATURATION MEMORY_SATURATION NETWORK_PROBLEMS DISK_SLOW DISK_QUEUE_SLOW
        DATASTORE_LOW_DISK_SPACE OVERLOADED_STORAGE""",
    "ESXI_VM_IMPACT_HOST_": "CPU_SATURATION MEMORY_SATURATION",
    "SERVICE_": "ERROR_RATE_INCREASED SLOWDOWN UNEXPECTED_HIGH_LOAD UNEXPECTED_LOW_LOAD",
    "RDS_": "HIGH_LATENCY LOW_STORAGE_SPACE HIGH_CPU LOW_MEMORY OF_SERVICE_UNAVAILABLE RESTART_SEQUENCE",
    "OSI_": """NIC_UTILIZATION_HIGH NIC_ERRORS_HIGH NIC_DROPPED_PACKETS_HIGH GRACEFULLY_SHUTDOWN
        UNEXPECTEDLY_UNAVAILABLE LOW_DISK_SPACE DISK_LOW_INODES HIGH_MEMORY SLOW_DISK""",
    "APPLICATION_": "ERROR_RATE_INCREASED UNEXPECTED_HIGH_LOAD UNEXPECTED_LOW_LOAD SLOWDOWN",
    "MOBILE_APPLICATION_": "ERROR_RATE_INCREASED SLOWDOWN UNEXPECTED_LOW_LOAD UNEXPECTED_HIGH_LOAD",
    "PROCESS_": """HIGH_GC_ACTIVITY MEMORY_RESOURCE_EXHAUSTED NA_HIGH_LOSS_RATE CRASHED THREADS_RESOURCE_EXHAUSTED""",
    "SYNTHETIC_": "NODE_OUTAGE PRIVATE_LOCATION_OUTAGE GLOBAL_OUTAGE LOCAL_OUTAGE TEST_LOCATION_SLOWDOWN",
    "HTTP_CHECK_": "GLOBAL_OUTAGE LOCAL_OUTAGE TEST_LOCATION_SLOWDOWN",
    "MULTI_PROTOCOL_": "GLOBAL_OUTAGE LOCAL_OUTAGE LOCATION_SLOWDOWN",
    "EXTERNAL_SYNTHETIC_TEST_": "OUTAGE SLOWDOWN",
}
EVENT_TYPES = tuple(prefix + name for prefix, names in _EVENT_TYPES.items() for name in names.split())
_TEXT_FILTERS = ("titleFilter", "descriptionFilter", "metadataFilter")

PROFILES = Definition(
    ident="builtin:alerting.profile",
    version="8.6.3",
    title="Problem alerting profiles",
    most=1000,
    absent={"severityRules": SEVERITY_RULES},
    root=record(
        {
            "name": text(1, 100),
            "managementZone": setting("builtin:management-zones", nullable=True),
            "severityRules": many(part("SeverityRule"), 0, 100, default=SEVERITY_RULES),
            "eventFilters": many(part("EventFilter"), 0, 100),
        }
    ),
    types={
        "SeverityRule": record(
            {
                "severityLevel": word("Severity"),
                "delayInMinutes": number(0, 10000, default=0),
                "tagFilterIncludeMode": word("IncludeMode", default="NONE"),
                "tagFilter": many(text(1, 500), 1, 100, when=no(equals("tagFilterIncludeMode", "NONE"))),
            }
        ),
        "EventFilter": record(
            {
                "type": word("FilterType", default="PREDEFINED"),
                "predefinedFilter": part("PredefinedFilter", when=equals("type", "PREDEFINED")),
                "customFilter": part("CustomFilter", when=equals("type", "CUSTOM")),
            }
        ),
        "PredefinedFilter": record(
            {"eventType": word("EventType", default="OSI_HIGH_CPU"), "negate": flag(False)},
        ),
        "CustomFilter": record(
            {
                "titleFilter": part("TextFilter", nullable=True),
                "descriptionFilter": part("TextFilter", nullable=True),
                "metadataFilter": part("MetadataFilter", nullable=True),
            },
            {"type": "PROPERTY_COUNT_RANGE", "properties": list(_TEXT_FILTERS), "minimum": 1, "maximum": 3},
        ),
        "TextFilter": record(
            {
                "enabled": flag(True),
                "value": text(1, 1000),
                "negate": flag(False),
                "caseSensitive": flag(False),
                "operator": word("TextOperator", default="CONTAINS"),
            }
        ),
        "MetadataFilter": record(
            {"metadataFilterItems": many(part("MetadataItem"), 1, 20)},
            {"type": "CUSTOM_VALIDATOR_REF", "validatorId": "distinct-metadata-keys"},
        ),
        "MetadataItem": record(
            {"metadataKey": text(1, pattern=r"[^{}]*"), "metadataValue": text(1), "negate": flag(False)}
        ),
    },
    enums={
        "Severity": SEVERITIES,
        "IncludeMode": ("NONE", "INCLUDE_ANY", "INCLUDE_ALL"),
        "FilterType": ("PREDEFINED", "CUSTOM"),
        "EventType": EVENT_TYPES,
        "TextOperator": ("BEGINS_WITH", "ENDS_WITH", "CONTAINS", "REGEX_MATCHES", "STRING_EQUALS"),
    },
)

_RECURRENCES = {"ONCE": "once", "DAILY": "daily", "WEEKLY": "weekly", "MONTHLY": "monthly"}


def _repeated(own: Obj) -> Obj:
    return record({**own, "timeWindow": part("TimeWindow"), "recurrenceRange": part("RecurrenceRange")})


def _before(first: str, second: str, equal: bool = False) -> Obj:
    return {"type": "LESS_THAN_OR_EQUAL" if equal else "LESS_THAN", "properties": [first, second]}


MAINTENANCE_WINDOWS = Definition(
    ident="builtin:alerting.maintenance-window",
    version="2.15",
    title="Maintenance windows",
    most=2000,
    named="generalProperties/name",
    root=record(
        {
            "enabled": flag(True),
            "generalProperties": part("GeneralProperties"),
            "schedule": part("Schedule"),
            "filters": many(part("Filter"), 0, 1000),
        }
    ),
    types={
        "GeneralProperties": record(
            {
                "name": text(1, 1000),
                "description": text(0, 10000, nullable=True),
                "maintenanceType": word("MaintenanceType", default="PLANNED"),
                "suppression": word("Suppression", default="DETECT_PROBLEMS_AND_ALERT"),
                "disableSyntheticMonitorExecution": flag(False),
            }
        ),
        "Schedule": record(
            {
                "scheduleType": word("ScheduleType", default="ONCE"),
                **{
                    f"{name}Recurrence": part(f"{name.capitalize()}Recurrence", when=equals("scheduleType", kind))
                    for kind, name in _RECURRENCES.items()
                },
            }
        ),
        "OnceRecurrence": record(
            {
                "startTime": plain("local_date_time"),
                "endTime": plain("local_date_time"),
                "timeZone": plain("time_zone", default="UTC"),
            },
            _before("startTime", "endTime"),
        ),
        "DailyRecurrence": _repeated({}),
        "WeeklyRecurrence": _repeated({"dayOfWeek": word("Day")}),
        "MonthlyRecurrence": _repeated({"dayOfMonth": number(1, 31)}),
        "TimeWindow": record(
            {
                "startTime": plain("local_time"),
                "endTime": plain("local_time"),
                "timeZone": plain("time_zone", default="UTC"),
            }
        ),
        "RecurrenceRange": record(
            {"scheduleStartDate": plain("local_date"), "scheduleEndDate": plain("local_date")},
            _before("scheduleStartDate", "scheduleEndDate", equal=True),
        ),
        "Filter": record(
            {
                "entityType": text(1, nullable=True),
                "entityId": text(1, nullable=True, pattern=r"[A-Z][A-Z0-9_]*-[0-9A-F]{16}"),
                "entityTags": many(text(1), 0, 1000),
                "managementZones": many(setting("builtin:management-zones"), 0, 1000),
            },
            {
                "type": "PROPERTY_COUNT_RANGE",
                "properties": ["entityType", "entityId", "entityTags", "managementZones"],
                "minimum": 1,
                "maximum": 4,
            },
        ),
    },
    enums={
        "MaintenanceType": ("PLANNED", "UNPLANNED"),
        "Suppression": ("DETECT_PROBLEMS_AND_ALERT", "DETECT_PROBLEMS_DONT_ALERT", "DONT_DETECT_PROBLEMS"),
        "ScheduleType": tuple(_RECURRENCES),
        "Day": ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"),
    },
)

_SAMPLES = {"violatingSamples": (1, 3), "samples": (3, 5), "dealertingSamples": (3, 5)}

METRIC_EVENTS = Definition(
    ident="builtin:anomaly-detection.metric-events",
    version="1.0.19",
    title="Metric events",
    most=10000,
    named="summary",
    root=record(
        {
            "enabled": flag(True),
            "summary": text(2, 500),
            "eventEntityDimensionKey": text(nullable=True),
            "legacyId": text(nullable=True, frozen=True),
            "queryDefinition": part("QueryDefinition"),
            "modelProperties": part("ModelProperties"),
            "eventTemplate": part("EventTemplate"),
        }
    ),
    types={
        "QueryDefinition": record(
            {
                "type": word("QueryType", default="METRIC_KEY"),
                "metricKey": text(1, when=equals("type", "METRIC_KEY")),
                "aggregation": word("Aggregation", default="AVG", when=equals("type", "METRIC_KEY")),
                "entityFilter": part("EntityFilter", when=equals("type", "METRIC_KEY")),
                "dimensionFilter": many(part("Free"), kind="list", when=equals("type", "METRIC_KEY")),
                "metricSelector": text(1, 10000, when=equals("type", "METRIC_SELECTOR")),
                "managementZone": text(nullable=True, pattern=r"-?\d{1,19}"),
                "queryOffset": number(1, 60, nullable=True),
            }
        ),
        "EntityFilter": record({"dimensionKey": text(nullable=True), "conditions": many(part("Free"), kind="list")}),
        "Free": {"type": "object", "properties": None, "constraints": []},  # sheet 7.4 says nothing of their shape
        "ModelProperties": record(
            {
                "type": word("ModelType", default="STATIC_THRESHOLD"),
                "threshold": plain("float", when=equals("type", "STATIC_THRESHOLD")),
                "signalFluctuation": number(0, 10, kind="float", when=equals("type", "AUTO_ADAPTIVE_THRESHOLD")),
                "tolerance": number(0.1, 10, kind="float", when=equals("type", "SEASONAL_BASELINE")),
                "alertCondition": word("AlertCondition"),
                "alertOnNoData": flag(False),
                **{name: number(least, 60, default=first) for name, (least, first) in _SAMPLES.items()},
            }
        ),
        "EventTemplate": record(
            {
                "title": text(2, 500),
                "description": text(0, 5000),
                "eventType": word("MetricEventType", default="CUSTOM_ALERT"),
                "davisMerge": flag(True, when=no(among("eventType", ("INFO",)))),
                "metadata": many(part("Metadata"), 0, 30),
            }
        ),
        "Metadata": record({"metadataKey": text(1), "metadataValue": text(1)}),
    },
    enums={
        "QueryType": ("METRIC_KEY", "METRIC_SELECTOR"),
        "Aggregation": ("MIN", "MAX", "SUM", "COUNT", "AVG", "VALUE", "MEDIAN", "PERCENTILE90"),
        "ModelType": ("STATIC_THRESHOLD", "AUTO_ADAPTIVE_THRESHOLD", "SEASONAL_BASELINE"),
        "AlertCondition": ("ABOVE", "BELOW", "OUTSIDE"),
        "MetricEventType": words(
            """
    INFO ERROR AVAILABILITY SLOWDOWN RESOURCE CUSTOM_ALERT CUSTOM_ANNOTATION CUSTOM_CONFIGURATION
    CUSTOM_DEPLOYMENT MARKED_FOR_TERMINATION WARNING
"""
        ),
    },
)

DEFINITIONS = (PROFILES, MAINTENANCE_WINDOWS, METRIC_EVENTS)
