"""Parameters of an incident: the pairs of its option parameters, into which Reactio's older fields are folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from reconciler.kinds.remark import Remark
from reconciler.kinds.tree import Object, Path, Tree

# To be removed by Reactio, which will then take them inside `parameters` alone, and shows them there already.
DEPRECATED = ("detection", "cause", "cause_supplement", "point", "scale", "pend_text", "close_text")


def folded(tree: Object) -> Object:
    """The same with the older fields inside `parameters`, and what is not selected (null) left out, as Reactio does."""
    older = {name: tree[name] for name in DEPRECATED if name in tree}
    given = tree.get("parameters")
    if not isinstance(given, Mapping | None) or (given is None and not older):
        return tree
    rest = {name: value for name, value in tree.items() if name not in DEPRECATED}
    return {**rest, "parameters": selected({**older, **(given or {})})}


def selected(value: Tree) -> Tree:
    """Null is what Reactio has where nothing is selected: not sent, and read as nothing, whether it is shown or not."""
    return {name: part for name, part in value.items() if part is not None} if isinstance(value, Mapping) else value


def pairs(tree: Object) -> Iterator[tuple[Path, str, Tree]]:
    """Every pair that a manifest gives, in either way, with its place."""
    given = tree.get("parameters")
    if isinstance(given, Mapping):
        yield from ((("parameters", name), name, value) for name, value in given.items())
    yield from (((name,), name, tree[name]) for name in DEPRECATED if name in tree)


def remarks(tree: Object) -> tuple[Remark, ...]:
    """A warning for every older field."""
    return tuple(
        Remark(
            (name,), f"{name} is about to be removed by Reactio: write parameters: {{{name}: {_spelled(tree[name])}}}"
        )
        for name in DEPRECATED
        if name in tree
    )


def _spelled(value: Tree) -> str:
    plain = isinstance(value, str) and value.replace("-", "").isalpha()
    return "null" if value is None else str(value) if plain and len(str(value)) <= 30 else "…"


def contradictions(older: Mapping[str, str | None], parameters: Mapping[str, str | None]) -> None:
    """Raises ValidationError for every older field of which `parameters` say something else.

    Which of the two Reactio would take is not documented.
    """
    wrong = [
        InitErrorDetails(type=_contradiction(name, value, parameters[name]), loc=("parameters", name), input=None)
        for name, value in older.items()
        if name in parameters and parameters[name] != value
    ]
    if wrong:
        raise ValidationError.from_exception_data("Incident", wrong, hide_input=True)


def _contradiction(name: str, older: str | None, newer: str | None) -> PydanticCustomError:
    words = {"name": name, "newer": _quoted(newer), "older": _quoted(older)}
    return PydanticCustomError(
        "contradiction", "it is {newer} here and {older} in {name}, which means the same: leave {name} out", words
    )


def _quoted(value: str | None) -> str:
    return "null" if value is None else f'"{value[:60]}"'
