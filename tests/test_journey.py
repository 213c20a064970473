"""The journey, as its page tells it: run section by section, with the world of the vendors looked at after each."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.harvest import can_be_listed
from reconciler.vendors.registry import VENDORS
from tests.page import BLOCK, differences, program_in, run
from tests.program import Program

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "examples" / "journey"
JOURNEY = (FOLDER / "README.md").read_text(encoding="utf-8")
PROJECT = "acme-on-call"
WORLD = ".reconciler/sandbox/world.json"

POLICY, SERVICE = "pagerduty/escalation_policies policy-00037", "pagerduty/services"
# What each section leaves changed in the vendors' accounts; a section that is not here leaves all as it was.
CHANGED = {
    "A merge": [f"~ {POLICY}", f"+ {SERVICE} checkout", "+ pagerduty/integrations Events"],
    "A drift": [f"~ {SERVICE} checkout", "~ opsgenie/teams team-00004", "+ pagerduty/teams night"],
    "An acceptance": ["~ opsgenie/teams team-00004"],
    "A rename": [f"~ {SERVICE} checkout"],
    "A deletion": [f"- {SERVICE} till", "- pagerduty/integrations Events"],
    "A lost ledger": [],  # the heartbeat goes from 30 to 5 and back
    "Two pull requests at once": [f"~ {POLICY}"],
}

# A made-up account has something of every kind that an import can find.
LISTED = {
    kind.id
    for vendor in VENDORS.values()
    for kind in vendor.kinds
    if can_be_listed(kind) and not (kind.signal or kind.catalogue or kind.looked_up or kind.place.gathers)
}

Objects = dict[tuple[str, str], Any]


def sections(page: str) -> list[tuple[str, str]]:
    """Title and text; what stands before the first title has the page's own. A YAML file's name is no title."""
    parts = re.split(r"^##? ([A-Z].*)\n", page, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def objects(folder: Path) -> Objects:
    """Everything the vendors hold, by sort and id, but for their records of who did what."""
    world = json.loads((folder / WORLD).read_text(encoding="utf-8"))
    found: Objects = {}
    for vendor, state in world["vendors"].items():
        account = state["accounts"][""]
        for sort, held in (account.get("collections") or account).items():
            if isinstance(held, list) and sort != "records":
                found |= {(f"{vendor}/{sort}", str(one["id"])): one for one in held if "id" in one}
    return found


def changes(before: Objects, after: Objects) -> list[str]:
    """What became of objects, by their names."""
    gone = [f"- {key[0]} {before[key]['name']}" for key in before.keys() - after.keys()]
    new = [f"+ {key[0]} {after[key]['name']}" for key in after.keys() - before.keys()]
    both = before.keys() & after.keys()
    return [*gone, *new, *(f"~ {key[0]} {before[key]['name']}" for key in both if before[key] != after[key])]


@pytest.mark.slow
def test_every_section_says_and_does_what_the_page_tells(forked: Program, tmp_path: Path) -> None:
    program_in(tmp_path / "bin", forked)
    who = {f"GIT_{role}_{what}": "ann@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environ = {"PATH": f"{tmp_path / 'bin'}:/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", **who}
    (title, beginning), *later = sections(JOURNEY)
    wrong = differences(beginning, run(beginning, tmp_path, forked, environ))
    assert not wrong, f"{title}\n{wrong}"
    project = tmp_path / PROJECT
    for title, text in later:
        before = objects(project)
        wrong = differences(text, run(text, project, forked, environ))
        assert not wrong, f"{title}\n{wrong}"
        assert sorted(changes(before, objects(project))) == sorted(CHANGED.get(title, [])), title
    files = {file.relative_to(project).as_posix() for file in project.glob("*/*.yaml")}
    assert files == {f"{kind}.yaml" for kind in (*LISTED, "datadog/Webhook")}


def test_the_page_has_every_section_that_is_looked_at() -> None:
    assert set(CHANGED) <= {title for title, _ in sections(JOURNEY)}


def test_every_block_is_run() -> None:
    assert {block["language"] for block in BLOCK.finditer(JOURNEY)} == {"console", "yaml"}


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", JOURNEY)
    assert links
    assert [link for link in links if not (FOLDER / link).exists()] == []
