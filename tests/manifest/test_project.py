"""A project: which files are read, and what a manifest becomes."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from reconciler.errors import ManifestError, UsageError
from reconciler.kinds.address import Address
from reconciler.kinds.tree import FromOutput, Ref, Text
from reconciler.manifest.project import find_root
from tests.manifest.toy import PROJECT, load, manifest, write

# ── what is read ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_yaml_file_below_the_root_is_read_but_for_hidden_folders(tmp_path: Path) -> None:
    names = ["a.yaml", "sub/b.yml", ".hidden/c.yaml", "node_modules/d.yaml", "e.json", "日本/f.yaml"]
    project = load(tmp_path, {name: manifest("Bell", f"bell-{index}") for index, name in enumerate(names)})
    assert sorted(each.file for each in project.manifests.values()) == ["a.yaml", "sub/b.yml", "日本/f.yaml"]
    assert project.name == "default"
    assert project.root == tmp_path


def test_a_folder_with_a_project_of_its_own_is_left_out(tmp_path: Path) -> None:
    files = {
        "a.yaml": manifest("Bell", "a"),
        "other/reconciler.yaml": PROJECT,
        "other/sub/b.yaml": manifest("Bell", "a"),
    }
    assert [each.file for each in load(tmp_path, files).manifests.values()] == ["a.yaml"]


def test_a_link_counts_only_where_it_leads_to_an_unread_file_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(tmp_path, {"root/a.yaml": manifest("Bell", "a"), "root/.data/b.yaml": manifest("Bell", "b")})
    write(tmp_path, {"outside/c.yaml": manifest("Bell", "c")})
    (root / "again.yaml").symlink_to("a.yaml")
    (root / "b.yaml").symlink_to(".data/b.yaml")
    (root / "c.yaml").symlink_to("../outside/c.yaml")
    (root / "gone.yaml").symlink_to("nowhere.yaml")
    (root / "folder").symlink_to("../outside")
    (root / "ring").symlink_to(".")
    assert [each.file for each in load(root, {}).manifests.values()] == ["a.yaml", "b.yaml"]


def test_documents_of_others_are_skipped_whatever_they_hold(tmp_path: Path) -> None:
    text = "apiVersion: apps/v1\nkind: Deployment\nspec: !Ref {a: 1, a: 2}\n---\n- 1\n---\n---\nkind: Bell\nspec: {}\n"
    project = load(tmp_path, {"a.yaml": text})
    assert [str(place) for place in project.skipped] == ["a.yaml:1:1", "a.yaml:5:1", "a.yaml:8:1"]
    assert [str(warning) for warning in project.warnings] == [
        "a.yaml:8:1: this document is skipped: it has no apiVersion"
    ]


def test_the_root_is_the_nearest_folder_upward_with_a_project_file(tmp_path: Path) -> None:
    write(tmp_path, {"reconciler.yaml": PROJECT, "a/b/m.yaml": ""})
    assert find_root(tmp_path / "a" / "b") == (tmp_path, tmp_path / "reconciler.yaml")
    assert find_root(tmp_path / "a" / "b" / "m.yaml") == (tmp_path, tmp_path / "reconciler.yaml")


def test_without_a_project_file_the_folder_itself_is_the_root(tmp_path: Path) -> None:
    assert find_root(tmp_path) == (tmp_path, None)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no"):
        find_root(tmp_path / "nowhere")


def test_loading_leaves_the_collector_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(ManifestError):
        load(tmp_path, {"a.yaml": "{"})
    assert gc.isenabled()


# ── what a manifest is ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_manifest_declares_what_it_names_and_its_name(tmp_path: Path) -> None:
    text = manifest("Bell", "door", "{threshold: {within: 5m}, note: null}", ", id: 7, labels: {a: b}, was: gate")
    found = load(tmp_path, {"a.yaml": text}).manifests[Address("toy", "default", "Bell", "door")]
    assert found.declared == {"threshold": {"within": 300}, "note": None, "name": "door"}
    assert (found.metadata.id, found.metadata.was, found.metadata.labels) == ("7", "gate", {"a": "b"})
    assert found.metadata.lifecycle.protect is None
    assert str(found.place()) == "a.yaml:2:1"
    assert str(found.place(("threshold", "within"))) == "a.yaml:5:28"


def test_a_name_in_the_spec_stays(tmp_path: Path) -> None:
    project = load(tmp_path, {"a.yaml": manifest("Bell", "door", "{name: Front Door}")})
    assert project.manifests[Address("toy", "default", "Bell", "door")].declared == {"name": "Front Door"}


def test_the_lifecycle_is_read(tmp_path: Path) -> None:
    metadata = ", lifecycle: {protect: false, replace: allow, ignore: ['steps[0].url', tone]}"
    project = load(tmp_path, {"a.yaml": manifest("Bell", "a", metadata=metadata)})
    lifecycle = project.manifests[Address("toy", "default", "Bell", "a")].metadata.lifecycle
    assert (lifecycle.protect, lifecycle.replace) == (False, True)
    assert lifecycle.ignore == (("steps", 0, "url"), ("tone",))


def test_a_spec_may_be_left_out(tmp_path: Path) -> None:
    text = "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a}\n"
    assert (
        len(load(tmp_path, {"a.yaml": text, "b.yaml": text.replace("name: a", "name: b") + "spec:\n"}).manifests) == 2
    )


def test_a_kind_may_remark_on_a_manifest(tmp_path: Path) -> None:
    project = load(tmp_path, {"a.yaml": manifest("Bell", "a", "{tone: shrill}")})
    assert [str(each) for each in project.warnings] == ["a.yaml:5:14: a shrill bell wakes everybody"]


def test_a_name_with_a_dot_is_told_from_an_output_in_text(tmp_path: Path) -> None:
    note = "'${ref:toy/Tower/a.url} ${ref:toy/Tower/a.b} ${ref:toy/Tower/a.b.url} $${x} ${y}'"
    text = manifest("Tower", "a") + manifest("Tower", "a.b") + manifest("Bell", "x", f"{{note: {note}}}")
    found = load(tmp_path, {"a.yaml": text}).manifests[Address("toy", "default", "Bell", "x")]
    assert found.declared["note"] == Text(
        (
            FromOutput("toy/Tower/a", "url"),
            " ",
            Ref("toy/Tower", "name", ("toy/Tower/a.b",)),
            " ",
            FromOutput("toy/Tower/a.b", "url"),
            " ${x} ${y}",
        )
    )
