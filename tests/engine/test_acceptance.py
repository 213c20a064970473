"""Accepting drift: Git then says what is live, no more and no less, and what it cannot say is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from reconciler.engine.acceptance import acceptances, unaccepted
from reconciler.engine.audit import Audit, make_audit
from reconciler.engine.scope import Scope
from reconciler.ledger import ledger
from reconciler.manifest.compose import locate
from reconciler.manifest.patch import patched
from tests.toy.stage import ToyStage

HEAD = "kind: Rule\nmetadata: {name: r}\nspec:\n"
GROUPS = "".join(f"kind: Group\nmetadata: {{name: {one}}}\nspec: {{}}\n---\n" for one in "abc")
SPEC = """\
  group: a  # whose
  text: ours
  key: {env: TOY_KEY}
  # who else
  groups: [a, b]
  tags: [x, y]
  options: {k: v, l: w}
  marks:
    - m1  # the first
    - m2
  steps: [s1, s2, s3]
  parts:
    - {name: p, weight: 1}
    # the second
    - name: q
      weight: 2  # heavy
  detail:
    first: one
    limit: {most: 1, within: 2}
  tell: {via: mail, to: ann}
"""
DETAIL = {"first": "theirs", "limit": {"most": 1, "within": 2}}


def audit(toys: ToyStage) -> Audit:
    async def made() -> Audit:
        access = toys.access()
        states = {host: await ledger.read(toys.store, access.prefix(host)) for host in access.project.accounts}
        return await make_audit(access, states, Scope(), timedelta(days=1))

    return asyncio.run(made())


def accepted(toys: ToyStage) -> list[str]:
    """Accept everything; what is told of it."""
    found = audit(toys)
    made = [*acceptances(found, None)]
    file = toys.root / "all.yaml"
    text, left = patched(file.read_text(), {locate(one.manifest.spot, ())[0]: one.patch for one in made})
    toys.edited({"all.yaml": text})
    manifests = {str(address): one for address, one in toys.project().manifests.items()}
    told = [*(p for one in made for p in one.left), *(p for one in made for p in unaccepted(found, manifests, one))]
    return [problem.text for problem in told] + [one.why for _, one in left]


@pytest.fixture
def settled(toys: ToyStage) -> ToyStage:
    toys.environ["TOY_KEY"] = "a-key-for-the-toy"
    toys.says(GROUPS + HEAD + SPEC)
    toys.done()
    return toys


ROWS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a text, its comment kept": ({"group": "B"}, "group: a  # whose", "group: b  # whose"),
    "a text that needs quotes": ({"text": "yes: no"}, "text: ours", 'text: "yes: no"'),
    "a text of several lines": ({"text": "1\n2\n"}, "  text: ours\n", "  text: |\n    1\n    2\n"),
    "what looks like a reference": ({"text": "${ref:toy/Rule/x}"}, "text: ours", 'text: "$${ref:toy/Rule/x}"'),
    "what looks like a number": ({"text": "12"}, "text: ours", 'text: "12"'),
    "what was emptied": ({"text": None}, "text: ours", "text: null"),
    "our item taken out of a shared list": ({"tags": ["y", "theirs"]}, "tags: [x, y]", "tags: [y]"),
    "our reference taken out of a shared list": ({"groups": ["B", "C"]}, "groups: [a, b]", "groups: [b]"),
    "our key taken out of a shared map": ({"options": {"l": "w", "t": "z"}}, "{k: v, l: w}", "{l: w}"),
    "another value in a shared map": ({"options": {"k": "new", "l": "w"}}, "{k: v, l: w}", "{k: new, l: w}"),
    "items of a list in no order": (
        {"marks": ["new", "m1"]},
        "    - m1  # the first\n    - m2\n",
        "    - m1  # the first\n    - new\n",
    ),
    "items of a list in order": ({"steps": ["s0", "s1", "s3", "s4"]}, "[s1, s2, s3]", "[s0, s1, s3, s4]"),
    "a field of a keyed item": (
        {"parts": [{"name": "p", "weight": 1}, {"name": "q", "weight": 3}]},
        "weight: 2  # heavy",
        "weight: 3  # heavy",
    ),
    "a keyed item that came": (
        {"parts": [{"name": "new", "colour": "red"}, {"name": "p", "weight": 1}, {"name": "q", "weight": 2}]},
        "      weight: 2  # heavy\n",
        "      weight: 2  # heavy\n    - {name: new, colour: red}\n",
    ),
    "a keyed item that went": (
        {"parts": [{"name": "q", "weight": 2}]},
        "    - {name: p, weight: 1}\n",
        "",
    ),
    "a field of an object": (
        {"detail": {"first": "1", "second": "x", "limit": {"most": 1, "within": 2}}},
        "one",
        '"1"',
    ),
    "a field that came to an object owned whole": (
        {"detail": {"first": "one", "limit": {"most": 1}}},
        "{most: 1, within: 2}",
        "{most: 1, within: null}",
    ),
    "another form of an object": (
        {"tell": {"via": "phone", "number": 5}},
        "{via: mail, to: ann}",
        "{via: phone, to: null, number: 5}",
    ),
}


@pytest.mark.parametrize(("fields", "old", "new"), ROWS.values(), ids=ROWS)
def test_git_says_what_is_live(fields: dict[str, Any], old: str, new: str, settled: ToyStage) -> None:
    ids = {name: settled.server.named("groups", name.lower())["id"] for name in "ABC"}
    named = {name: ids.get(str(value), value) for name, value in fields.items()}
    if "groups" in fields:
        named["groups"] = [ids[one] for one in fields["groups"]]
    settled.server.named("rules", "r").update(named)
    before = (settled.root / "all.yaml").read_text()
    assert before.count(old) == 1
    assert accepted(settled) == []
    assert (settled.root / "all.yaml").read_text() == before.replace(old, new)
    found = audit(settled)
    assert not found.drift
    assert not found.waiting


def test_what_git_edited_beside_it_is_left_alone(settled: ToyStage) -> None:
    settled.server.named("rules", "r").update(text="theirs", detail=DETAIL)
    settled.says(GROUPS + HEAD + SPEC.replace("most: 1", "most: 7").replace("group: a", "group: b"))
    assert accepted(settled) == []
    now = (settled.root / "all.yaml").read_text()
    assert "text: theirs" in now
    assert "first: theirs" in now
    assert "most: 7" in now
    assert "group: b" in now


LEFT: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "a variable": ("text: ours", "text: ${var.t:-ours}", {"text": "x"}, "it comes from a variable"),
    "an anchor": ("text: ours", "text: &t ours", {"text": "x"}, "it is, or holds, the anchor or alias t"),
    "a text with references": (
        "text: ours",
        "text: to ${ref:toy/Group/a.address}",
        {"text": "x"},
        "",
    ),
    "an edited list": (
        "    - m2\n",
        "    - m3\n",
        {"marks": ["m1", "theirs"]},
        "toy/Rule/r: marks is not written back: Git changed other items of it: see the plan, and write it by hand",
    ),
}


@pytest.mark.parametrize(("old", "new", "fields", "why"), LEFT.values(), ids=LEFT)
def test_what_cannot_be_written_back_is_told(
    old: str, new: str, fields: dict[str, Any], why: str, settled: ToyStage
) -> None:
    settled.says(GROUPS + HEAD + SPEC.replace(old, new))
    if "m3" not in new:
        settled.go()
    settled.server.named("rules", "r").update(fields)
    before = (settled.root / "all.yaml").read_text()
    told = accepted(settled)
    assert why in told if why else told == []
    assert ((settled.root / "all.yaml").read_text() == before) is bool(why)


def test_what_defaults_say_stays_theirs(toys: ToyStage) -> None:
    toys.guards = "{}\ndefaults: {toy/Group: {note: everywhere}}"
    toys.says(GROUPS.removesuffix("---\n"))
    toys.done()
    toys.server.named("groups", "b")["note"] = "x"
    assert "it comes from `defaults` of the project" in accepted(toys)


def test_an_object_of_many_that_one_document_makes_is_left(toys: ToyStage) -> None:
    toys.says("kind: Group\nmetadata: {name: 'g-${each.n}', forEach: {n: [a, b]}}\nspec: {note: x}")
    toys.done()
    toys.server.named("groups", "g-b")["note"] = "y"
    assert "it is one of those that forEach makes of one document" in accepted(toys)


def test_a_secret_never_goes_into_a_manifest(settled: ToyStage) -> None:
    settled.server.named("rules", "r")["text"] = f"it is {settled.environ['TOY_KEY']}"
    told = accepted(settled)
    assert told[0] == (
        "toy/Rule/r: text is not written back: it holds a secret in clear, which never stands in a manifest"
    )
    assert settled.environ["TOY_KEY"] not in (settled.root / "all.yaml").read_text()


def test_the_name_that_metadata_gave_is_written_out(toys: ToyStage) -> None:
    toys.says("kind: Group\nmetadata: {name: a}\nspec:\n  note: x\n")
    toys.done()
    toys.server.named("groups", "a")["name"] = "renamed"
    assert accepted(toys) == []
    assert (toys.root / "all.yaml").read_text().endswith("spec:\n  note: x\n  name: renamed")
    assert not audit(toys).drift
