"""What an audit finds: drift with its author and waivers, what is gone, what nobody manages, what leads nowhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconciler.engine.audit import Audit, make_audit
from reconciler.engine.scope import Scope
from reconciler.kinds.signal import Query
from reconciler.kinds.trail import Authored, Oddity, Review, Trail
from reconciler.ledger import ledger
from tests.toy import vendor
from tests.toy.stage import ToyStage

A = "kind: Group\nmetadata: {name: a}\nspec: {note: as Git says}"
R = "kind: Rule\nmetadata: {name: r}\nspec: {group: a, text: ours, detail: {first: x}}"
BOTH = f"{A}\n---\n{R}"


async def _audit(toys: ToyStage, scope: Scope) -> Audit:
    access = toys.access()
    states = {host: await ledger.read(toys.store, access.prefix(host)) for host in access.project.accounts}
    return await make_audit(access, states, scope, timedelta(days=90))


def audit(toys: ToyStage, scope: Scope | None = None) -> Audit:
    writes = toys.server.writes()
    found = asyncio.run(_audit(toys, scope or Scope()))
    assert toys.server.writes() == writes, "an audit writes nothing"
    return found


def drift(found: Audit) -> list[tuple[str, str, Any, Any, str]]:
    return [
        (str(one.change.address), one.field.path, one.field.old, one.field.new, one.field.cause) for one in found.drift
    ]


def told(found: Audit) -> list[str]:
    return [one.text for one in found.warnings]


@pytest.fixture
def settled(toys: ToyStage) -> ToyStage:
    toys.says(BOTH)
    toys.done()
    return toys


def test_where_nothing_moved_it_is_clean(settled: ToyStage) -> None:
    found = audit(settled)
    assert (found.clean, drift(found), found.gone, found.strays) == (True, [], (), ())
    assert [(one.kind, one.managed, one.live) for one in found.coverage] == [("toy/Group", 1, 1), ("toy/Rule", 1, 1)]


def test_what_the_vendor_side_changed_is_drift_and_what_git_changed_waits(settled: ToyStage) -> None:
    settled.server.named("rules", "r")["text"] = "theirs"
    settled.says(f"{A.replace('as Git says', 'edited')}\n---\n{R}")
    found = audit(settled)
    assert drift(found) == [("toy/Rule/r", "text", "theirs", "ours", "drifted")]
    assert (found.clean, dict(found.waiting)) == (False, {"update": 1})


def test_a_change_of_git_alone_is_no_drift(settled: ToyStage) -> None:
    settled.says(f"{A.replace('as Git says', 'edited')}\n---\n{R}")
    found = audit(settled)
    assert (found.clean, drift(found), dict(found.waiting)) == (True, [], {"update": 1})


def test_what_both_sides_changed_is_drift(settled: ToyStage) -> None:
    settled.server.named("groups", "a")["note"] = "theirs"
    settled.says(f"{A.replace('as Git says', 'edited')}\n---\n{R}")
    assert drift(audit(settled)) == [("toy/Group/a", "note", "theirs", "edited", "both")]


def test_without_a_ledger_all_that_differs_is_told(settled: ToyStage) -> None:
    settled.drawer.objects.clear()
    settled.server.named("groups", "a")["note"] = "theirs"
    assert drift(audit(settled)) == [("toy/Group/a", "note", "theirs", "as Git says", "differs")]


def test_a_drifted_field_that_cannot_be_changed_is_drift_and_not_told_twice(toys: ToyStage) -> None:
    toys.says(A.replace("note: as Git says", "region: eu"))
    toys.done()
    toys.server.named("groups", "a")["region"] = "us"
    found = audit(toys)
    assert drift(found) == [("toy/Group/a", "region", "us", "eu", "drifted")]
    assert found.undecided == ()


# ── what is gone ────────────────────────────────────────────────────────────────────────────────────────────────────


def gone(found: Audit) -> list[tuple[str, str, str, str]]:
    return [(one.change.word, str(one.change.address), one.id, one.again) for one in found.gone]


def test_what_was_deleted_outside_git_is_gone_whether_git_wants_it_or_not(settled: ToyStage) -> None:
    ids = {one: settled.entry(f"toy/{one}").id for one in ("Group/a", "Rule/r")}
    settled.server.objects["rules"].clear()
    settled.server.objects["groups"].clear()
    settled.says(A)
    found = audit(settled)
    assert sorted(gone(found)) == [
        ("create", "toy/Group/a", ids["Group/a"], ""),
        ("release", "toy/Rule/r", ids["Rule/r"], ""),
    ]
    assert not found.clean


def test_what_was_made_again_outside_git_is_told_with_both_ids(settled: ToyStage) -> None:
    was = settled.entry("toy/Rule/r").id
    settled.server.objects["rules"].clear()
    now = settled.server.put(
        "rules", name="r", text="ours", detail={"first": "x"}, group=settled.entry("toy/Group/a").id
    )
    assert gone(audit(settled)) == [("adopt", "toy/Rule/r", was, now)]


def test_what_was_never_made_is_not_gone(toys: ToyStage) -> None:
    toys.says(BOTH)
    found = audit(toys)
    assert (gone(found), found.clean, dict(found.waiting)) == ([], True, {"create": 2})


# ── what nobody manages ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_nobody_manages_is_told_and_makes_nothing_dirty(settled: ToyStage) -> None:
    theirs = settled.server.put("groups", name="theirs")
    other = settled.server.put("groups", name="marked", external="reconciler:other/toy/Group/x")
    past = settled.server.put("windows", name="old", until="2020-01-01T00:00:00Z")
    settled.server.account("toy@other").put("rules", name="elsewhere")
    found = audit(settled)
    assert [(one.host, one.kind, one.id, one.label, one.note) for one in found.strays] == [
        ("toy", "toy/Group", other, "marked", "marked as toy/Group/x of other"),
        ("toy", "toy/Group", theirs, "theirs", ""),
        ("toy", "toy/Window", past, "old", "past"),
        ("toy@other", "toy/Rule", "r1", "elsewhere", ""),
    ]
    assert ("toy", "toy/Group", 1, 3) in [(one.host, one.kind, one.managed, one.live) for one in found.coverage]
    assert found.clean


def test_what_left_git_and_is_still_ours_is_no_stray(settled: ToyStage) -> None:
    settled.says(A)
    found = audit(settled)
    assert (found.strays, dict(found.waiting)) == ((), {"delete": 1})


@pytest.mark.parametrize(
    ("scope", "whole", "hosts"),
    [
        (Scope(accounts=("toy",)), True, {"toy"}),
        (Scope(targets=("toy/Rule/r",)), False, set()),
        (Scope(paths=("all.yaml",)), False, set()),
    ],
    ids=["an account is looked at whole", "a target alone", "a file alone"],
)
def test_narrowed(scope: Scope, whole: bool, hosts: set[str], settled: ToyStage) -> None:
    settled.server.put("groups", name="theirs")
    settled.server.account("toy@other").put("groups", name="elsewhere")
    settled.server.named("rules", "r")["text"] = "theirs"
    found = audit(settled, scope)
    assert (found.whole, {one.host for one in found.strays}) == (whole, hosts)
    assert [one[0] for one in drift(found)] == ["toy/Rule/r"]


# ── what leads nowhere ──────────────────────────────────────────────────────────────────────────────────────────────


def test_live_references_to_what_is_not_there_are_told_ours_first_of_all(settled: ToyStage) -> None:
    settled.server.named("rules", "r")["groups"] = ["g77"]
    theirs = settled.server.put("rules", name="theirs", group="g99")
    found = audit(settled)
    assert {(one.owner, one.path, one.kind, one.id, one.ours) for one in found.loose_ends} == {
        ("toy/Rule/r", "groups[0]", "toy/Group", "g77", True),
        (f'toy/Rule id {theirs} "theirs"', "group", "toy/Group", "g99", False),
    }
    assert not found.clean


def test_a_reference_of_others_alone_makes_nothing_dirty(settled: ToyStage) -> None:
    settled.server.put("rules", name="theirs", group="g99")
    assert audit(settled).clean


def test_what_a_list_leaves_out_and_a_get_finds_is_there(settled: ToyStage) -> None:
    hidden = settled.server.put("groups", name="hidden")
    settled.server.unseen.add(hidden)
    settled.server.named("rules", "r")["groups"] = [hidden]
    assert audit(settled).loose_ends == ()


# ── waivers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

WAIVED = {
    "the field": ("toy/Rule/r", "text", "2026-03-01", True, []),
    "what the field stands in": ("toy/Rule/*", "detail", "2026-12-31", False, []),
    "the whole object": ("toy/Rule/r", None, "2026-12-31", True, []),
    "all that begin so": ("toy/*", None, "2026-12-31", True, []),
    "another field": (
        "toy/Rule/r",
        "tex",
        "2026-12-31",
        False,
        ["the waiver of toy/Rule/r tex fits nothing"],
    ),
    "over since yesterday": (
        "toy/Rule/r",
        "text",
        "2026-02-28",
        False,
        ["the waiver of toy/Rule/r text ended with 2026-02-28, and the drift counts again: known"],
    ),
}


@pytest.mark.parametrize(("address", "field", "until", "clean", "warned"), WAIVED.values(), ids=WAIVED)
def test_waivers(
    address: str, field: str | None, until: str, clean: bool, warned: list[str], settled: ToyStage
) -> None:
    of = f", field: {field}" if field else ""
    settled.guards = f'{{}}\nwaivers: [{{address: "{address}"{of}, reason: known, until: {until}}}]'
    settled.says(BOTH)
    settled.server.named("rules", "r")["text"] = "theirs"
    if field == "detail":
        settled.server.named("rules", "r")["detail"] = {"first": "y"}
    found = audit(settled)
    assert (found.clean, told(found)) == (clean, warned)
    waived = [one.field.path for one in found.drift if one.waiver is not None]
    assert waived == (["detail.first"] if field == "detail" else ["text"] if clean else [])


def test_what_is_gone_is_waived_as_a_whole_only(settled: ToyStage) -> None:
    settled.server.objects["rules"].clear()
    settled.guards = "{}\nwaivers: [{address: toy/Rule/r, field: text, reason: known, until: 2026-12-31}]"
    settled.says(BOTH)
    assert not audit(settled).clean
    settled.guards = "{}\nwaivers: [{address: toy/Rule/r, reason: known, until: 2026-12-31}]"
    settled.says(BOTH)
    assert audit(settled).clean


def test_a_waiver_beside_the_narrowing_is_not_called_useless(settled: ToyStage) -> None:
    settled.guards = "{}\nwaivers: [{address: toy/Rule/x, reason: known, until: 2026-12-31}]"
    settled.says(BOTH)
    assert told(audit(settled, Scope(targets=("toy/Rule/r",)))) == []
    assert told(audit(settled)) == ["the waiver of toy/Rule/x fits nothing"]


# ── who and when, and what only has a past ──────────────────────────────────────────────────────────────────────────


def with_kind(monkeypatch: pytest.MonkeyPatch, name: str, **more: Any) -> None:
    """The toy vendor, one of its kinds declaring more."""
    kinds = tuple(replace(one, **more) if one.name == name else one for one in vendor.TOY.kinds)
    monkeypatch.setattr("tests.toy.stage.VENDORS", {"toy": replace(vendor.TOY, kinds=kinds)})


WRITES = (
    Authored("2026-02-01T09:00:00Z", "Long Ago", fields=("text",)),
    Authored("2026-03-01T13:00:00.5Z", "Ann", "in the web UI", ("text",)),
    Authored("2026-03-01T14:00:00+00:00", "Bob", fields=("other",)),
    Authored("2026-03-01T13:30:00Z", "Somebody"),
)
AUTHORS = {
    "the newest that names the field": (WRITES, "Ann"),
    "one that says nothing of fields": ((WRITES[2], WRITES[3]), "Somebody"),
    "none that names another field": ((WRITES[2],), None),
    "none from before it was applied": ((WRITES[0],), None),
}


@pytest.mark.parametrize(("writes", "who"), AUTHORS.values(), ids=AUTHORS)
def test_who_did_it(
    writes: tuple[Authored, ...], who: str | None, toys: ToyStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_kind(monkeypatch, "Rule", trail=Trail(lambda raw, answers: writes))
    toys.says(BOTH)
    toys.done()
    toys.server.named("rules", "r")["text"] = "theirs"
    [one] = audit(toys).drift
    assert (one.authored.by if one.authored else None) == who


def test_a_vendor_that_does_not_tell_who_spoils_nothing(toys: ToyStage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Trail(lambda raw, answers: (), lambda ident, context: (Query("/notes/{id}", {"id": ident}, sole=True),))
    with_kind(monkeypatch, "Rule", trail=asked)
    toys.says(BOTH)
    toys.done()
    toys.server.log.clear()
    assert audit(toys).untold == ()
    assert not any(path.startswith("/notes") for _, path, _ in toys.server.log), "asked though nothing drifted"
    toys.server.named("rules", "r")["text"] = "theirs"
    found = audit(toys)
    assert len(found.drift) == 1
    assert found.untold[0].startswith("toy: GET /notes/")
    assert not found.not_read


def test_what_only_has_a_past_is_looked_at_in_every_account(toys: ToyStage, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Oddity("a window without an end", "give it one by hand")
    review = Review(
        "windows",
        lambda since, context: (Query(f"/windows?since={since:%Y-%m-%d}"),),
        lambda row, catalogues: () if row.get("until") else (odd, odd),
        lambda row: str(row["name"]),
    )
    with_kind(monkeypatch, "Ping", review=review)
    toys.says(A)
    toys.done()
    for name, until in (("a", None), ("b", "2027-01-01T00:00:00Z"), ("c", None)):
        toys.server.put("windows", name=name, until=until)
    found = audit(toys)
    assert [(one.host, one.oddity, one.names, one.looked_at) for one in found.findings] == [("toy", odd, ("a", "c"), 3)]
    assert not found.clean


def test_an_account_that_cannot_be_read_is_told_and_the_other_is_audited(settled: ToyStage) -> None:
    settled.server.account("toy@other").down = True
    settled.server.named("rules", "r")["text"] = "theirs"
    found = audit(settled)
    assert list(found.not_read) == ["toy@other"]
    assert len(found.drift) == 1
