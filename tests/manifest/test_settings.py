"""The project file and the accounts: what is read, and what is told of every mistake in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.kinds.tree import Env
from reconciler.manifest.project import Guards, LedgerSettings, load_project
from tests.manifest.toy import PROJECT, TOY_ACCOUNT, VENDORS, load, manifest, told, write

TWO_ACCOUNTS = {"reconciler.yaml": PROJECT + "accounts: {toy: {default: {token: {env: T}}, eu: {token: {env: E}}}}\n"}
# ── the project file ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_project_file_is_read_whole(tmp_path: Path) -> None:
    text = PROJECT + (
        "metadata: {name: payments}\n"
        "accounts:\n"
        "  toy: {default: {token: {env: T}}, eu: {token: {file: keys/eu}, region: eu, url: 'http://127.0.0.1:1'}}\n"
        "  orchard: {farm: f, token: {env: O}}\n"
        "ledger: s3://bucket/prefix\n"
        "guards: {max_deletes: 0, on_existing: refuse}\n"
        "secret_files: [/run/secrets]\n"
    )
    project = load(tmp_path, {"reconciler.yaml": text})
    assert (project.name, project.ledger) == ("payments", LedgerSettings("s3://bucket/prefix"))
    assert project.guards == Guards(max_deletes=0, on_existing="refuse")
    assert project.secret_files == ("/run/secrets",)
    assert sorted(project.accounts) == ["orchard", "toy", "toy@eu"]
    assert getattr(project.accounts["toy"].settings, "token", None) == Env("T")
    assert project.accounts["toy@eu"].settings.url == "http://127.0.0.1:1"
    assert str(project.accounts["toy@eu"].place) == "reconciler.yaml:5:37"


def test_a_ledger_may_be_a_mapping(tmp_path: Path) -> None:
    text = PROJECT + "ledger: {url: 'file:x', ephemeral: true}\n"
    assert load(tmp_path, {"reconciler.yaml": text}).ledger == LedgerSettings("file:x", True)


def test_manifests_may_stand_in_the_project_file(tmp_path: Path) -> None:
    assert len(load(tmp_path, {"reconciler.yaml": PROJECT + TOY_ACCOUNT + manifest("Bell", "a")}).manifests) == 1


PROJECTS = [
    ("gaurds: {}", ['3:1: there is no "gaurds" in a Project | did you mean "guards"?']),
    ("guards: {max_delete: 3}", ['3:10: there is no field "max_delete" in guards | did you mean "max_deletes"?']),
    ("guards: {max_deletes: -1}", ["3:23: guards.max_deletes must be 0 or more, not -1"]),
    ("guards: {max_deletes: '5'}", ['3:23: guards.max_deletes must be a whole number, not "5"']),
    (
        "guards: {on_existing: adpot}",
        ['3:23: guards.on_existing must be one of adopt, refuse, not "adpot" | did you mean "adopt"?'],
    ),
    (
        "ledger: ftp://x",
        [
            '3:9: ledger: "ftp://x" is no place for one | '
            "write file:PATH or s3://BUCKET/PREFIX (gs:// and az:// are taken, but not tested)"
        ],
    ),
    (
        "ledger: s3://bucket/prefix",
        [
            "1:1: metadata.name is missing: with a shared ledger the project's name tells whose an object is | "
            "write metadata: {name: …}"
        ],
    ),
    ("ledger: {ephemeral: true}", ["3:1: ledger.url is missing"]),
    (
        "metadata: {name: a b}",
        ['3:18: metadata.name: "a b" is no name | a name holds letters, digits, - _ and .: "a-b"'],
    ),
    ("secret_files: /x", ["3:15: secret_files must be a list, not a text"]),
    ("waivers: [{address: toy/Bell/a, until: 2026-12-31}]", ["3:11: waivers[0].reason is missing"]),
    (
        "waivers: [{address: bell, reason: r, until: soon}]",
        [
            '3:21: waivers[0].address: "bell" is no address | write VENDOR/KIND/NAME, with * at its end for all that '
            "begin so",
            '3:45: waivers[0].until: "soon" is no day | write the last day: 2026-12-31',
        ],
    ),
    ("accounts: [toy]", ["3:1: accounts must be a mapping of vendors"]),
    ("accounts: {toyy: {}}", ['3:12: accounts: there is no vendor "toyy" | did you mean "toy"?']),
    ("accounts: {toy: }", ["3:17: accounts.toy.token is missing"]),
    (
        "accounts: {toy: {tokn: {env: T}}}",
        [
            "3:12: accounts.toy.token is missing",
            '3:18: there is no field "tokn" in accounts.toy | did you mean "token"?',
        ],
    ),
    (
        "accounts: {toy: {token: s3cr3t}}",
        [
            "3:25: accounts.toy.token is a secret, and a secret never stands in a file | "
            "write {env: NAME} or {file: path}"
        ],
    ),
    (
        "accounts: {toy: {token: {env: T}, region: mars}}",
        ['3:43: accounts.toy.region must be one of us, eu, not "mars"'],
    ),
    ("accounts: {toy: {eu: {token: {env: T}}, us: {}}}", ["3:41: accounts.toy.us.token is missing"]),
    ("accounts: {toy: {eu: {token: {env: T}}, us: x}}", ["3:45: accounts.toy.us must be a mapping, not a text"]),
    (
        "accounts: {toy: {'e u': {token: {env: T}}}}",
        ['3:18: accounts.toy: "e u" is no name | a name holds letters, digits, - _ and .: "e-u"'],
    ),
    (
        "accounts: {toy: {token: {keep: true}}}",
        ["3:18: accounts.toy.token: signing in needs the secret itself | write {env: NAME} or {file: path}"],
    ),
    (
        "accounts: {toy: {token: {file: /etc/passwd}}}",
        [
            '3:12: toy: the file "/etc/passwd" is outside the project | '
            "move it into the project, or name its folder in secret_files"
        ],
    ),
]


@pytest.mark.parametrize(("line", "expected"), PROJECTS)
def test_a_mistake_in_the_project_file_is_told_with_its_place(tmp_path: Path, line: str, expected: list[str]) -> None:
    found = told(tmp_path, {"reconciler.yaml": PROJECT + line + "\n"})
    assert found == [f"reconciler.yaml:{each}" for each in expected]
    assert not any("s3cr3t" in each for each in found)


def test_an_account_that_a_manifest_uses_must_be_set_up(tmp_path: Path) -> None:
    found = told(tmp_path, {"reconciler.yaml": PROJECT, "m.yaml": manifest("Bell", "a")})
    assert found == ["m.yaml:4:1: the account toy is not set up | write accounts: toy: {token: {env: TOY_TOKEN}}"]


def test_an_unknown_account_is_told_with_the_known_ones(tmp_path: Path) -> None:
    found = told(tmp_path, {**TWO_ACCOUNTS, "m.yaml": manifest("Bell", "a", metadata=", account: eu1")})
    assert found == [
        'm.yaml:4:30: the account toy@eu1 is not set up | did you mean "eu"? '
        "Or write accounts: toy: {eu1: {token: {env: TOY_TOKEN}}}"
    ]


def test_without_a_project_file_accounts_come_from_the_environment(tmp_path: Path) -> None:
    project = load(tmp_path, {"m.yaml": manifest("Bell", "a")}, {"ORCHARD_FARM": "west"})
    assert sorted(project.accounts) == ["orchard", "toy"]
    assert getattr(project.accounts["orchard"].settings, "farm", None) == "west"
    assert getattr(project.accounts["toy"].settings, "token", None) == Env("TOY_TOKEN")


def test_an_account_the_environment_cannot_give_is_not_there(tmp_path: Path) -> None:
    assert sorted(load(tmp_path, {}).accounts) == ["toy"]


def test_a_second_project_document_is_told(tmp_path: Path) -> None:
    found = told(tmp_path, {"reconciler.yaml": PROJECT + "---\n" + PROJECT})
    assert found == ["reconciler.yaml:4:1: a second Project, the first is at reconciler.yaml:1:1 | remove one of them"]


def test_a_project_file_without_a_project_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, {"reconciler.yaml": "apiVersion: reconciler/v1\nkind: Projekt\n"}) == [
        'reconciler.yaml:1:1: reconciler/v1 has no kind "Projekt" | write apiVersion: reconciler/v1, kind: Project',
    ]


def test_a_project_document_elsewhere_is_warned_of(tmp_path: Path) -> None:
    write(tmp_path, {"reconciler.yaml": PROJECT, "staging.yaml": PROJECT + "metadata: {name: staging}\n"})
    project = load_project(tmp_path, tmp_path / "staging.yaml", VENDORS, environ={})
    assert project.name == "staging"
    assert [str(each) for each in project.warnings] == [
        "reconciler.yaml:1:1: this Project document is not read: the project's is staging.yaml"
    ]


def test_a_secret_s_file_may_lie_where_the_project_says(tmp_path: Path) -> None:
    root = tmp_path / "root"
    text = PROJECT + TOY_ACCOUNT + "secret_files: [../keys]\n" + manifest("Bell", "a", "{key: {file: ../keys/a}}")
    assert told(root, {"reconciler.yaml": text}) == []
    assert len(told(root, {"reconciler.yaml": text.replace("../keys/a", "../other/a")})) == 1


def test_a_link_does_not_lead_a_secret_s_file_out_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, {"m.yaml": manifest("Bell", "a", "{key: {file: link/a}}")})
    (root / "link").symlink_to(tmp_path)
    assert len(told(root, {})) == 1
