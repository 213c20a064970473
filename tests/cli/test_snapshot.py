"""`snapshot` and `plan --snapshot`: the same plan without a sign-in, and no secret in the file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def taken(quickstart: Shell) -> Shell:
    """The quickstart applied, and a snapshot of it."""
    quickstart.settle()
    ran = quickstart.sandboxed("snapshot", "-o", "snap.json")
    assert ran.code == 0, ran.err
    assert re.fullmatch(r"saved \d+ answers of 2 accounts\n", ran.err)
    return quickstart


EDITS = {
    "nothing": ("opsgenie.yaml", "", ""),
    "a field": ("opsgenie.yaml", "Payments and checkout", "Payments"),
    "a reference": ("opsgenie.yaml", "timezone: Europe/Berlin", "timezone: Asia/Tokyo"),
    "a deletion": ("wallarm.yaml", "template: incidents_exceeded", "template: incidents_exceeded  # same"),
    "a field that no manifest named": ("wallarm.yaml", "  events:", "  active: false\n  events:"),
}


def changes(out: str) -> object:
    return [(one["change"], one["address"], one["fields"]) for one in json.loads(out)["changes"]]


@pytest.mark.parametrize(("file", "old", "new"), EDITS.values(), ids=EDITS)
def test_it_plans_what_the_vendors_would(file: str, old: str, new: str, taken: Shell) -> None:
    text = (taken.folder / file).read_text(encoding="utf-8")
    taken.write(file, text.replace(old, new, 1) if old else text)
    live = taken.sandboxed("plan", "--format", "json")
    offline = taken("plan", "--snapshot", "snap.json", "--format", "json")
    assert (live.code, offline.code) == (0, 0), offline.err
    assert changes(offline.out) == changes(live.out)
    assert json.loads(offline.out)["requests"] == 0


def test_it_says_how_old_it_is_and_what_it_does_not_know(taken: Shell) -> None:
    data = json.loads((taken.folder / "snap.json").read_text())
    taken.write("snap.json", json.dumps({**data, "made": "2026-01-01T00:00:00Z"}))
    ran = taken("plan", "--snapshot", "snap.json")
    assert re.search(r"this is a snapshot of 2026-01-01 00:00 UTC, \d+ days old", ran.said)
    assert (
        "target.token is unknown (a snapshot does not hold the apiKey of opsgenie/Integration/wallarm-alerts)"
        in ran.said
    )


def test_no_secret_digest_or_sealed_value_is_in_it(taken: Shell) -> None:
    text = (taken.folder / "snap.json").read_text()
    world = json.loads((taken.folder / ".reconciler/sandbox/world.json").read_text())
    secrets = set(re.findall(r'"(?:apiKey|token|key)": "([^"]{8,})"', json.dumps(world)))
    assert secrets
    assert not [one for one in secrets if one in text]
    entries = [one for account in json.loads(text)["accounts"].values() for one in account["ledger"]]
    assert entries
    assert all(not one["outputs"] for one in entries)
    assert not re.search(r'"\$secret": "', text)


def test_keys_that_stand_in_objects_of_another_kind_are_not_in_it(shell: Shell) -> None:
    shell.write(
        "reconciler.yaml", "apiVersion: reconciler/v1\nkind: Project\naccounts: {pagerduty: {token: {env: T}}}\n"
    )
    assert shell("sandbox", "fill", "12", "pagerduty").code == 0
    assert shell.sandboxed("snapshot", "-o", "snap.json").code == 0
    world = json.dumps(json.loads((shell.folder / ".reconciler/sandbox/world.json").read_text()))
    keys = set(re.findall(r'"(?:integration_key|routing_key|secret)": "([^"]+)"', world))
    assert keys
    assert not [key for key in keys if key in (shell.folder / "snap.json").read_text()]


def test_an_account_that_is_new_since_is_not_planned(taken: Shell) -> None:
    data = json.loads((taken.folder / "snap.json").read_text())
    del data["accounts"]["wallarm"]
    taken.write("snap.json", json.dumps(data))
    ran = taken("plan", "--snapshot", "snap.json")
    assert ran.code == 1
    assert "the snapshot does not hold what wallarm would answer" in " ".join(ran.out.split())
    assert "take a snapshot again: reconciler snapshot -o FILE" in " ".join(ran.out.split())


def test_an_account_that_went_since_is_passed_over(taken: Shell) -> None:
    data = json.loads((taken.folder / "snap.json").read_text())
    project = (taken.folder / "reconciler.yaml").read_text()
    taken.write(
        "reconciler.yaml", project.replace("accounts:", "accounts:\n  reactio: {organization: a, api_key: {env: R}}", 1)
    )
    data["accounts"]["pagerduty"] = data["accounts"]["opsgenie"]
    data["accounts"]["reactio"] = {"tenant": None, "ledger": [], "answers": []}
    taken.write("snap.json", json.dumps(data))
    ran = taken("plan", "--snapshot", "snap.json")
    assert ran.code == 0, ran.err
    assert "7 objects in opsgenie and wallarm are as Git says" in ran.out
    assert "new ledger" not in ran.out


HEAD = '"format": "reconciler/snapshot/v1", "project": "quickstart"'
WRONG = {
    "no end": ("[" * 100_000, "snap2.json is no snapshot"),
    "a time of no zone": (
        f'{{{HEAD}, "made": "2026-01-01T00:00:00", "accounts": {{}}, "siblings": []}}',
        "snap2.json is no snapshot",
    ),
    "no file": (None, "snap2.json cannot be read: No such file or directory"),
    "no JSON": ("{", "snap2.json is no snapshot"),
    "another document": ('{"format": "x"}', "snap2.json is no snapshot"),
    "another project": (
        '{"format": "reconciler/snapshot/v1", "project": "p", "made": "2026-01-01T00:00:00Z", '
        '"accounts": {}, "siblings": []}',
        "the snapshot is of project p, and not of quickstart",
    ),
}


@pytest.mark.parametrize(("content", "said"), WRONG.values(), ids=WRONG)
def test_what_is_no_snapshot_says_how_to_take_one(content: str | None, said: str, quickstart: Shell) -> None:
    if content is not None:
        quickstart.write("snap2.json", content)
    ran = quickstart("plan", "--snapshot", "snap2.json")
    assert ran.code == 1
    assert said in ran.said


def test_what_it_does_not_hold_is_not_planned(taken: Shell) -> None:
    data = json.loads((taken.folder / "snap.json").read_text())
    account = data["accounts"]["opsgenie"]
    account["answers"] = [one for one in account["answers"] if one["path"] != "/v2/teams"]
    taken.write("snap.json", json.dumps(data))
    ran = taken("plan", "--snapshot", "snap.json")
    assert ran.code == 1
    assert "the snapshot does not hold what opsgenie would answer" in ran.said


@pytest.mark.parametrize("option", [("-o", "p.json"), ("--server-validate",)], ids=lambda option: option[0])
def test_a_picture_cannot_be_applied(option: tuple[str, ...], taken: Shell) -> None:
    ran = taken("plan", "--snapshot", "snap.json", *option)
    assert ran.code == 1
    assert "does not go with --snapshot" in ran.said
    assert not Path(taken.folder / "p.json").exists()


def test_a_vendor_that_cannot_be_read_leaves_no_file(quickstart: Shell) -> None:
    ran = quickstart("snapshot", "-o", "snap.json")
    assert ran.code == 1
    assert "no snapshot is taken: opsgenie could not be read" in ran.said
    assert not (quickstart.folder / "snap.json").exists()
