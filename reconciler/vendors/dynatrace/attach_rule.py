"""Attach rules: which entities something goes to, by their ids or by tags, in the words of the events API.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/events/post-event Tag rules see entities of the last 24
hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Unordered
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Path, Tree
from reconciler.vendors.dynatrace.selector import MOST, by_id, quoted, tag_value

CONTEXTLESS = "CONTEXTLESS"
_ME_TYPES = """
    APM_SECURITY_GATEWAY APPLICATION APPLICATION_METHOD APPLICATION_METHOD_GROUP APPMON_SERVER APPMON_SYSTEM_PROFILE
    AUTO_SCALING_GROUP AUXILIARY_SYNTHETIC_TEST AWS_APPLICATION_LOAD_BALANCER AWS_AVAILABILITY_ZONE AWS_CREDENTIALS
    AWS_LAMBDA_FUNCTION AWS_NETWORK_LOAD_BALANCER AZURE_API_MANAGEMENT_SERVICE AZURE_APPLICATION_GATEWAY AZURE_COSMOS_DB
    AZURE_CREDENTIALS AZURE_EVENT_HUB AZURE_EVENT_HUB_NAMESPACE AZURE_FUNCTION_APP AZURE_IOT_HUB AZURE_LOAD_BALANCER
    AZURE_MGMT_GROUP AZURE_REDIS_CACHE AZURE_REGION AZURE_SERVICE_BUS_NAMESPACE AZURE_SERVICE_BUS_QUEUE
    AZURE_SERVICE_BUS_TOPIC AZURE_SQL_DATABASE AZURE_SQL_ELASTIC_POOL AZURE_SQL_SERVER AZURE_STORAGE_ACCOUNT
    AZURE_SUBSCRIPTION AZURE_TENANT AZURE_VM AZURE_VM_SCALE_SET AZURE_WEB_APP CF_APPLICATION CF_FOUNDATION CINDER_VOLUME
    CLOUD_APPLICATION CLOUD_APPLICATION_INSTANCE CLOUD_APPLICATION_NAMESPACE CLOUD_NETWORK_INGRESS CLOUD_NETWORK_POLICY
    CONTAINER_GROUP CONTAINER_GROUP_INSTANCE CUSTOM_APPLICATION CUSTOM_DEVICE CUSTOM_DEVICE_GROUP DCRUM_APPLICATION
    DCRUM_SERVICE DCRUM_SERVICE_INSTANCE DEVICE_APPLICATION_METHOD DISK DOCKER_CONTAINER_GROUP
    DOCKER_CONTAINER_GROUP_INSTANCE DYNAMO_DB_TABLE EBS_VOLUME EC2_INSTANCE ELASTIC_LOAD_BALANCER ENVIRONMENT
    EXTERNAL_SYNTHETIC_TEST_STEP GCP_ZONE GEOLOCATION GEOLOC_SITE GOOGLE_COMPUTE_ENGINE HOST HOST_GROUP HTTP_CHECK
    HTTP_CHECK_STEP HYPERVISOR KUBERNETES_CLUSTER KUBERNETES_NODE KUBERNETES_SERVICE MOBILE_APPLICATION
    NETWORK_INTERFACE NEUTRON_SUBNET OPENSTACK_PROJECT OPENSTACK_REGION OPENSTACK_VM OS PROCESS_GROUP
    PROCESS_GROUP_INSTANCE QUEUE RELATIONAL_DATABASE_SERVICE SERVICE SERVICE_INSTANCE SERVICE_METHOD
    SERVICE_METHOD_GROUP SWIFT_CONTAINER SYNTHETIC_LOCATION SYNTHETIC_TEST SYNTHETIC_TEST_STEP VIRTUALMACHINE
    VMWARE_DATACENTER
"""
ME_TYPES = frozenset(_ME_TYPES.split())
# Known to newer versions only.
_NEWER_ME_TYPES = """
    AZURE_APP_SERVICE_PLAN BROWSER DEVICE_APPLICATION_METHOD_GROUP HYPERVISOR_CLUSTER HYPERVISOR_DISK
    MULTIPROTOCOL_MONITOR QUEUE_INSTANCE S3BUCKET VCENTER
