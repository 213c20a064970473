"""The order of objects where a schema has one: `insertAfter`, `insertBefore` (sheet 6.3)."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.definition import Definition
from reconciler.sandbox.dynatrace.environment import Environment, Refusal
from reconciler.sandbox.dynatrace.object_id import read_object_id


@dataclass(frozen=True)
class Position:
    """Where an object goes. Both unset keeps its place, or is the last for a new one; `""` is an end of the list."""

    after: str | None = None
    before: str | None = None


KEPT = Position()


def placeable(env: Environment, definition: Definition, scope: str, position: Position) -> None:
    """Raises the refusal for a place that cannot be."""
    if position.after is not None and position.before is not None:
        raise Refusal(400, "Only one of insertAfter and insertBefore may be set")
    neighbour = position.after if position.after is not None else position.before
    if neighbour is None:
        return
    if not definition.ordered:
        raise Refusal(400, "Setting value cannot be inserted to the specified position")
    if neighbour and read_object_id(neighbour) is None:
        raise Refusal(404, "Settings not found")
    obj = env.objects.get(neighbour)
    if neighbour and (obj is None or (obj["schema"], obj["scope"]) != (definition.ident, scope)):
        raise Refusal(400, f"Neighbor with key '{neighbour}' not found for '{definition.ident}'")


def placed(env: Environment, definition: Definition, obj: Obj, position: Position) -> Obj:
    """The object at its place; the ranks of the others make room."""
    if not definition.ordered or (position.after is None and position.before is None):
        return obj
    others = [other for other in env.objects.named(obj["schema"]) if other["id"] != obj["id"]]
    order = sorted((other for other in others if other["scope"] == obj["scope"]), key=lambda other: int(other["rank"]))
    idents = [other["id"] for other in order]
    at = len(idents)
    if position.after is not None:
        at = idents.index(position.after) + 1 if position.after else 0
    elif position.before:
        at = idents.index(position.before)
    idents.insert(at, obj["id"])
    for rank, ident in enumerate(idents):
        env.objects.put({**env.objects.items[ident], "rank": rank})
    return env.objects.items[obj["id"]]
