"""HTML: one file that needs nothing else; hostile words stay words; what differs is told line by line."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest

from reconciler.cli.screen import safe
from reconciler.report.document import PlanDocument, SaidChange
from reconciler.report.formats import told
from reconciler.report.graph_picture import MOST
from reconciler.report.html_field import Shown, shown_fields
from tests.report.test_formats import CHANGES, change, document, field

HOSTILE = """</script><script>alert(1)</script>"'><img src=x onerror=alert(1)><!-- {{ 7*7 }} \x1b[31m\u202e&lt;"""


class Page(HTMLParser):
    """The tags, attributes and words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.inside: dict[str, str] = {}
        self.words = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._open.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("style", "script"):
            self.inside[self._open[-1]] = self.inside.get(self._open[-1], "") + data
        else:
            self.words += data

    def handle_endtag(self, tag: str) -> None:
        self._open = [one for one in self._open if one != tag]


def page(**more: Any) -> Page:
    return Page(told(document(**more), "html"))


# ── one file ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_asks_for_nothing_and_runs_only_what_is_its_own() -> None:
    made = page(references={"opsgenie/Team/new": ["opsgenie/Team/drift"]})
    policy = next(value for tag, name, value in made.attributes if tag == "meta" and value.startswith("default-src"))
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        digest = b64encode(sha256(made.inside[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert made.tags[tag] == 1
    assert not {"link", "img", "iframe", "object", "base"} & set(made.tags)
    assert not [one for one in made.attributes if one[1].startswith("on") or one[1] in ("style", "src", "srcset")]
    assert {value[0] for _, name, value in made.attributes if name in ("href", "action", "data")} == {"#"}
    assert "url(" not in made.inside["style"]


def test_it_can_be_printed_to_a_terminal_as_it_is() -> None:
    text = told(document(), "html")
    assert safe(text) == text


def hostile(value: Any) -> Any:
    """A plan in which every free text is an attack."""
    kept = {"change", "cause", "format", "digest", "$secret"}
    match value:
        case dict():
            return {key: item if key in kept else hostile(item) for key, item in value.items()}
        case list() | tuple():
            return [hostile(item) for item in value]
        case str():
            return HOSTILE
        case _:
            return value


def test_hostile_words_stay_words() -> None:
    plain = document().model_dump(exclude_unset=True)
    changes = [
        hostile({"old": "x", "ways": 1, "steps": [{"name": "a", "method": "PUT", "path": "/"}], **one})
        for one in CHANGES
    ]
    attacks = {**hostile(plain), "counts": {}, "changes": changes, "manifests": {HOSTILE: HOSTILE}}
    attacks |= {
        "holders": {HOSTILE: HOSTILE},
        "notices": [HOSTILE],
        "narrowed": HOSTILE,
        "not_read": {HOSTILE: {"text": HOSTILE, "way_out": HOSTILE}},
        "references": {HOSTILE: ["b", HOSTILE]},
    }
    made = Page(told(PlanDocument.model_validate(attacks), "html"))
    usual = page(references={"opsgenie/Team/new": ["b"]})
    assert made.tags["script"] == made.tags["style"] == 1
    assert "img" not in made.tags
    assert {one[1] for one in made.attributes} == {one[1] for one in usual.attributes} | {"open"}
    assert "\x1b" not in made.words
    assert "\u202e" not in made.words
    assert "{{ 7*7 }} \\x1b[31m\\u202e&lt;" in made.words


def test_everything_can_be_read_without_a_script() -> None:
    made = page()
    hidden = [tag for tag, name, _ in made.attributes if name == "hidden"]
    assert hidden == ["form", "button"]
    for words in [
        "rings the bell",
        "too many deletions",
        "--max-deletes 1",
        "wallarm",
        "401",
        "look here",
        "KEY is not",
        "its manifest left Git",
        "ask somebody",
        "ledger settle opsgenie/Team/odd",
    ]:
        assert words in made.words, words
    folded = [value for tag, name, value in made.attributes if tag == "details" and name == "id"]
    assert folded == ["picture", *(f"c{number}" for number in range(len(CHANGES)))]


def test_changes_that_are_only_not_read_are_told_together() -> None:
    unread = [{"change": "blocked", "address": f"wallarm/Trigger/t{number}"} for number in range(3)]
    made = page(changes=[*CHANGES, *unread])
    assert "(3 manifests): 401" in made.words
    assert ("button", "data-value", "wallarm") not in made.attributes


@pytest.mark.parametrize(("count", "opened"), [(25, True), (26, False)])
def test_a_few_changes_are_open_and_many_are_not(count: int, opened: bool) -> None:
    made = page(
        changes=[change("create", f"t{number}") for number in range(count)], refused=[], warnings=[], unknown=[]
    )
    assert (("details", "open", "") in made.attributes) == opened


# ── the picture ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_box_of_a_change_leads_to_it() -> None:
    made = page(references={"opsgenie/Team/new": ["opsgenie/Team/same", "opsgenie/Team/far"]})
    assert {value for tag, name, value in made.attributes if tag == "a"} == {f"#c{n}" for n in range(len(CHANGES))}
    assert ("g", "class", "box create") in made.attributes
    assert ("g", "class", "box as-is") in made.attributes
    assert ("g", "class", "box outside") in made.attributes


@pytest.mark.parametrize(("count", "drawn"), [(MOST, True), (MOST + 1, False)])
def test_too_many_boxes_give_way_to_a_sentence(count: int, drawn: bool) -> None:
    made = page(manifests={f"opsgenie/Team/t{number}": "a.yaml:1:1" for number in range(count)}, changes=[])
    assert bool(made.tags["svg"]) == drawn
    assert (f"{count} manifests are too many for a picture" in made.words) != drawn


# ── what differs ────────────────────────────────────────────────────────────────────────────────────────────────────


def shown(*fields: dict[str, Any], ledger: bool = False) -> list[Shown]:
    said = SaidChange.model_validate({"change": "update", "address": "opsgenie/Team/x", "fields": fields})
    return list(shown_fields(said, ledger=ledger))


SIGNS = {"del": "-", "ins": "+", "same": " ", "gap": "…"}


def lines(*fields: dict[str, Any]) -> list[str]:
    """The rows as text, differing words in brackets."""
    return [
        SIGNS[row.mark] + "".join(f"[{text}]" if changed else text for changed, text in row.words)
        for one in shown(*fields)
        for row in one.rows
    ]


LONG = "avg(last_5m):avg:system.load.1{host:web-1,env:production} > 4"
DIFFS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a word": (field("a", "x", "y"), ["-x", "+y"]),
    "a number and nothing": (field("a", 3, None), ["-3", "+null"]),
    "a secret": (field("a", {"$secret": "8f3a"}, {"$secret": "changed"}), ["-(secret)", "+(secret, changed)"]),
    "what is new": (
        {"path": "a", "new": {"$secret": "will change"}, "cause": "new"},
        ["+(secret, made by this apply)"],
    ),
    "what goes": ({"path": "a", "old": ["x"], "cause": "edited"}, ["-- x"]),
    "an empty list": (field("a", [], {}), ["-[]", "+{}"]),
    "a long line, by its words": (
        field("a", LONG, LONG.replace("5m", "10m")),
        ["-" + f'"{LONG}"'.replace("last_5m", "[last_5m]"), "+" + f'"{LONG}"'.replace("last_5m", "[last_10m]")],
    ),
    "a text of several lines": (field("a", "x\nsame\n", "y\nsame\n"), ["-x", "+y", " same"]),
    "the end of a text": (field("a", "x\ny", "x\ny\n"), [" x", " y", "-(no line break at the end)"]),
    "items in their order": (field("a", ["x", "y"], ["y", "z"]), ["-- x", " - y", "+- z"]),
    "an item's field": (
        field("a", [{"if": "x", "then": [1, 2]}], [{"if": "x", "then": [1, 3]}]),
        [" - if: x", "   then:", "     - 1", "-    - [2]", "+    - [3]"],
    ),
    "a text within": (field("a", {"t": "x\ny"}, {"t": "x\nz"}), [" t: |", "   x", "-  [y]", "+  [z]"]),
    "far from what differs": (
        field("a", list(range(9)), [*range(8), 0]),
        ["…5 more lines, unchanged", " - 5", " - 6", " - 7", "-- [8]", "+- [0]"],
    ),
}


@pytest.mark.parametrize("name", DIFFS)
def test_a_field_is_told_by_what_differs_in_it(name: str) -> None:
    given, rows = DIFFS[name]
    assert lines(given) == rows


def test_items_of_an_unordered_list_are_one_field() -> None:
    gone, come = ({"path": "tags[]", side: {"a": 1}, "cause": "edited"} for side in ("old", "new"))
    [one] = shown(gone, come)
    assert (one.path, [row.mark for row in one.rows]) == ("tags", ["del", "ins"])
    assert len(shown(gone, {**come, "cause": "drifted"})) == 2


@pytest.mark.parametrize(
    ("cause", "why", "last"),
    [
        ("edited", "edited in Git", ""),
        ("drifted", "drifted at the vendor", ""),
        ("differs", "differs, no record", ""),
        ("both", "edited in Git and drifted at the vendor", "3"),
        ("renewed", "", ""),
    ],
)
def test_a_field_says_its_cause_and_place(cause: str, why: str, last: str) -> None:
    [one] = shown(field("a", 1, 2, cause, last=3, place="a.yaml:7:9"))
    assert (one.why, one.place, one.last) == (why, "a.yaml:7", last)


def test_what_is_let_go_of_stays() -> None:
    [one] = shown({"path": "a", "old": 5, "cause": "edited"}, ledger=True)
    assert [row.words for row in one.rows] == [((False, "no longer managed, stays 5"),)]


def test_no_digest_of_a_secret_is_in_the_page() -> None:
    secret = [field("token", {"$secret": "8f3a9c"}, {"x": [{"$secret": "77ab01"}]})]
    text = told(document(changes=[change("update", "s", fields=secret)]), "html")
    assert not re.search("8f3a9c|77ab01", text)
