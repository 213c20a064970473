"""Variables, environments, defaults and `forEach`: what a document becomes before it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import ManifestError, UsageError
from reconciler.kinds.tree import Env
from reconciler.manifest.project import Project, find_root, load_project
from tests.manifest.toy import PROJECT, VENDORS, manifest, write

ACCOUNTS = "accounts: {toy: {default: {token: {env: T}}, eu: {token: {env: E}, region: eu}}}\n"
BASE = PROJECT + "metadata: {name: bells}\n" + ACCOUNTS


def load(root: Path, files: Mapping[str, str], environment: str | None = None) -> Project:
    write(root, files)
    return load_project(*find_root(root), VENDORS, environ={}, environment=environment)


def told(root: Path, files: Mapping[str, str], environment: str | None = None) -> list[str]:
    with pytest.raises(ManifestError) as error:
        load(root, files, environment)
    return [re.sub(r"\n\s*", " | ", str(problem)) for problem in error.value.problems]


def specs(project: Project) -> dict[str, Any]:
    return {address.name: one.declared for address, one in project.manifests.items()}


# ── variables ───────────────────────────────────────────────────────────────────────────────────────────────────────

FILLED: dict[str, tuple[str, str, Any]] = {
    "a text": ("who: payments", "{note: 'for ${var.who}!'}", {"note": "for payments!"}),
    "several in one text": ("a: x, b: y", "{note: '${var.a}-${var.b}-${var.a}'}", {"note": "x-y-x"}),
    "alone it keeps its type": ("most: 3", "{threshold: {more_than: '${var.most}'}}", {"threshold": {"more_than": 3}}),
    "alone it may be a list": ("all: [a, b]", "{words: '${var.all}'}", {"words": ["a", "b"]}),
    "a number in a text": ("most: 3", "{note: 'over ${var.most}'}", {"note": "over 3"}),
    "a truth in a text": ("on: true", "{note: '${var.on}ly'}", {"note": "truely"}),
    "a default": ("{}", "{note: 'for ${var.who:-nobody}'}", {"note": "for nobody"}),
    "an empty default": ("{}", "{note: 'for ${var.who:-}'}", {"note": "for "}),
    "a default that is not needed": ("who: me", "{note: 'for ${var.who:-nobody}'}", {"note": "for me"}),
    "a default that is a number": ("{}", "{threshold: {more_than: '${var.n:-4}'}}", {"threshold": {"more_than": 4}}),
    "a default that is a truth": ("{}", "{loud: '${var.loud:-true}'}", {"loud": True}),
    "a default in quotes is a text": ("{}", "{note: '${var.n:-\"4\"}'}", {"note": "4"}),
    "a default that is empty is a text": ("{}", "{note: '${var.n:-}'}", {"note": ""}),
    "two dollars are no variable": ("who: me", "{note: '$${var.who}'}", {"note": "${var.who}"}),
    "in a list": ("who: me", "{words: [a, '${var.who}']}", {"words": ["a", "me"]}),
}


@pytest.mark.parametrize(("variables", "spec", "declared"), FILLED.values(), ids=FILLED)
def test_variables_are_filled_in(variables: str, spec: str, declared: Any, tmp_path: Path) -> None:
    inner = variables if variables.startswith("{") else f"{{{variables}}}"
    files = {"reconciler.yaml": f"{BASE}variables: {inner}\n", "a.yaml": manifest("Bell", "a", spec)}
    assert specs(load(tmp_path, files)) == {"a": {"name": "a", **declared}}


def test_variables_stand_in_names_labels_and_the_project_too(tmp_path: Path) -> None:
    files = {
        "reconciler.yaml": f"{BASE}variables: {{who: pay, most: 2}}\nguards: {{max_deletes: '${{var.most}}'}}\n",
        "a.yaml": manifest("Bell", "'${var.who}-bell'", metadata=", labels: {team: '${var.who}'}"),
    }
    project = load(tmp_path, files)
    [one] = project.manifests.values()
    assert (one.address.name, one.metadata.labels) == ("pay-bell", {"team": "pay"})
    assert project.guards.max_deletes == 2


def test_what_nobody_sets_is_told_at_its_place_all_at_once(tmp_path: Path) -> None:
    files = {
        "reconciler.yaml": f"{BASE}variables: {{region: eu, all: [a]}}\n",
        "a.yaml": manifest("Bell", "a", "{note: '${var.regoin}', words: ['${var.b}'], tone: '${each.x}'}"),
        "b.yaml": manifest("Bell", "b", "{note: 'in ${var.all}'}"),
        "c.yaml": "apiVersion: apps/v1\nkind: Deployment\nspec: ${var.theirs}\n",
    }
    assert told(tmp_path, files) == [
        'a.yaml:5:14: spec.note: ${var.regoin} is not set | did you mean "region"?',
        "a.yaml:5:39: spec.words[0]: ${var.b} is not set | "
        "write variables: {b: …} in the project, or ${var.b:-VALUE} here",
        "a.yaml:5:58: spec.tone: ${each.x} is not set | write forEach: {x: […]} in metadata",
        "b.yaml:5:14: spec.note: ${var.all} is no single value, and cannot stand in a text | "
        "write it alone, as the whole value",
    ]


# ── environments ────────────────────────────────────────────────────────────────────────────────────────────────────

ENVIRONMENTS = f"""{BASE}variables: {{tier: gold, region: us}}
guards: {{max_deletes: 9, on_existing: refuse}}
environments:
  prod: {{variables: {{region: eu}}, accounts: {{toy: eu}}, paths: [only/prod], guards: {{max_deletes: 1}}}}
  staging: {{accounts: {{orchard: {{farm: f, token: {{env: O}}}}}}, paths: [only/staging, only/both/]}}
  test: {{paths: [./only/both]}}
