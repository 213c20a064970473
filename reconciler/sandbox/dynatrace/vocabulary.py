"""The closed lists of the events: types, what each takes, tag contexts and entity types (sheet 2)."""

from __future__ import annotations

from reconciler.sandbox.dynatrace.definition import words
from reconciler.sandbox.dynatrace.instant import DAY, MINUTE

PROBLEMS = ("AVAILABILITY_EVENT", "ERROR_EVENT", "PERFORMANCE_EVENT", "RESOURCE_CONTENTION")
INFORMATION = (
    "CUSTOM_ANNOTATION",
    "CUSTOM_CONFIGURATION",
    "CUSTOM_DEPLOYMENT",
    "CUSTOM_INFO",
    "MARKED_FOR_TERMINATION",
)
EVENT_TYPES = (*PROBLEMS, "CUSTOM_ALERT", *INFORMATION)

# Sheet 2.5: the columns, then R required, O optional, - not applicable.
COLUMNS = (
    "AVAILABILITY_EVENT",
    "CUSTOM_ANNOTATION",
    "CUSTOM_CONFIGURATION",
    "CUSTOM_DEPLOYMENT",
    "CUSTOM_INFO",
    "ERROR_EVENT",
    "PERFORMANCE_EVENT",
    "RESOURCE_CONTENTION",
    "MARKED_FOR_TERMINATION",
)
MATRIX = {
    "description": "R O R - R R R R R",
    "title": "R - - - O R R R O",
    "source": "R R R R R R R R R",
    "annotationType": "- R - - - - - - -",
    "annotationDescription": "- R - - - - - - -",
    "deploymentName": "- - - R - - - - -",
    "deploymentVersion": "- - - R - - - - -",
    "deploymentProject": "- - - O - - - - -",
    "ciBackLink": "- - - O - - - - O",
    "remediationAction": "- - - O - - - - -",
    "original": "- - O - - - - - -",
    "configuration": "- - R - - - - - -",
    "customProperties": "O O O O O O O O O",
}
# No row of the matrix; only `allowDavisMerge` is said to be for problems alone, and the time-out counts for them alone.
UNLISTED = ("changed", "timeseriesIds", "allowDavisMerge", "start", "end", "timeoutMinutes", "attachRules", "eventType")

TIMEOUT, LONGEST_TIMEOUT = 15, 120
LONGEST_TIMEOUT_V2 = 360
PROBLEM_PAST, INFORMATION_PAST = 60 * MINUTE, 30 * DAY

