"""Events as manifests have them: the vendor's own bodies, and the smallest of each type."""

from __future__ import annotations

from typing import Any

from reconciler.kinds.spec import declared, read
from reconciler.kinds.tree import Object
from reconciler.sandbox.dynatrace import vocabulary
from reconciler.vendors.dynatrace.event import KIND

NOW_MS = 1_772_366_400_000  # 2026-03-01T12:00:00Z
MINUTE, DAY = 60_000, 86_400_000
TO_HOST: Object = {"entityIds": ["HOST-0011223344556677"]}
CART: Object = {"context": "CONTEXTLESS", "key": "team-cart"}

DEPLOYMENT: Object = {
    "eventType": "CUSTOM_DEPLOYMENT",
    "source": "Releaser",
    "deploymentName": "cart 4.2",
    "deploymentVersion": "4.2.0",
    "deploymentProject": "shop",
    "ciBackLink": "https://ci.example/77",
    "customProperties": {"commit": "9f1c"},
    "attachRules": {
        "entityIds": ["SERVICE-1A2B3C4D5E6F7081"],
        "tagRule": [{"meTypes": ["SERVICE"], "tags": [CART]}],
    },
}
FAILURE: Object = {
    "eventType": "ERROR_EVENT",
    "title": "Batch failed",
    "description": "exit 3",
    "source": "Batch",
    "timeoutMinutes": 30,
    "allowDavisMerge": False,
    "attachRules": TO_HOST,
}
INFO: Object = {"eventType": "CUSTOM_INFO", "source": "k6", "description": "load", "attachRules": TO_HOST}
ANNOTATION: Object = {
    "eventType": "CUSTOM_ANNOTATION",
    "source": "OpsControl",
    "annotationType": "defect",
    "annotationDescription": "the pump leaks",
    "attachRules": TO_HOST,
}
ALERT: Object = {"eventType": "CUSTOM_ALERT", "source": "x", "attachRules": TO_HOST}


def least(kind: str, **given: Any) -> Object:
    """The smallest event of a type, and these fields of it."""
    needed = {name: "x" for name in vocabulary.MATRIX if vocabulary.cell(name, kind) == "R"}
    whole = {"eventType": kind, "source": "x", "attachRules": TO_HOST, **needed, **given}
    return {name: value for name, value in whole.items() if value is not ...}


KEPT: Object = {**FAILURE, "keepOpen": True}


def tree_of(spec: Object) -> Object:
    return declared(read(KIND.spec, spec))