"""
NEWER_ME_TYPES = frozenset(_NEWER_ME_TYPES.split())

TagContext = Literal[
    "AWS", "AWS_GENERIC", "AZURE", "CLOUD_FOUNDRY", "CONTEXTLESS", "ENVIRONMENT", "GOOGLE_CLOUD", "KUBERNETES"
]

Some = Annotated[str, Field(min_length=1)]


class TagInfo(Spec):
    """A tag that an entity bears."""

    context: Annotated[
        TagContext | None, Field(description="where it comes from; a custom tag (CONTEXTLESS) if not said")
    ] = None
    key: Annotated[str, Field(min_length=1, description="its key; the whole of a custom tag that has no value")]
    value: Annotated[str | None, Field(description="its value; custom tags have none here")] = None


class TagMatchRule(Spec):
    """Entities of some sorts that bear some tags."""

    meTypes: Annotated[list[Some], Unordered(), Field(min_length=1, description="the sorts: HOST, SERVICE")]
    tags: Annotated[list[TagInfo], Unordered(), Field(min_length=1, description="the tags, all of which they bear")]


TagRules = Annotated[
    list[TagMatchRule] | None, Unordered(), Field(description="entities by their tags; those that any rule fits")
]


class AttachRules(Spec):
    """Entities, by id, by tags, or both."""

    entityIds: Annotated[
        list[Some] | None, Unordered(), Field(description="entities by their ids: HOST-0123456789ABCDEF")
    ] = None
    tagRule: TagRules = None

    @model_validator(mode="after")
    def _somebody(self) -> AttachRules:
        if not self.entityIds and not self.tagRule:
            words = "write at least one entity under entityIds, or one rule under tagRule"
            raise PydanticCustomError("empty", words, {})
        return self


def remarks(tag_rules: Tree, path: Path) -> Iterator[Remark]:
    """What may be meant otherwise: sorts nobody knows, and values of tags that have none."""
    for number, rule in enumerate(tag_rules if isinstance(tag_rules, list) else []):
        for place, sort in enumerate(rule["meTypes"]):
            if sort not in ME_TYPES | NEWER_ME_TYPES:
                yield Remark(
                    (*path, number, "meTypes", place), f"{sort!r} is no meType that is known; it is sent as it is"
                )
            elif sort in NEWER_ME_TYPES:
                yield Remark((*path, number, "meTypes", place), f"{sort} is unknown to versions about 1.254")
        for place, tag in enumerate(rule["tags"]):
            if tag.get("context") in (None, CONTEXTLESS) and tag.get("value") is not None:
                text = f"a custom tag has no value here; perhaps the tag is key: {tag['key']}:{tag['value']}"
                yield Remark((*path, number, "tags", place, "value"), text)


# ── asked as entity selectors ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Question:
    """One rule for one sort, as an entity selector. `assumed` says what the selector cannot ask exactly."""

    path: Path
    sort: str
    selector: str
    assumed: tuple[str, ...] = ()


def questions(rules: Mapping[str, Any], path: Path = ()) -> Iterator[Question]:
    """What to ask so as to know whom attach rules mean: one question a rule and sort, and one for the ids of a sort."""
    for selector in by_id(rules.get("entityIds") or ()):
        first = selector.split('"')[1]
        yield Question((*path, "entityIds"), first.rpartition("-")[0], selector)
    for number, rule in enumerate(rules.get("tagRule") or ()):
        for sort in dict.fromkeys(rule["meTypes"]):
            yield _question(rule, sort, (*path, "tagRule", number))


def selectors(tag_rules: Any) -> tuple[str, ...]:
    """The entity selectors that tag rules stand for."""
    return tuple(dict.fromkeys(one.selector for one in questions({"tagRule": tag_rules})))


def _question(rule: Mapping[str, Any], sort: str, path: Path) -> Question:
    tags, assumed = [_tag(tag) for tag in rule["tags"]], []
    if len(tags) > 1:
        assumed.append("that an entity must bear all tags of the rule")
    if any(tag.get("context") not in (None, CONTEXTLESS) and tag.get("value") is None for tag in rule["tags"]):
        assumed.append("that a tag without value means one that has none")
    if any("_" in (tag.get("context") or "") for tag in rule["tags"]):
        assumed.append("how the server spells the context")
    selector = ",".join((f"type({sort})", *tags))
    if len(selector) > MOST:
        assumed.append(f"that the server takes more than {MOST} characters")
    return Question(path, sort, selector, tuple(assumed))


def _tag(tag: Mapping[str, Any]) -> str:
    """`tag()`; several values in one mean any of them, so that each spelling of the server's is asked for."""
    context, key, value = tag.get("context") or CONTEXTLESS, tag["key"], tag.get("value")
    name = tag_value(key, value)
    if context == CONTEXTLESS:
        whole = [name] if value is not None or ":" not in key else [name, tag_value(*key.split(":", 1))]
    else:
        words = context.split("_")
        spelled = dict.fromkeys((context, context.capitalize(), " ".join(word.capitalize() for word in words)))
        whole = [f"[{one}]{name}" for one in spelled]
    return f"tag({','.join(quoted(one) for one in whole)})"