CONTEXTS = (
    "AWS",
    "AWS_GENERIC",
    "AZURE",
    "CLOUD_FOUNDRY",
    "CONTEXTLESS",
    "ENVIRONMENT",
    "GOOGLE_CLOUD",
    "KUBERNETES",
)
ME_TYPES = frozenset(
    words(
        """
    APM_SECURITY_GATEWAY APPLICATION APPLICATION_METHOD APPLICATION_METHOD_GROUP APPMON_SERVER
    APPMON_SYSTEM_PROFILE AUTO_SCALING_GROUP AUXILIARY_SYNTHETIC_TEST AWS_APPLICATION_LOAD_BALANCER
    AWS_AVAILABILITY_ZONE AWS_CREDENTIALS AWS_LAMBDA_FUNCTION AWS_NETWORK_LOAD_BALANCER
    AZURE_API_MANAGEMENT_SERVICE AZURE_APPLICATION_GATEWAY AZURE_COSMOS_DB AZURE_CREDENTIALS AZURE_EVENT_HUB
    AZURE_EVENT_HUB_NAMESPACE AZURE_FUNCTION_APP AZURE_IOT_HUB AZURE_LOAD_BALANCER AZURE_MGMT_GROUP
    AZURE_REDIS_CACHE AZURE_REGION AZURE_SERVICE_BUS_NAMESPACE AZURE_SERVICE_BUS_QUEUE AZURE_SERVICE_BUS_TOPIC
    AZURE_SQL_DATABASE AZURE_SQL_ELASTIC_POOL AZURE_SQL_SERVER AZURE_STORAGE_ACCOUNT AZURE_SUBSCRIPTION
    AZURE_TENANT AZURE_VM AZURE_VM_SCALE_SET AZURE_WEB_APP CF_APPLICATION CF_FOUNDATION CINDER_VOLUME
    CLOUD_APPLICATION CLOUD_APPLICATION_INSTANCE CLOUD_APPLICATION_NAMESPACE CLOUD_NETWORK_INGRESS
    CLOUD_NETWORK_POLICY CONTAINER_GROUP CONTAINER_GROUP_INSTANCE CUSTOM_APPLICATION CUSTOM_DEVICE
    CUSTOM_DEVICE_GROUP DCRUM_APPLICATION DCRUM_SERVICE DCRUM_SERVICE_INSTANCE DEVICE_APPLICATION_METHOD DISK
    DOCKER_CONTAINER_GROUP DOCKER_CONTAINER_GROUP_INSTANCE DYNAMO_DB_TABLE EBS_VOLUME EC2_INSTANCE
    ELASTIC_LOAD_BALANCER ENVIRONMENT EXTERNAL_SYNTHETIC_TEST_STEP GCP_ZONE GEOLOCATION GEOLOC_SITE
    GOOGLE_COMPUTE_ENGINE HOST HOST_GROUP HTTP_CHECK HTTP_CHECK_STEP HYPERVISOR KUBERNETES_CLUSTER
    KUBERNETES_NODE KUBERNETES_SERVICE MOBILE_APPLICATION NETWORK_INTERFACE NEUTRON_SUBNET OPENSTACK_PROJECT
    OPENSTACK_REGION OPENSTACK_VM OS PROCESS_GROUP PROCESS_GROUP_INSTANCE QUEUE RELATIONAL_DATABASE_SERVICE
    SERVICE SERVICE_INSTANCE SERVICE_METHOD SERVICE_METHOD_GROUP SWIFT_CONTAINER SYNTHETIC_LOCATION
    SYNTHETIC_TEST SYNTHETIC_TEST_STEP VIRTUALMACHINE VMWARE_DATACENTER
"""
    )
)
NEWER_ME_TYPES = ME_TYPES | frozenset(
    words(
        """
    AZURE_APP_SERVICE_PLAN BROWSER DEVICE_APPLICATION_METHOD_GROUP HYPERVISOR_CLUSTER HYPERVISOR_DISK
    MULTIPROTOCOL_MONITOR QUEUE_INSTANCE S3BUCKET VCENTER
"""
    )
)

SEVERITIES = {
    "AVAILABILITY_EVENT": "AVAILABILITY",
    "ERROR_EVENT": "ERROR",
    "PERFORMANCE_EVENT": "PERFORMANCE",
    "RESOURCE_CONTENTION": "RESOURCE_CONTENTION",
    "CUSTOM_ALERT": "CUSTOM_ALERT",
}
IMPACTS = {"ENVIRONMENT": "ENVIRONMENT", "APPLICATION": "APPLICATION", "SERVICE": "SERVICE"}
# Keys of an event's properties that steer it, and the fields of v1 that became properties (sheet 3).
PROPERTY_KEYS = {
    "description": "dt.event.description",
    "source": "dt.event.source",
    "deploymentName": "dt.event.deployment.name",
    "deploymentVersion": "dt.event.deployment.version",
    "ciBackLink": "dt.event.deployment.ci_back_link",
    "remediationAction": "dt.event.deployment.remediation_action_link",
    "allowDavisMerge": "dt.event.allow_davis_merge",
}
CONTROL_KEYS = (
    "dt.event.timeout",
    "dt.event.group_label",
    "dt.event.is_rootcause_relevant",
    "dt.event.suppress_problem",
    "dt.event.allow_frequent_issue_detection",
    "dt.event.allow_entity_remapping",
    "dt.event.correlation_tag",
    "dt.event.deployment.release_stage",
    "dt.event.deployment.release_product",
    "dt.event.deployment.release_build_version",
)


def cell(parameter: str, event_type: str) -> str:
    """`R`, `O` or `-`; CUSTOM_ALERT stands in no column and takes everything."""
    if event_type not in COLUMNS:
        return "R" if parameter == "source" else "O"
    return MATRIX[parameter].split()[COLUMNS.index(event_type)]