"""
FILES = {
    "reconciler.yaml": ENVIRONMENTS,
    "a.yaml": manifest("Bell", "a", "{note: '${var.tier} in ${var.region}'}"),
    "only/prod/b.yaml": manifest("Bell", "b"),
    "only/staging/c.yaml": manifest("Bell", "c"),
    "only/both/d.yaml": manifest("Bell", "d"),
}
READ = {
    None: ("bells", "gold in us", ["a"], "T", 9),
    "prod": ("bells+prod", "gold in eu", ["a", "b"], "E", 1),
    "staging": ("bells+staging", "gold in us", ["a", "c", "d"], "T", 9),
    "test": ("bells+test", "gold in us", ["a", "d"], "T", 9),
}


@pytest.mark.parametrize(("environment", "read"), READ.items(), ids=[str(name) for name in READ])
def test_an_environment_lies_over_the_project(environment: str | None, read: Any, tmp_path: Path) -> None:
    project = load(tmp_path, FILES, environment)
    name, note, names, token, most = read
    assert (project.name, specs(project)["a"]["note"], sorted(specs(project))) == (name, note, names)
    assert getattr(project.accounts["toy"].settings, "token", None) == Env(token)
    assert (project.guards.max_deletes, project.guards.on_existing) == (most, "refuse")
    assert ("orchard" in project.accounts) == (environment == "staging")


def test_the_same_project_in_other_environments_is_known(tmp_path: Path) -> None:
    assert load(tmp_path, FILES, "prod").siblings == ("bells", "bells+staging", "bells+test")
    assert load(tmp_path, FILES).siblings == ("bells+prod", "bells+staging", "bells+test")


def test_an_environment_that_is_not_there_says_which_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        load(tmp_path, FILES, "prdo")
    assert error.value.problems[0].way_out == 'did you mean "prod"?'
    with pytest.raises(UsageError, match='no environment "prod"'):
        load(tmp_path, {"reconciler.yaml": BASE}, "prod")


def test_a_name_that_a_variable_leaves_open_is_told_once(tmp_path: Path) -> None:
    [found] = told(tmp_path, {"reconciler.yaml": BASE, "a.yaml": manifest("Bell", "'b-${var.x}'")})
    assert "metadata.name: ${var.x} is not set" in found


@pytest.mark.parametrize("hole", ["${var.x}", "${each.r}"])
def test_no_variable_stands_in_a_key(hole: str, tmp_path: Path) -> None:
    text = manifest("Bell", "b", f"{{tags: {{'a-{hole}': v}}}}")
    [found] = told(tmp_path, {"reconciler.yaml": f"{BASE}variables: {{x: y}}\n", "a.yaml": text})
    assert found == f"a.yaml:5:15: spec.tags: {hole} cannot stand in a key | write the key itself"


def test_a_variable_that_only_environments_set_asks_for_one(tmp_path: Path) -> None:
    files = {
        "reconciler.yaml": f"{BASE}environments: {{dev: {{}}, prod: {{variables: {{x: 1}}}}}}\n",
        "a.yaml": manifest("Bell", "a", "{note: '${var.x} ${var.z}'}"),
    }
    assert told(tmp_path, files) == [
        "a.yaml:5:14: spec.note: ${var.x} is not set | choose an environment: -e prod",
        "a.yaml:5:14: spec.note: ${var.z} is not set | write variables: {z: …} in the project, or ${var.z:-VALUE} here",
    ]


WRONG = {
    "environments: [prod]": "7:15: environments must be a mapping | write environments: {prod: {…}}",
    "environments: {prod: {variable: {}}}": 'did you mean "variables"?',
    "environments: {prod: {accounts: {toy: us}}}": 'accounts.toy: there is no account "us"',
    "environments: {prod: {guards: {max_deletes: x}}}": "guards.max_deletes must be a whole number",
    "environments: {prod: {accounts: {toy: {token: x}}}}": "toy.token",
    "variables: [a]": "variables must be a mapping",
    "defaults: [a]": "defaults must be a mapping of kinds",
    "defaults: {toy/Bel: {}}": 'defaults: there is no kind "toy/Bel" | did you mean "toy/Bell"?',
    "defaults: {toy/Bell: x}": "defaults.toy/Bell must be a mapping of fields",
}


@pytest.mark.parametrize(("line", "what"), WRONG.items(), ids=list(WRONG))
def test_mistakes_of_the_project_are_told(line: str, what: str, tmp_path: Path) -> None:
    environment = "prod" if "prod: {" in line and "variable:" not in line else None
    found = told(tmp_path, {"reconciler.yaml": f"{BASE}{line}\n"}, environment)
    assert len(found) == 1, found
    assert re.sub(r"^7:15: ", "", what) in found[0]
    assert found[0].startswith("reconciler.yaml:5:")


# ── one of each ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_manifest_makes_an_object_of_each(tmp_path: Path) -> None:
    text = manifest(
        "Bell",
        "'bell-${each.region}-${each.n}'",
        "{note: '${each.region} of ${var.who}', threshold: {more_than: '${each.n}'}}",
        ", forEach: {region: [eu, us], n: [1, 2]}",
    )
    project = load(tmp_path, {"reconciler.yaml": f"{BASE}variables: {{who: me}}\n", "a.yaml": text})
    assert [str(address) for address in sorted(project.manifests)] == [
        f"toy/Bell/bell-{region}-{n}" for region in ("eu", "us") for n in (1, 2)
    ]
    assert specs(project)["bell-us-2"] == {"name": "bell-us-2", "note": "us of me", "threshold": {"more_than": 2}}
    assert {str(one.place(("note",))) for one in project.manifests.values()} == {"a.yaml:5:14"}


def test_the_list_may_be_a_variable(tmp_path: Path) -> None:
    text = manifest("Bell", "'b-${each.r}'", metadata=", forEach: {r: '${var.regions}'}")
    project = load(tmp_path, {"reconciler.yaml": f"{BASE}variables: {{regions: [a, b]}}\n", "a.yaml": text})
    assert sorted(specs(project)) == ["b-a", "b-b"]


FOR_EACH = {
    "forEach: [a]": "metadata.forEach takes lists by name | write forEach: {region: [eu, us]}",
    "forEach: 5": "metadata.forEach takes lists by name",
    "forEach: [[a]]": "metadata.forEach takes lists by name",
    "forEach: {r: a}": "metadata.forEach takes lists by name",
    "forEach: {r: []}": "metadata.forEach takes lists by name",
    "forEach: {r: [[a]]}": "metadata.forEach lists texts, numbers, true and false",
    "forEach: {r: [a, b]}": 'every "r" would have the name "b" | put ${each.r} into metadata.name',
}


@pytest.mark.parametrize(("head", "what"), FOR_EACH.items(), ids=list(FOR_EACH))
def test_mistakes_of_for_each_are_told_once(head: str, what: str, tmp_path: Path) -> None:
    text = manifest("Bell", "b", metadata=f", {head}")
    [found] = told(tmp_path, {"reconciler.yaml": BASE, "a.yaml": text})
    assert what in found


def test_not_more_than_a_thousand_are_made_of_one(tmp_path: Path) -> None:
    numbers = ", ".join(map(str, range(40)))
    text = manifest("Bell", "'b-${each.a}-${each.b}'", metadata=f", forEach: {{a: [{numbers}], b: [{numbers}]}}")
    [found] = told(tmp_path, {"reconciler.yaml": BASE, "a.yaml": text})
    assert "metadata.forEach makes 1600 objects of one | 1000 at most" in found


# ── defaults ────────────────────────────────────────────────────────────────────────────────────────────────────────

DEFAULTS = f"""{BASE}variables: {{tier: gold}}
defaults:
  toy/Bell:
    note: '${{var.tier}}'
    threshold: {{more_than: 1, within: 5m}}
    words: [a]
