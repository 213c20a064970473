"""Mistakes in files: each is told with place, value and way out, all at once, and nothing is asked or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.cli.company import PROJECT, TEAM, Company

TEAM_HEAD = TEAM.partition("spec:")[0]
SCHEDULE = """\
apiVersion: opsgenie/v1
kind: Schedule
metadata: {name: nights}
spec:
  rotations:
    - {name: late, type: weekly, startDate: 2026-01-05T09:00:00Z, participants: [ann@example.com]}
"""
ESCALATION = """\
apiVersion: opsgenie/v1
kind: Escalation
metadata: {name: late}
spec:
  rules: [{condition: if-not-acked, notifyType: default, delay: 0m, recipient: {schedule: nights}}]
"""
INTEGRATION = """\
apiVersion: wallarm/v1
kind: Integration
metadata: {name: hook}
spec:
  type: slack
  target: {env: HOOK}
  events: [system]
"""
TRIGGER = """\
apiVersion: wallarm/v1
kind: Trigger
metadata: {name: watch}
spec:
  template: incidents_exceeded
  threshold: {more_than: 1, within: 1s}
  actions: [{send_notification: [hook]}]
"""


@dataclass(frozen=True)
class Row:
    """Files, and the whole of what is said of them."""

    name: str
    files: Mapping[str, str | bytes]
    said: list[str]


def mistake(name: str, text: str | bytes, said: list[str]) -> Row:
    return Row(name, {"a.yaml": text}, said)


ROWS = [
    mistake(
        "broken YAML",
        TEAM_HEAD + "spec: {description: [a, b}\n",
        [
            "a.yaml:4:26: this is not YAML: expected ',' or ']', but got '}'",
            "    close the bracket, or separate the items with commas",
        ],
    ),
    mistake(
        "an open quote",
        TEAM_HEAD + 'spec: {description: "night}\n',
        [
            "a.yaml:5:1: this is not YAML: a quote is not closed while scanning a quoted scalar that begins at line 4",
            "    close the quote",
        ],
    ),
    mistake(
        "a tab",
        TEAM_HEAD + "spec:\n\tdescription: night\n",
        [
            "a.yaml:5:1: this is not YAML: a tab stands here",
            "    YAML is indented with spaces: replace the tab",
        ],
    ),
    mistake(
        "a byte that is not UTF-8",
        TEAM_HEAD.encode() + b"spec: {description: caf\xe9}\n",
        [
            "a.yaml:4:24: this is not UTF-8",
            "    save the file as UTF-8",
        ],
    ),
    mistake(
        "a control character",
        TEAM_HEAD + "spec: {description: a\x1b[2Jb}\n",
        [
            "a.yaml:4:22: the character U+001B may not stand in YAML",
            '    remove it, or write "\\u001b" in double quotes',
        ],
    ),
    mistake(
        "a key twice",
        TEAM_HEAD + "spec:\n  description: a\n  description: b\n",
        [
            'a.yaml:6:3: "description" stands twice in one mapping, first at 5:3',
            "    remove one of them",
        ],
    ),
    mistake(
        "an unknown version",
        TEAM.replace("opsgenie/v1", "opsgenie/v2"),
        [
            'a.yaml:1:13: opsgenie has no version "v2"',
            "    write opsgenie/v1",
        ],
    ),
    mistake(
        "an unknown vendor",
        TEAM.replace("opsgenie/v1", "opsgenei/v1"),
        [
            'a.yaml:1:13: "opsgenei/v1" is no apiVersion known here',
            '    did you mean "opsgenie/v1"?',
        ],
    ),
    mistake(
        "an unknown kind",
        TEAM.replace("Team", "Taem"),
        [
            'a.yaml:2:7: opsgenie has no kind "Taem"',
            '    did you mean "Team"?',
        ],
    ),
    mistake(
        "an unknown field",
        TEAM.replace("description", "descripton"),
        [
            'a.yaml:4:8: there is no field "descripton" in opsgenie/Team',
            '    did you mean "description"?',
        ],
    ),
    mistake(
        "an unknown enum value",
        SCHEDULE.replace("weekly", "weakly"),
        [
            'a.yaml:6:26: rotations[0].type must be one of daily, weekly, hourly, not "weakly"',
            '    did you mean "weekly"?',
        ],
    ),
    mistake(
        "an unknown reference",
        f"{TEAM}---\n{SCHEDULE}  ownerTeam: nigth\n",
        [
            "a.yaml:12:14: ownerTeam: there is no manifest opsgenie/Team/nigth",
            '    did you mean "night"?',
        ],
    ),
    mistake(
        "a literal secret",
        INTEGRATION.replace("{env: HOOK}", "https://hooks.example.com/s3cr3t"),
        [
            "a.yaml:6:11: target is a secret, and a secret never stands in a manifest",
            "    write {env: NAME}, {file: path}, {from: ADDRESS, output: NAME} or {keep: true}",
        ],
    ),
    mistake(
        "a reference cycle",
        f"{SCHEDULE.replace('[ann@example.com]', '[{escalation: late}]')}---\n{ESCALATION}",
        [
            "a.yaml:12:91: rules[0].recipient.schedule: these name each other, so none could be made first: "
            "opsgenie/Escalation/late → opsgenie/Schedule/nights → opsgenie/Escalation/late (also at a.yaml:6:95)",
            "    leave one of the references out, or name one of the objects by {id: ID}",
        ],
    ),
    mistake(
        "an address twice",
        f"{TEAM}---\n{TEAM}",
        [
            "a.yaml:6:1: opsgenie/Team/night is there twice, first at a.yaml:1:1",
            "    give one of them another metadata.name",
        ],
    ),
    mistake(
        "a name twice",
        f"{TEAM}---\n{TEAM.replace('name: night', 'name: day').replace('spec: {', 'spec: {name: night, ')}",
        [
            'a.yaml:4:1: opsgenie/Team/night and opsgenie/Team/day (a.yaml:6:1) both mean the opsgenie/Team "night"',
            "    give one of them another name, or remove it",
        ],
    ),
    mistake(
        "an id twice",
        TEAM.replace("name: night", "name: night, id: T1") + "---\n" + TEAM.replace("name: night", "name: day, id: T1"),
        [
            'a.yaml:3:29: metadata.id: "T1" is also the id of opsgenie/Team/day (a.yaml:8:27)',
            "    one object has one manifest: remove one of the two ids",
        ],
    ),
    mistake(
        "a forbidden threshold",
        f"{INTEGRATION}---\n{TRIGGER.replace('incidents_exceeded', 'user_created')}",
        [
            "a.yaml:14:3: threshold: user_created takes no threshold: remove it",
        ],
    ),
    mistake(
        "a null threshold",
        f"{INTEGRATION}---\n{TRIGGER.replace('{more_than: 1, within: 1s}', 'null')}",
        [
            "a.yaml:14:14: threshold: incidents_exceeded needs its threshold: it cannot be null",
        ],
    ),
    mistake(
        "an account nobody set up",
        TEAM.replace("name: night", "name: night, account: eu"),
        [
            "a.yaml:3:34: the account opsgenie@eu is not set up",
            "    there are: default. Or write accounts: opsgenie: {eu: {api_key: {env: OPSGENIE_API_KEY}}}",
        ],
    ),
    mistake(
        "no name",
        TEAM.replace("metadata: {name: night}\n", ""),
        [
            "a.yaml:1:1: metadata is missing",
            "    write metadata: {name: …}",
        ],
    ),
    mistake(
        "a name with a slash",
        TEAM.replace("name: night", "name: night/1"),
        [
            'a.yaml:3:18: metadata.name: "night/1" is no name',
            '    a name holds letters, digits, - _ and .: "night-1"',
        ],
    ),
    mistake(
        "a secret's file outside",
        INTEGRATION.replace("{env: HOOK}", "{file: /etc/passwd}"),
        [
            'a.yaml:6:18: target: the file "/etc/passwd" is outside the project',
            "    move it into the project, or name its folder in secret_files",
        ],
    ),
    Row(
        "an unknown vendor in the project",
        {"reconciler.yaml": PROJECT.replace("opsgenie:", "opsgenei:")},
        [
            'reconciler.yaml:5:3: accounts: there is no vendor "opsgenei"',
            '    did you mean "opsgenie"?',
        ],
    ),
    Row(
        "an unknown setting",
        {"reconciler.yaml": PROJECT.replace("region", "regoin")},
        [
            'reconciler.yaml:5:48: there is no field "regoin" in accounts.opsgenie',
            '    did you mean "region"?',
        ],
    ),
    Row(
        "an unknown region",
        {"reconciler.yaml": PROJECT.replace("region: eu", "region: eus"), "a.yaml": TEAM},
        [
            'reconciler.yaml:5:56: accounts.opsgenie.region must be one of us, eu, not "eus"',
            '    did you mean "us"?',
        ],
    ),
    Row(
        "a key in the project",
        {"reconciler.yaml": PROJECT.replace("{env: OPSGENIE_API_KEY}", "s3cr3t-key"), "a.yaml": TEAM},
        [
            "reconciler.yaml:5:23: accounts.opsgenie.api_key is a secret, and a secret never stands in a file",
            "    write {env: NAME} or {file: path}",
        ],
    ),
    Row(
        "a broken project",
        {"reconciler.yaml": PROJECT.replace("shop}", "shop"), "a.yaml": TEAM},
        [
            "reconciler.yaml:4:9: this is not YAML: expected ',' or '}', but got ':' while parsing a flow mapping that "
            "begins at line 3",
            "    close the bracket, or separate the items with commas",
        ],
    ),
    Row(
        "a project of another version",
        {"reconciler.yaml": PROJECT.replace("reconciler/v1", "reconciler/v9")},
        [
            'reconciler.yaml:1:1: reconciler has no version "v9"',
            "    write apiVersion: reconciler/v1, kind: Project",
        ],
    ),
    Row(
        "a ledger nowhere",
        {"reconciler.yaml": PROJECT + "ledger: ftp://host/ledger\n"},
        [
            'reconciler.yaml:7:9: ledger: "ftp://host/ledger" is no place for one',
            "    write file:PATH or s3://BUCKET/PREFIX (gs:// and az:// are taken, but not tested)",
        ],
    ),
    Row(
        "every problem of every file",
        {
            "b.yaml": TEAM.replace("Team", "Taem") + "---\n" + TEAM_HEAD + "spec: {description: [}\n",
            "a/c.yml": SCHEDULE.replace("late", "late, lenght: 2") + "  ownerTeam: night\n",
            "a.yaml": b"\xff",
        },
        [
            "a.yaml:1:1: this is not UTF-8",
            "    save the file as UTF-8",
            'a/c.yml:6:20: there is no field "lenght" in rotations[0]',
            '    did you mean "length"?',
            'b.yaml:2:7: opsgenie has no kind "Taem"',
            '    did you mean "Team"?',
            "b.yaml:9:22: this is not YAML: expected the node content, but found '}'",
            "    write a value here, or close the bracket after one",
        ],
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_mistake_is_told_whole_and_nothing_is_asked_or_written(company: Company, row: Row) -> None:
    for name, content in row.files.items():
        file = company.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = company.shell.files()
    said = [line if line.startswith("    ") else f"Error: {line}" for line in row.said]
    ran = company("validate")
    assert (ran.code, ran.out.splitlines()[:-1], ran.err) == (1, said, "")
    for command in (("plan",), ("apply", "--yes"), ("destroy", "--yes")):
        ran = company(*command)
        assert (ran.code, ran.out, ran.err.splitlines()) == (1, "", said)
    assert (company.shell.files(), list(company.sandbox.log)) == (before, [])


def test_no_secret_is_repeated(company: Company) -> None:
    company.write({"a.yaml": INTEGRATION.replace("{env: HOOK}", "https://hooks.example.com/s3cr3t")})
    for form in ("text", "json"):
        assert "s3cr3t" not in company("validate", "--format", form).said
