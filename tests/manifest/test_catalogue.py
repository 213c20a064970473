"""Catalogues: manifests that are no objects, and what others say against them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.errors import ManifestError
from reconciler.kinds.kind import Kind
from reconciler.kinds.neutral import Seen
from reconciler.kinds.place import Place as Where
from reconciler.kinds.remark import Misfit, Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object
from reconciler.manifest.explain import explain
from reconciler.manifest.project import Project, find_root, load_project
from tests.manifest.toy import BELL, PAGE, PROJECT, TOWER, TOY, manifest, write


class TuningSpec(Spec):
    """The tones that a town allows."""

    tones: list[str] | None = None


def _same(raw: Object, context: Context) -> Object:
    return dict(raw)


def _remarks(tree: Object) -> Sequence[Remark]:
    return () if tree.get("tones") else (Remark(("tones",), "no tone at all"),)


def _misfits(tree: Object, seen: Seen) -> Sequence[Misfit]:
    towns = list(seen("toy/Tuning"))
    allowed = {tone for town in towns for tone in town.get("tones") or ()}
    found = []
    if towns and tree.get("tone") not in (None, *allowed):
        found.append(Misfit(("tone",), f'no town allows "{tree["tone"]}"', f"it is one of: {', '.join(allowed)}"))
    if towns and "tone" not in tree:
        found.append(Misfit((), "a bell needs a tone", makes=True))
    return found


TUNING = Kind(
    vendor="toy",
    version="v1",
    name="Tuning",
    spec=TuningSpec,
    place=Where(""),
    page=PAGE,
    to_api=_same,
    from_api=_same,
    key=lambda tree: None,
    name_field=None,
    remarks=_remarks,
    catalogue=True,
)
VENDORS = {"toy": replace(TOY, kinds=(replace(BELL, misfits=_misfits), TOWER, TUNING))}
TOWN = manifest("Tuning", "town", "{tones: [low]}")
TWO = PROJECT + "accounts: {toy: {default: {token: {env: T}}, eu: {token: {env: E}}}}\n"


def load(root: Path, text: str, **more: str) -> Project:
    write(root, {"reconciler.yaml": TWO, "m.yaml": text, **{f"{name}.yaml": one for name, one in more.items()}})
    return load_project(*find_root(root), VENDORS, environ={})


def told(root: Path, text: str, **more: str) -> list[str]:
    try:
        load(root, text, **more)
    except ManifestError as error:
        return [re.sub(r"\n\s*", " | ", str(problem)).removeprefix("m.yaml:") for problem in error.problems]
    return []


def test_a_catalogue_is_no_wanted_object_and_its_remarks_are_told(tmp_path: Path) -> None:
    project = load(tmp_path, TOWN + manifest("Tuning", "village") + manifest("Bell", "a", "{tone: low}"))
    assert [str(address) for address in project.manifests] == ["toy/Bell/a"]
    assert [str(address) for address in project.catalogues] == ["toy/Tuning/town", "toy/Tuning/village"]
    assert [str(warning) for warning in project.warnings] == ["m.yaml:10:1: no tone at all"]


NO_OBJECT = "a toy/Tuning is a catalogue, and no object stands behind it"
ROWS = [
    (
        "a value no catalogue has",
        manifest("Bell", "a", "{tone: high}"),
        ['10:14: no town allows "high" | it is one of: low'],
    ),
    ("what an object needs to be made", manifest("Bell", "a"), ["7:1: a bell needs a tone"]),
    ("the same of one that is there", manifest("Bell", "a", metadata=", id: P1"), []),
    ("another account's catalogue", manifest("Bell", "a", "{tone: high}", ", account: eu"), []),
    (
        "a reference to a catalogue",
        manifest("Bell", "a", "{tone: low, note: '${ref:toy/Tuning/town}'}"),
        ["10:25: note: toy/Tuning is a catalogue: its manifests are no objects to refer to | write the value itself"],
    ),
    (
        "what only an object has",
        manifest("Tuning", "b", metadata=", id: P1, was: c, lifecycle: {protect: true}"),
        [
            f"9:25: metadata.id: {NO_OBJECT} | leave id out",
            f"9:34: metadata.was: {NO_OBJECT} | leave was out",
            f"9:37: metadata.lifecycle: {NO_OBJECT} | leave lifecycle out",
        ],
    ),
    (
        "an unknown word while a catalogue has a mistake",
        manifest("Tuning", "b", "{tons: [high]}") + manifest("Bell", "a", "{tone: high}"),
        ['10:8: there is no field "tons" in toy/Tuning | did you mean "tones"?'],
    ),
]


@pytest.mark.parametrize(("text", "problems"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_a_catalogue_does_not_allow_is_told_with_its_place(tmp_path: Path, text: str, problems: list[str]) -> None:
    assert told(tmp_path, TOWN + text) == problems


def test_nothing_is_unknown_while_a_file_cannot_be_read(tmp_path: Path) -> None:
    found = told(tmp_path, TOWN + manifest("Bell", "a", "{tone: high}"), broken="x: [")
    assert [problem.split(":")[0] for problem in found] == ["broken.yaml"]


def test_older_fields_are_folded_once_everything_is_checked_as_written(tmp_path: Path) -> None:
    def folded(tree: Object) -> Object:
        return {"tones": [tree["tone"]]} if "tone" in tree else tree

    bell = replace(BELL, misfits=_misfits, folded=folded, remarks=lambda tree: [Remark(("tone",), "an older field")])
    write(tmp_path, {"reconciler.yaml": TWO, "m.yaml": TOWN + manifest("Bell", "a", "{tone: low}")})
    vendors = {"toy": replace(TOY, kinds=(bell, TOWER, TUNING))}
    project = load_project(*find_root(tmp_path), vendors, environ={})
    assert [one.declared for one in project.manifests.values()] == [{"tones": ["low"]}]
    assert [str(warning) for warning in project.warnings] == ["m.yaml:10:14: an older field"]


def test_without_a_catalogue_everything_fits(tmp_path: Path) -> None:
    assert told(tmp_path, manifest("Bell", "a", "{tone: shrill}")) == []


def test_explain_says_that_it_is_a_catalogue() -> None:
    assert {line.name: line.type for line in explain(VENDORS, "toy").fields}["Tuning"] == "catalogue"
