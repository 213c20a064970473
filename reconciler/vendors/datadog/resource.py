"""Resource: how Datadog's second API wraps an object, `{data: {id, type, attributes}}`, and how it is written there."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kinds.kind import Kind
from reconciler.kinds.step import Step, Work
from reconciler.kinds.tree import Object, Own, Tree


def wrapped(type_: str, attributes: Object) -> Object:
    return {"type": type_, "attributes": attributes}


def attributes(raw: Mapping[str, Tree]) -> Object:
    """What is said of an object, and beside `attributes` whatever nobody knows yet."""
    inner = raw.get("attributes")
    beside = {name: value for name, value in raw.items() if name not in _ENVELOPE}
    return {**beside, **(inner if isinstance(inner, Mapping) else {})}


_ENVELOPE = frozenset({"id", "type", "attributes", "relationships"})


def written(kind: Kind, work: Work, body: Object) -> Step:
    """The step that makes or changes it; a change names its object in the body, too."""
    place = kind.place
    if work.verb == "create":
        return Step("create", "POST", place.list, body, "creates", wrap=("data",), answer=("data",))
    return Step("update", place.update, place.item_path, {"id": Own(), **body}, wrap=("data",), answer=("data",))


def deleted(kind: Kind) -> Step:
    return Step("delete", "DELETE", kind.place.item_path, deletes=True)
