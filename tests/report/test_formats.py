"""Formats: one plan in every form that tools read: what is in it, and that it is well-formed."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from reconciler.report.document import PlanDocument, read_document
from reconciler.report.formats import FORMATS, told
from reconciler.report.markdown import MOST, marker

NASTY = 'a: b, c\n<b>&"x"</b> 100% `tick` ``` @team [link](http://x) \x0b\u202e日本'


def change(word: str, name: str, **more: Any) -> dict[str, Any]:
    base = {"change": word, "address": f"opsgenie/Team/{name}", "place": f"ops/{name}.yaml:3:1"}
    return {**base, **more}


def field(path: str, old: Any, new: Any, cause: str = "edited", **more: Any) -> dict[str, Any]:
    return {"path": path, "old": old, "new": new, "cause": cause, **more}


CHANGES = [
    change("create", "new", fields=[{"path": "name", "new": "new", "cause": "new"}], pages=["rings the bell"]),
    change("update", "drift", fields=[field("note", "theirs", "ours", "drifted", place="ops/drift.yaml:7:9")]),
    change("update", "nasty", fields=[field("note", NASTY, "x")], notes=[NASTY], why=NASTY),
    change("delete", "gone", id="t1", why="its manifest left Git"),
    change("blocked", "stuck", why="it cannot be", way_out="ask somebody"),
    change("doubtful", "odd", why="nobody knows"),
    change("adopt", "theirs"),
]


def document(**more: Any) -> PlanDocument:
    base: dict[str, Any] = {
        "format": "reconciler/plan/v1",
        "project": "shop+prod",
        "empty": False,
        "digest": "d",
        "counts": {},
        "accounts": ["opsgenie"],
        "objects": 8,
        "unchanged": 1,
        "requests": 4,
        "seconds": 0.5,
        "manifests": {"opsgenie/Team/same": "ops/same.yaml:1:1", "opsgenie/Team/new": "ops/new.yaml:3:1"},
        "changes": CHANGES,
        "refused": [{"text": "too many deletions", "way_out": "--max-deletes 1"}],
        "warnings": [{"text": "look here", "place": "ops/a b.yaml:2:3"}],
        "unknown": [{"text": "KEY is not set"}],
        "not_read": {"wallarm": {"text": "wallarm: 401", "way_out": "check the token"}},
    }
    return read_document({**base, **more})


def test_every_form_is_known_by_its_word() -> None:
    assert set(FORMATS) == {"text", "json", "markdown", "html", "sarif", "junit", "github"}


# ── markdown ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_comment_begins_with_its_marker_and_the_summary() -> None:
    lines = told(document(), "markdown").split("\n")
    assert lines[0] == "<!-- reconciler plan shop+prod -->" == marker("shop+prod")
    assert lines[2].startswith("### Reconciler: incomplete: wallarm could not be read; 1 to create, 2 to update")


def test_a_comment_tells_what_the_whole_plan_must_be_read_with() -> None:
    text = told(document(notices=["a snapshot of noon"], holders={"opsgenie": "ann on laptop"}), "markdown")
    assert "*Note: a snapshot of noon*" in text
    assert "ann on laptop is applying to opsgenie now" in text
    assert told(document(notices=["a snapshot\nof noon"]), "github").endswith("\nnote: a snapshot of noon\n")


def test_a_comment_tells_what_weighs_most_first() -> None:
    text = told(document(), "markdown")
    order = ["reaches people", "Apply will refuse", "<code>opsgenie/Team/stuck", "<code>opsgenie/Team/gone"]
    order += ["<code>opsgenie/Team/drift", "<code>opsgenie/Team/new", "<code>opsgenie/Team/theirs"]
    assert [text.index(one) for one in order] == sorted(text.index(one) for one in order)


def test_nothing_in_a_comment_becomes_a_mention_a_link_or_html() -> None:
    text = told(document(), "markdown")
    fences = re.findall(r"^(`{3,})diff\n(.*?)\n\1$", text, re.DOTALL | re.MULTILINE)
    assert len(fences) == len(CHANGES)
    outside = re.sub(r"^(`{3,})diff\n.*?\n\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "<b>&" not in outside
    assert "@team" not in outside
    assert text.count("<details") == text.count("</details>")


@pytest.mark.parametrize("count", [10, 400, 1_500])
def test_a_comment_is_never_too_long_and_says_what_is_left_out(count: int) -> None:
    many = [change("update", f"t{number}", fields=[field("note", "a" * 90, "😀" * 90)]) for number in range(count)]
    warnings = [{"text": "w" * 80, "place": f"a.yaml:{number}:1"} for number in range(count)]
    text = told(document(changes=[*many, CHANGES[3]], warnings=warnings), "markdown")
    assert len(text.encode("utf-16-le")) // 2 <= MOST
    assert "opsgenie/Team/gone" in text
    assert text.count("<details") == text.count("</details>")
    left = re.search(r"\*(\d+) more blocks? left out here: see the whole report", text)
    assert (left is None) == (count == 10)
    if left is not None:
        assert int(left[1]) + text.count("<summary>") == count + 4


# ── what points at lines ────────────────────────────────────────────────────────────────────────────────────────────


def test_sarif_points_at_files_and_lines() -> None:
    run = json.loads(told(document(), "sarif", "infra/"))["runs"][0]
    results = run["results"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in results)
    [drift] = [one for one in results if one["ruleId"] == "drift"]
    place = drift["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "infra/ops/drift.yaml"
    assert place["region"] == {"startLine": 7, "startColumn": 9}
    assert {one["ruleId"] for one in results if one["level"] == "error"} == {
        "blocked",
        "doubtful",
        "refused",
        "not-read",
    }
    [warning] = [one for one in results if one["ruleId"] == "warning"]
    assert warning["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "infra/ops/a%20b.yaml"


def test_a_finding_keeps_its_fingerprint_when_lines_move() -> None:
    def prints(plan: PlanDocument) -> list[Any]:
        return [one["partialFingerprints"] for one in json.loads(told(plan, "sarif"))["runs"][0]["results"]]

    moved = [{**one, "place": one["place"].replace(":3:", ":9:")} for one in CHANGES]
    assert prints(document()) == prints(document(changes=moved))


def test_annotations_are_one_line_each_the_gravest_first() -> None:
    lines = told(document(), "github", "infra/").rstrip("\n").split("\n")
    words = [line.split(" ", 1)[0] for line in lines[:-1]]
    assert words == sorted(words, key=["::error", "::warning", "::notice"].index)
    assert "::error file=infra/ops/stuck.yaml,line=3,col=1,title=A change cannot be made::" in told(
        document(), "github", "infra/"
    )
    nasty = next(line for line in lines if "Team/nasty" in line)
    assert "%0A" in nasty
    assert "100%25" in nasty


# ── a pipeline's page ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_manifest_is_a_case() -> None:
    # The text is our own.
    root = ElementTree.fromstring(told(document(), "junit"))  # see above
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert set(cases) >= {"same", "new", "gone", "stuck", "read"}
    assert [child.tag for child in cases["same"]] == []
    assert cases["new"].find("failure") is not None
    assert [one.get("message") for one in cases["stuck"]] == ["blocked: it cannot be"]
    assert (cases["new"].get("file"), cases["new"].get("line")) == ("ops/new.yaml", "3")
    suite = root.find("testsuite[@name='opsgenie']")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("8", "4", "2")
