"""Event types: which open a problem, and what each takes, may take and does not take.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/events/post-event Of CUSTOM_ALERT the page says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Literal

Type = Literal[
    "AVAILABILITY_EVENT",
    "CUSTOM_ALERT",
    "CUSTOM_ANNOTATION",
    "CUSTOM_CONFIGURATION",
    "CUSTOM_DEPLOYMENT",
    "CUSTOM_INFO",
    "ERROR_EVENT",
    "MARKED_FOR_TERMINATION",
    "PERFORMANCE_EVENT",
    "RESOURCE_CONTENTION",
]
CUSTOM_ALERT = "CUSTOM_ALERT"
INFORMATION = frozenset(
    {"CUSTOM_ANNOTATION", "CUSTOM_CONFIGURATION", "CUSTOM_DEPLOYMENT", "CUSTOM_INFO", "MARKED_FOR_TERMINATION"}
)
PROBLEM = frozenset({"AVAILABILITY_EVENT", "ERROR_EVENT", "PERFORMANCE_EVENT", "RESOURCE_CONTENTION"})

# How far back an event may begin.
PAST = {
    **dict.fromkeys(INFORMATION, timedelta(days=30)),
    **dict.fromkeys(PROBLEM, timedelta(minutes=60)),
}
TIMEOUT, LONGEST_TIMEOUT = 15, 120

Cell = Literal["R", "O", "-"]
_COLUMNS = (
    *("AVAILABILITY_EVENT", "CUSTOM_ANNOTATION", "CUSTOM_CONFIGURATION", "CUSTOM_DEPLOYMENT", "CUSTOM_INFO"),
    *("ERROR_EVENT", "PERFORMANCE_EVENT", "RESOURCE_CONTENTION", "MARKED_FOR_TERMINATION"),
)
# R: required, O: optional, -: not applicable.
_ROWS = {
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
PARAMETERS = tuple(_ROWS)
# What the table leaves out and the pages on single fields say: only problems merge and time out, and only what is told
# for information has an end. With the values that say nothing of the sort: the vendor's own sample has them.
_FOR_PROBLEMS: Mapping[str, tuple[Any, ...]] = {"timeoutMinutes": (0,), "allowDavisMerge": (), "keepOpen": (False,)}
_FOR_INFORMATION = ("end",)


def cell(parameter: str, kind: str) -> Cell | None:
    """What the vendor's table says of a parameter and a type; None where it says nothing."""
    if parameter not in _ROWS or kind not in _COLUMNS:
        return None
    found: Mapping[str, Cell] = {"R": "R", "O": "O", "-": "-"}
    return found[_ROWS[parameter].split()[_COLUMNS.index(kind)]]


def why_not(parameter: str, value: Any, kind: str) -> str | None:
    """Why a type does not take a parameter, None where it does; null says nothing."""
    if value is None:
        return None
    if cell(parameter, kind) == "-":
        takers = [one for one in _COLUMNS if cell(parameter, one) != "-"]
        return f"{kind} takes no {parameter}; it is for {', '.join(takers)}"
    if kind in INFORMATION and value not in _FOR_PROBLEMS.get(parameter, (value,)):
        return f"{kind} opens no problem and takes no {parameter}"
    if kind in PROBLEM and parameter in _FOR_INFORMATION:
        return f"{kind} is open until it times out and takes no {parameter}"
    return None


def lacking(spec: Mapping[str, Any], kind: str) -> Iterator[str]:
    """The parameters that a type needs and that are not given, or empty; without a source nothing is an event."""
    needed = (name for name in PARAMETERS if cell(name, kind) == "R" and name != "source")
    return (name for name in needed if spec.get(name) in (None, ""))
