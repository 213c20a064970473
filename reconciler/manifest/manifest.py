"""Manifest: one document of ours, read and checked by itself; what it needs of others is for the whole project."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationError

from reconciler.errors import Place, Problem
from reconciler.kinds.address import DEFAULT_ACCOUNT, Address, is_name
from reconciler.kinds.kind import Kind
from reconciler.kinds.shape import Leaf, List, Map, Record, Shape, Variants, shape_of
from reconciler.kinds.spec import Spec, declared, read
from reconciler.kinds.tree import Object, Path
from reconciler.kinds.vendor import Vendor
from reconciler.manifest.compose import Spot, locate
from reconciler.manifest.load import Document, place_of
from reconciler.manifest.mistakes import did_you_mean, mistakes


@dataclass(frozen=True)
class Lifecycle:
    """`protect` None: not said. `replace`: an immutable field may cost the object. `ignore`: paths into the spec."""

    protect: bool | None = None
    replace: bool = False
    ignore: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Metadata:
    """What a manifest says of itself; `id` binds it to one live object, `was` is its name before."""

    name: str
    account: str = DEFAULT_ACCOUNT
    id: str | None = None
    was: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    lifecycle: Lifecycle = Lifecycle()


@dataclass(frozen=True, eq=False)
class Manifest:
    """One wanted object. `declared` is what the spec names, its `name_field` filled from `metadata.name`."""

    address: Address
    kind: Kind
    declared: Object
    metadata: Metadata
    file: str
    spot: Spot = field(repr=False)
    base: tuple[str, Spot] | None = field(default=None, repr=False)

    def place(self, path: Path = (), key: bool = False) -> Place:
        """Where the value at a path of the spec stands, or its nearest parent; without a path, the document's start."""
        return place_of(self.file, self.spot, self.base, ("spec", *path) if path else (), key)

    def head(self, *path: str) -> Place:
        """Where something of `metadata` stands."""
        return Place(self.file, *locate(self.spot, ("metadata", *path)))


@dataclass(frozen=True)
class Reading:
    """What came of one document: a manifest or problems; `address` as soon as it is known. None of them: not ours."""

    document: Document = field(repr=False)
    address: Address | None = None
    manifest: Manifest | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def place(self) -> Place:
        return self.document.place()

    @property
    def ours(self) -> bool:
        return self.address is not None or bool(self.problems)


# ── the head ────────────────────────────────────────────────────────────────────────────────────────────────────────

_WHOLE = ("apiVersion", "kind", "metadata", "spec")


class LifecycleSpec(Spec):
    """What may happen to the object."""

    model_config = ConfigDict(strict=True)

    protect: Annotated[bool | None, Field(description="true: never delete or replace it; false lifts that")] = None
    replace: Annotated[Literal["allow"] | None, Field(description="allow: an immutable field may cost the object")] = (
        None
    )
    ignore: Annotated[tuple[str, ...], Field(strict=False, description="paths in the spec that are not compared")] = ()


class Head(Spec):
    """Who the object is."""

    model_config = ConfigDict(strict=True)

    name: Annotated[str, Field(description="letters, digits, - _ and .; the last part of the address")]
    account: Annotated[str, Field(description="an account of reconciler.yaml")] = DEFAULT_ACCOUNT
    id: Annotated[str | int | None, Field(description="the vendor's id of the one live object that is meant")] = None
    was: Annotated[str | None, Field(description="the name before a rename")] = None
    labels: Annotated[dict[str, str], Field(default_factory=dict, description="free words, for --selector")]
    lifecycle: Annotated[LifecycleSpec, Field(description="what may happen to the object")] = LifecycleSpec()
    forEach: Annotated[  # the format's word; it is read before: one manifest each
        dict[str, list[str | int | float | bool]] | None,
        Field(description="lists by name: one object for each combination, with ${each.NAME} for its value"),
    ] = None