"""
LAID: dict[str, tuple[str, Any]] = {
    "nothing said": ("{}", {"note": "gold", "threshold": {"more_than": 1, "within": 300}, "words": ["a"]}),
    "no spec at all": ("", {"note": "gold", "threshold": {"more_than": 1, "within": 300}, "words": ["a"]}),
    "objects field by field": (
        "{threshold: {more_than: 2}, words: [b]}",
        {"note": "gold", "threshold": {"more_than": 2, "within": 300}, "words": ["b"]},
    ),
    "null clears": ("{words: null}", {"note": "gold", "threshold": {"more_than": 1, "within": 300}, "words": None}),
    "unset removes one": (
        "{words: !unset , threshold: {within: !unset }}",
        {"note": "gold", "threshold": {"more_than": 1}},
    ),
}


@pytest.mark.parametrize(("spec", "declared"), LAID.values(), ids=LAID)
def test_defaults_lie_under_each_manifest(spec: str, declared: Any, tmp_path: Path) -> None:
    files = {"reconciler.yaml": DEFAULTS, "a.yaml": manifest("Bell", "a", spec), "t.yaml": manifest("Tower", "t")}
    found = specs(load(tmp_path, files))
    assert found["a"] == {"name": "a", **declared}
    assert found["t"] == {"name": "t"}


def test_what_comes_of_a_default_is_said_to_stand_there(tmp_path: Path) -> None:
    files = {"reconciler.yaml": DEFAULTS, "a.yaml": manifest("Bell", "a", "{threshold: {more_than: 2}}")}
    [one] = load(tmp_path, files).manifests.values()
    places = [str(one.place(path)) for path in (("note",), ("threshold", "within"), ("threshold", "more_than"))]
    assert places == ["reconciler.yaml:8:11", "reconciler.yaml:9:39", "a.yaml:5:31"]


def test_a_mistake_in_a_default_is_told_once_where_it_stands(tmp_path: Path) -> None:
    files = {
        "reconciler.yaml": f"{BASE}defaults: {{toy/Bell: {{loud: 3}}}}\n",
        "a.yaml": manifest("Bell", "a") + manifest("Bell", "b"),
    }
    [found] = told(tmp_path, files)
    assert found.startswith("reconciler.yaml:5:29: loud must be true or false")


def test_unset_without_a_default_is_a_mistake(tmp_path: Path) -> None:
    files = {"reconciler.yaml": BASE, "a.yaml": manifest("Bell", "a", "{note: !unset , words: !unset 3}")}
    found = told(tmp_path, files)
    assert any("spec.note: there is no default to unset" in line for line in found)
    assert any("stands behind !unset, which takes no value" in line for line in found)


def test_what_is_wrong_beside_an_undefined_variable_is_told_with_it(tmp_path: Path) -> None:
    files = {
        "reconciler.yaml": BASE,
        "a.yaml": manifest("Bell", "a", "{note: '${var.x}', tone: hihg, loud: '${var.y}', key: literal}"),
    }
    found = told(tmp_path, files)
    assert [line.split(" ")[1] for line in found] == ["spec.note:", "tone", "spec.loud:", "key"]
