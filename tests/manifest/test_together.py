"""What manifests may not say about each other, and that everything wrong is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifest.toy import PROJECT, TOY_ACCOUNT, manifest, told

# ── what manifests may not say of each other ────────────────────────────────────────────────────────────────────────

TWO_ACCOUNTS = {"reconciler.yaml": PROJECT + "accounts: {toy: {default: {token: {env: T}}, eu: {token: {env: E}}}}\n"}

TOGETHER = [
    (
        "one address twice",
        manifest("Bell", "a") + manifest("Bell", "a", "{name: b}"),
        ["7:1: toy/Bell/a is there twice, first at m.yaml:2:1 | give one of them another metadata.name"],
    ),
    (
        "one natural key twice, in another case",
        manifest("Bell", "a", "{name: Door}") + manifest("Bell", "b", "{name: 'door '}"),
        [
            '10:14: toy/Bell/b and toy/Bell/a (m.yaml:2:1) both mean the toy/Bell "door " | '
            "give one of them another name, or remove it"
        ],
    ),
    (
        "one id twice",
        manifest("Bell", "a", metadata=", id: P1") + manifest("Bell", "b", metadata=", id: P1"),
        [
            '9:25: metadata.id: "P1" is also the id of toy/Bell/a (m.yaml:4:25) | '
            "one object has one manifest: remove one of the two ids"
        ],
    ),
    (
        "an old name that is still there",
        manifest("Bell", "a") + manifest("Bell", "b", metadata=", was: a"),
        [
            '9:26: metadata.was: "a" is the name of a manifest that is there (m.yaml:2:1) | '
            "after a rename the old name is gone: remove that manifest, or this was"
        ],
    ),
    (
        "its own old name",
        manifest("Bell", "a", metadata=", was: a"),
        ['4:26: metadata.was: "a" is the name of a manifest that is there | it is this one\'s own name: remove was'],
    ),
    (
        "a reference to nothing",
        manifest("Bell", "a", "{tower: norht}") + manifest("Tower", "north"),
        ['5:15: tower: there is no manifest toy/Tower/norht | did you mean "north"?'],
    ),
    (
        "a reference to nothing like anything",
        manifest("Bell", "a", "{tower: zzz}") + manifest("Tower", "north"),
        [
            "5:15: tower: there is no manifest toy/Tower/zzz | "
            "write its manifest, or {existing: KEY} or {id: ID} for an object that has none"
        ],
    ),
    (
        "a whole address for a name",
        manifest("Bell", "a", "{tower: toy/Tower/north}") + manifest("Tower", "north"),
        ['5:15: tower: there is no manifest toy/Tower/toy/Tower/north | a reference is a name: "north"'],
    ),
    (
        "an output the kind does not have",
        manifest("Bell", "a", "{key: {from: toy/Tower/north, output: apikey}}") + manifest("Tower", "north"),
        ['5:45: key: toy/Tower has no output "apikey" | did you mean "apiKey"?'],
    ),
    (
        "an output of nothing",
        manifest("Bell", "a", "{key: {from: toy/Tower/north, output: apiKey}}"),
        ["5:20: key: there is no manifest toy/Tower/north | write its manifest, or name another"],
    ),
    (
        "an output of an unknown kind",
        manifest("Bell", "a", "{key: {from: toy/Towr/north, output: apiKey}}"),
        ['5:20: key: there is no kind "toy/Towr" | did you mean "toy/Tower"?'],
    ),
    (
        "an output of what is no address",
        manifest("Bell", "a", "{key: {from: north, output: apiKey}}"),
        ['5:20: key: "north" is no address | write VENDOR/KIND/NAME'],
    ),
    (
        "a text that names nothing",
        manifest("Bell", "a", "{note: 'x ${ref:toy/Tower/x.y}'}"),
        ["5:14: note: there is no manifest toy/Tower/x.y | write its manifest, or name another"],
    ),
    (
        "a text that names no address",
        manifest("Bell", "a", "{tags: {b: '${ref:Tower/x}'}}"),
        ['5:18: tags.b: "Tower/x" is no address | write VENDOR/KIND/NAME, and .OUTPUT behind it in a text'],
    ),
    (
        "a text that names what is only looked up",
        manifest("Bell", "a", "{note: '${ref:toy/Person/x}'}"),
        ["5:14: note: toy/Person is only looked up, it has no manifests | write the value itself"],
    ),
    (
        "a manifest that names itself",
        manifest("Bell", "a", "{next_bell: a}"),
        ["5:19: next_bell: toy/Bell/a names itself, so it could never be made | once it is there, {id: ID} names it"],
    ),
    (
        "a ring",
        manifest("Bell", "c", "{next_bell: a}")
        + manifest("Bell", "a", "{next_bell: b}")
        + manifest("Bell", "b", "{next_bell: c}"),
        [
            "10:19: next_bell: these name each other, so none could be made first: toy/Bell/a → toy/Bell/b "
            "→ toy/Bell/c → toy/Bell/a (also at m.yaml:15:19, m.yaml:5:19) | "
            "leave one of the references out, or name one of the objects by {id: ID}"
        ],
    ),
    (
        "two rings",
        manifest("Bell", "a", "{next_bell: b}")
        + manifest("Bell", "b", "{next_bell: a}")
        + manifest("Bell", "c", "{next_bell: c}"),
        [
            "5:19: next_bell: these name each other, so none could be made first: toy/Bell/a → toy/Bell/b "
            "→ toy/Bell/a (also at m.yaml:10:19) | "
            "leave one of the references out, or name one of the objects by {id: ID}",
            "15:19: next_bell: toy/Bell/c names itself, so it could never be made | "
            "once it is there, {id: ID} names it",
        ],
    ),
    (
        "a secret's file outside",
        manifest("Bell", "a", "{key: {file: ../key}}") + manifest("Bell", "b", "{key: {file: keys/a}}"),
        [
            '5:20: key: the file "../key" is outside the project | '
            "move it into the project, or name its folder in secret_files"
        ],
    ),
    (
        "an account that is not set up",
        manifest("Bell", "a", metadata=", account: eu"),
        [
            "4:30: the account toy@eu is not set up | "
            "there are: default. Or write accounts: toy: {eu: {token: {env: TOY_TOKEN}}}"
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in TOGETHER], ids=[row[0] for row in TOGETHER])
def test_what_manifests_may_not_say_together(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert told(tmp_path, {"m.yaml": text}) == [f"m.yaml:{each}" for each in expected]


def test_one_account_s_names_mean_nothing_in_another(tmp_path: Path) -> None:
    text = manifest("Tower", "north") + manifest("Bell", "a", "{tower: north}", ", account: eu")
    found = told(tmp_path, {**TWO_ACCOUNTS, "m.yaml": text})
    assert found == [
        "m.yaml:10:15: tower: there is no manifest toy@eu/Tower/north | "
        "write its manifest, or {existing: KEY} or {id: ID} for an object that has none"
    ]


def test_two_accounts_may_hold_the_same_object(tmp_path: Path) -> None:
    text = manifest("Bell", "a", metadata=", id: P1") + manifest("Bell", "a", metadata=", id: P1, account: eu")
    assert told(tmp_path, {**TWO_ACCOUNTS, "m.yaml": text}) == []


def test_a_broken_manifest_does_not_make_references_to_it_dangle(tmp_path: Path) -> None:
    text = manifest("Tower", "north", "{hieght: 3}") + manifest("Bell", "a", "{tower: north}")
    assert told(tmp_path, {"m.yaml": text}) == [
        'm.yaml:5:8: there is no field "hieght" in toy/Tower | did you mean "height"?'
    ]


def test_all_problems_of_all_files_come_at_once_sorted_by_place(tmp_path: Path) -> None:
    files = {
        "b.yaml": manifest("Bell", "a", "{tone: x}") + manifest("Bell", "b", "{tower: c}"),
        "a.yaml": "x: [",
        "reconciler.yaml": PROJECT + TOY_ACCOUNT + "gaurds: {}\n",
    }
    assert [each.split(": ")[0] for each in told(tmp_path, files)] == [
        "a.yaml:1:5",
        "b.yaml:5:14",
        "b.yaml:10:15",
        "reconciler.yaml:4:1",
    ]


def test_thousands_of_dangling_references_are_told_quickly(tmp_path: Path) -> None:
    text = "".join(
        manifest("Tower", f"tower-{n}") + manifest("Bell", f"b-{n}", f"{{tower: towr-{n}}}") for n in range(300)
    )
    found = told(tmp_path, {"m.yaml": text})
    assert len(found) == 300
    assert sum("did you mean" in each for each in found) == 50


def test_a_long_chain_is_no_ring(tmp_path: Path) -> None:
    text = "".join(manifest("Bell", f"b-{n}", f"{{next_bell: b-{n + 1}}}") for n in range(2000))
    assert told(tmp_path, {"m.yaml": text + manifest("Bell", "b-2000")}) == []