def read_manifest(document: Document, vendors: Mapping[str, Vendor]) -> Reading:
    """One document as a manifest, with every problem that shows without the rest of the project."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("apiVersion"), str):
        return Reading(document)
    kind = _kind(document, vendors)
    if not isinstance(kind, Kind):
        return Reading(document, problems=(kind, *document.problems)) if kind else Reading(document)
    problems = [*document.problems, *unknown_keys(document, _WHOLE)]
    metadata = _metadata(document, kind, problems)
    tree = _spec(document, kind, problems)
    if document.unfilled:  # what a variable would have said is not held against the place where it stands
        holes = {problem.place for problem in document.problems}
        problems = [*document.problems, *(one for one in problems if one.place not in holes)]
    if metadata is None:
        return Reading(document, problems=tuple(problems))
    address = Address(kind.vendor, metadata.account, kind.name, metadata.name)
    if problems or tree is None:
        return Reading(document, address, problems=tuple(problems))
    if kind.name_field is not None and kind.name_field not in tree:
        tree = {kind.name_field: metadata.name, **tree}
    manifest = Manifest(address, kind, tree, metadata, document.file, document.spot, document.base)
    return Reading(document, address, manifest)


def unknown_keys(document: Document, known: tuple[str, ...]) -> list[Problem]:
    """A problem for every key at the top of a document that is not `known`."""
    return [
        Problem(f'there is no "{key[:60]}" in a document', document.place((key,), key=True), did_you_mean(key, known))
        for key in document.data
        if key not in known
    ]


def _kind(document: Document, vendors: Mapping[str, Vendor]) -> Kind | Problem | None:
    """The kind a document is of; None where it is not ours."""
    api = document.data["apiVersion"]
    name, _, version = api.partition("/")
    vendor = vendors.get(name)
    if vendor is None:
        return _almost_ours(api, document, vendors)
    if vendor.version != version:
        return Problem(
            f'{name} has no version "{version[:60]}"', document.place(("apiVersion",)), f"write {vendor.api}"
        )
    written = document.data.get("kind")
    manifests = {kind.name: kind for kind in vendor.kinds}
    if not isinstance(written, str):
        return Problem("kind is missing", document.place(), f"it is one of: {', '.join(_managed(vendor))}")
    if written not in manifests:
        way_out = did_you_mean(written, _managed(vendor), f"{vendor.api} has")
        return Problem(f'{name} has no kind "{written[:60]}"', document.place(("kind",)), way_out)
    if manifests[written].looked_up:
        way_out = "name it by its key where it is used"
        return Problem(f"{name}/{written} is only looked up and takes no manifest", document.place(("kind",)), way_out)
    return manifests[written]


def _managed(vendor: Vendor) -> list[str]:
    return [kind.name for kind in vendor.kinds if not kind.looked_up]


def _almost_ours(api: str, document: Document, vendors: Mapping[str, Vendor]) -> Problem | None:
    # A misspelt apiVersion must not pass for somebody else's document: its object would be deleted as unwanted.
    near = get_close_matches(api.partition("/")[0].casefold(), vendors, 1, 0.8)
    if not near or "kind" not in document.data:
        return None
    place, right = document.place(("apiVersion",)), vendors[near[0]].api
    return Problem(f'"{api[:60]}" is no apiVersion known here', place, f'did you mean "{right}"?')


def _metadata(document: Document, kind: Kind, problems: list[Problem]) -> Metadata | None:
    data = document.data.get("metadata")
    if data is None:
        problems.append(Problem("metadata is missing", document.place(), "write metadata: {name: …}"))
        return None
    try:
        head = Head.model_validate(data)
    except ValidationError as error:
        found = mistakes(error, data, shape_of(Head), "metadata", ("metadata",))
        problems += [mistake.problem(document, ("metadata",)) for mistake in found]
        return None
    wrong = [
        (key, name)
        for key, name in (("name", head.name), ("account", head.account), ("was", head.was))
        if name is not None and not is_name(name)
    ]
    problems += [
        Problem(f'metadata.{key}: "{name[:60]}" is no name', document.place(("metadata", key)), name_rule(name))
        for key, name in wrong
        if not (document.unfilled and "${" in name)  # what is missing there is told already
    ]
    ignore = tuple(_ignored(document, kind, index, text, problems) for index, text in enumerate(head.lifecycle.ignore))
    lifecycle = Lifecycle(head.lifecycle.protect, head.lifecycle.replace == "allow", ignore)
    ident = None if head.id is None else str(head.id)
    return None if wrong else Metadata(head.name, head.account, ident, head.was, head.labels, lifecycle)


def name_rule(name: str) -> str:
    """What a name may hold, and the nearest name to `name`."""
    suggestion = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", name)).strip("-")
    like = f': "{suggestion[:60]}"' if suggestion else ""
    return f"a name holds letters, digits, - _ and .{like}"


# ── the spec ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _spec(document: Document, kind: Kind, problems: list[Problem]) -> Object | None:
    data = document.data.get("spec")
    data = {} if data is None else data
    try:
        return declared(read(kind.spec, data))
    except ValidationError as error:
        problems += [mistake.problem(document, ("spec",)) for mistake in mistakes(error, data, kind.shape, kind.id)]
        return None


_STEP = re.compile(r"(?:^|\.)(?P<field>[^.\[\]]+)|\[(?P<item>[^\]]+)\]")


def _ignored(document: Document, kind: Kind, index: int, text: str, problems: list[Problem]) -> Path:
    path = read_path(text)
    wrong = _misleads(kind.shape, path) if path else "it is no path"
    if wrong is not None:
        place = document.place(("metadata", "lifecycle", "ignore", index))
        problems.append(Problem(f'lifecycle.ignore: "{text[:60]}" leads nowhere in {kind.id}', place, wrong))
    return path


def read_path(text: str) -> Path:
    """A path as people write it, `rotations[0].name`, `labels[a.b]`; empty where it is none."""
    steps = list(_STEP.finditer(text))
    if "".join(step[0] for step in steps) != text:
        return ()
    return tuple(step["field"] or (int(step["item"]) if step["item"].isdecimal() else step["item"]) for step in steps)


def _misleads(shape: Shape, path: Path) -> str | None:
    """Why a path does not lead to a field of the shape; None where it does."""
    if not path:
        return None
    head, rest = path[0], path[1:]
    match shape:
        case Record(fields=fields) if head in fields:
            return _misleads(fields[str(head)].shape, rest)
        case Record(fields=fields):
            return did_you_mean(str(head), fields, "it has")
        case Variants(by=by, every=records):
            holders = [record for record in records if head in record.fields or head == by]
            ways = [_misleads(record, path) for record in holders]
            names = {name for record in records for name in record.fields}
            return did_you_mean(str(head), sorted(names), "it has") if not ways else None if None in ways else ways[0]
        case Map(item=item):
            return _misleads(item, rest)
        case List(item=item):
            return _misleads(item, rest) if isinstance(head, int) else f"write a number in brackets, not {head}"
        case Leaf():
            return f'nothing is inside a value: leave out "{head}"'
