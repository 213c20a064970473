"""What a person is told of each mistake in a manifest: place, words, way out; and that no secret is repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifest.toy import told

HEAD = "apiVersion: toy/v1\nkind: {kind}\nmetadata: {{name: a}}\nspec:\n"
SOURCES = "write {env: NAME}, {file: path}, {from: ADDRESS, output: NAME} or {keep: true}"
SECRET = "is a secret, and a secret never stands in a manifest | " + SOURCES
REFERENCE = "{existing: KEY} or {id: ID}"
DURATION = "a duration is a number of seconds or like 30s, 5m, 4h, 1h30m, 1d"

BELL = [
    ("nmae: x", ['5:3: there is no field "nmae" in toy/Bell | did you mean "name"?']),
    ("Tone: low", ['5:3: there is no field "Tone" in toy/Bell | did you mean "tone"?']),
    ("box: {zzz: 1}", ['5:9: there is no field "zzz" in box | it has: more_than, within']),
    ("tone: lowww", ['5:9: tone must be one of low, high, shrill, not "lowww" | did you mean "low"?']),
    ("tone: zzz", ['5:9: tone must be one of low, high, shrill, not "zzz"']),
    ("tone: [low]", ["5:3: tone must be one of low, high, shrill, not a list"]),
    ("loud: 3", ["5:9: loud must be true or false, not 3"]),
    ("share: x", ['5:10: share must be a number, not "x"']),
    ("threshold: {more_thn: 1}", ['5:15: there is no field "more_thn" in threshold | did you mean "more_than"?']),
    (
        "threshold:\n    more_than: -1\n    within: 1x",
        ["6:16: threshold.more_than must be 0 or more, not -1", f'7:13: threshold.within: {DURATION}, not "1x"'],
    ),
    ("threshold: 5", ["5:14: threshold must be a mapping, not a number"]),
    ("steps: [{by: mial}]", ['5:16: steps[0].by must be one of mail, hook, not "mial" | did you mean "mail"?']),
    ("steps: [{to: x}]", ["5:11: steps[0].by is missing | it is one of: mail, hook"]),
    ("steps: [{by: mail, url: x}]", ['5:22: there is no field "url" in steps[0] | it goes with by: hook']),
    ("steps: {by: mail}", ["5:3: steps must be a list, not a mapping"]),
    (
        "shifts: [{length: 90s}]",
        ["5:12: shifts[0].name is missing", '5:21: shifts[0].length: the API counts whole minutes, not "90s"'],
    ),
    ("words: one", ["5:10: words must be a list, not a text"]),
    ("tags: {a: 1}", ['5:13: tags.a must be a text, not 1 | put it in quotes: "1"']),
    ("tags: {a: true}", ['5:13: tags.a must be a text, not true | put it in quotes: "true"']),
    ("headers: [a]", ["5:3: headers must be a mapping, not a list"]),
    ("name: 5", ['5:9: name must be a text, not 5 | put it in quotes: "5"']),
    ("level: x", ['5:10: level must be a whole number or one of most, least, not "x"']),
    ("level: {}", ["5:3: level must be a whole number or one of most, least, not a mapping"]),
    ("key: s3cr3t-s3cr3t", [f"5:8: key {SECRET}"]),
    ("key: 12345678", [f"5:8: key {SECRET}"]),
    ("key: {env: X, file: y}", [f"5:3: key: not a secret's source: {SOURCES}"]),
    ("steps: [{by: hook, key: s3cr3t-s3cr3t}]", [f"5:27: steps[0].key {SECRET}"]),
    ("tower: [a]", [f"5:3: tower: a reference to toy/Tower is the name of a manifest, {REFERENCE}"]),
    ("ringer: 5", [f"5:11: ringer: a reference to toy/Person is its key, {REFERENCE}, not 5"]),
    ("loud: true\n  tone: low", ["4:1: toy/Bell: a loud bell has no low tone: leave one of the two out"]),
    ("5", ["5:3: toy/Bell must be a mapping, not a number"]),
    (
        "nmae: x\n  tone: zzz",
        [
            '5:3: there is no field "nmae" in toy/Bell | did you mean "name"?',
            '6:9: tone must be one of low, high, shrill, not "zzz"',
        ],
    ),
    ("name: a\n  name: b", ['6:3: "name" stands twice in one mapping, first at 5:3 | remove one of them']),
    ("name: !Ref a", ["5:9: the tag !Ref means nothing here | leave the tag out"]),
]
LINE = [
    ("type: wirre", ['5:9: type must be one of wire, air, sky, not "wirre" | did you mean "wire"?']),
    ("gauge: thick", ["4:1: type is missing | it is one of: wire, air, sky"]),
    ("{type: wire, band: 3}", ['5:16: there is no field "band" in toy/Line | it goes with type: air or sky']),
    ("{type: sky, tokn: s3cr3t}", ['5:15: there is no field "tokn" in toy/Line | did you mean "token"?']),
    ("{type: sky, band: s3}", ['5:21: band must be a whole number, not "s3"']),
    ("{type: air, token: s3cr3t}", [f"5:22: token {SECRET}"]),
    ("[s3cr3t]", ["4:1: toy/Line must be a mapping, not a list"]),
]


@pytest.mark.parametrize(
    ("kind", "spec", "expected"), [("Bell", *row) for row in BELL] + [("Line", *row) for row in LINE]
)
def test_a_mistake_in_a_spec_is_told_once_with_its_place(
    tmp_path: Path, kind: str, spec: str, expected: list[str]
) -> None:
    found = told(tmp_path, {"m.yaml": HEAD.format(kind=kind) + f"  {spec}\n"})
    assert found == [f"m.yaml:{each}" for each in expected]
    assert not any("s3cr3t" in each for each in found)


WHOLE = [
    ("kind: Bell\nmetadata: {name: a}\napiVersion: toy/v2\n", ['3:13: toy has no version "v2" | write toy/v1']),
    (
        "apiVersion: orchad/v2\nkind: Bell\n",
        ['1:13: "orchad/v2" is no apiVersion known here | did you mean "orchard/v2"?'],
    ),
    ("apiVersion: toy/v1\nmetadata: {name: a}\n", ["1:1: kind is missing | it is one of: Bell, Tower, Line"]),
    ("apiVersion: toy/v1\nkind: bell\n", ['2:7: toy has no kind "bell" | did you mean "Bell"?']),
    ("apiVersion: toy/v1\nkind: Zzz\n", ['2:7: toy has no kind "Zzz" | toy/v1 has: Bell, Tower, Line']),
    (
        "apiVersion: toy/v1\nkind: Person\n",
        ["2:7: toy/Person is only looked up and takes no manifest | name it by its key where it is used"],
    ),
    ("apiVersion: toy/v1\nkind: Bell\n", ["1:1: metadata is missing | write metadata: {name: …}"]),
    ("apiVersion: toy/v1\nkind: Bell\nmetadata: {}\n", ["3:1: metadata.name is missing"]),
    (
        "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a}\nspecs: {}\n",
        ['4:1: there is no "specs" in a document | did you mean "spec"?'],
    ),
    (
        "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a, lables: {}}\n",
        ['3:21: there is no field "lables" in metadata | did you mean "labels"?'],
    ),
    (
        "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: 7}\n",
        ['3:18: metadata.name must be a text, not 7 | put it in quotes: "7"'],
    ),
    (
        "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a b}\n",
        ['3:18: metadata.name: "a b" is no name | a name holds letters, digits, - _ and .: "a-b"'],
    ),
    (
        "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a/b, was: c d}\n",
        [
            '3:18: metadata.name: "a/b" is no name | a name holds letters, digits, - _ and .: "a-b"',
            '3:28: metadata.was: "c d" is no name | a name holds letters, digits, - _ and .: "c-d"',
        ],
    ),
    (
        "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a, labels: {x: 1}}\n",
        ['3:33: metadata.labels.x must be a text, not 1 | put it in quotes: "1"'],
    ),
    (
        "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a, lifecycle: {replace: yes}}\n",
        ['3:42: metadata.lifecycle.replace must be allow, not "yes"'],
    ),
    (
        "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a, lifecycle: {ignore: [nmae]}}\n",
        ['3:42: lifecycle.ignore: "nmae" leads nowhere in toy/Bell | did you mean "name"?'],
    ),
    (
        "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a, lifecycle: {ignore: [tone.x, 'shifts.name', 'a[']}}\n",
        [
            '3:42: lifecycle.ignore: "tone.x" leads nowhere in toy/Bell | nothing is inside a value: leave out "x"',
            '3:50: lifecycle.ignore: "shifts.name" leads nowhere in toy/Bell | write a number in brackets, not name',
            '3:65: lifecycle.ignore: "a[" leads nowhere in toy/Bell | it is no path',
        ],
    ),
    (
        "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a}\nspec: {\n",
        ["5:1: this is not YAML: the file ends too early | close every bracket and quote"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), WHOLE)
def test_a_mistake_in_the_head_is_told_with_its_place(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert told(tmp_path, {"m.yaml": text}) == [f"m.yaml:{each}" for each in expected]


def test_an_ignored_path_may_lead_through_lists_maps_and_variants(tmp_path: Path) -> None:
    paths = "[name, threshold.within, 'steps[0].url', 'tags[a.b]', shifts]"
    text = f"apiVersion: toy/v1\nkind: Bell\nmetadata: {{name: a, lifecycle: {{ignore: {paths}}}}}\n"
    assert told(tmp_path, {"m.yaml": text}) == []
