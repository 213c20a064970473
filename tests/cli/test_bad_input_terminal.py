"""Names made to move a terminal's cursor, turn its letters or pass for our own words: shown, never obeyed."""

from __future__ import annotations

import json
import os
import re

import pytest

from reconciler.cli.screen import Screen
from tests.cli.company import MAIL, PROJECT, TEAM, Company

NASTY = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred\u202e\u200b **bold** [a](http://x) `rm -rf` <img src=x>"
    "\r+ create\n+ delete\x9b2J"
)
QUOTED = json.dumps(NASTY)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
EVIL = "evil\x1b[2J\u202e.yaml"


def plain(text: str) -> bool:
    return all(one.isprintable() or one == "\n" for one in text)


@pytest.fixture
def nasty(company: Company) -> Company:
    """A project and a vendor full of such names; on both sides, and differing."""
    company.write({EVIL: f"{TEAM.replace('On call at night', 'first')}", "mail.yaml": MAIL})
    company.settle()
    team = TEAM.replace("On call at night", QUOTED).replace("{name: night", f"{{name: night, labels: {{a: {QUOTED}}}")
    company.write({EVIL: team})
    company.tenant("opsgenie").edit(("teams", "night"), {"description": f"{NASTY} live"})
    company.tenant("wallarm").edit(("triggers", NASTY), {"template_id": "attacks_exceeded", "actions": ACTIONS})
    company.sandbox.log.clear()
    return company


ACTIONS = [{"id": "block_ips", "params": {"lock_time": 600}}]
COMMANDS = [
    ("validate", "-v"),
    ("plan",),
    ("plan", "-v"),
    ("plan", "--format", "json"),
    ("plan", "-o", "saved.plan"),
    ("plan", EVIL),
    ("plan", "--target", NASTY),
    ("plan", "--selector", f"a={NASTY}"),
    ("plan", "--account", NASTY),
    ("plan", NASTY),
    ("plan", f"--{NASTY}"),
    (NASTY,),
    ("ledger", "list"),
    ("ledger", "show", "opsgenie/Team/night"),
    ("ledger", "show", NASTY),
    ("ledger", "list", "--format", "json"),
    ("explain", NASTY),
    ("show", NASTY),
    ("apply", NASTY),
    ("destroy", "--yes", "-o", NASTY + "/x"),
    ("sandbox", "edit", "opsgenie", f"teams/{NASTY}", "{}"),
    ("sandbox", "edit", "opsgenie", f"teams/{NASTY}", "null"),
    ("sandbox", "get", "opsgenie", "/v2/teams"),
]


@pytest.mark.parametrize("color", [False, True], ids=["plain", "in colour"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command).encode("unicode_escape").decode())
def test_nothing_reaches_the_terminal_raw(
    nasty: Company, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], color: bool
) -> None:
    nasty.write({"strange.yml": "apiVersion: apps/v1\nkind: Deployment\n"})
    monkeypatch.setattr(Screen, "of", lambda *, no_color, output=None: Screen(60, color and output is None, output))
    ran = nasty(*command)
    out, err = (COLOURS.sub("", text) if color else text for text in (ran.out, ran.err))
    assert plain(out), out
    assert plain(err), err


def test_a_name_looks_like_what_it_is_and_begins_no_line_of_ours(nasty: Company) -> None:
    ran = nasty("plan")
    assert "\\x1b]0;owned\\x07\\x1b[2J\\x1b[31mred\\u202e\\u200b **bold** [a](http://x) `rm -rf`" in ran.said
    assert not any(line.startswith(("+ create", "+ delete")) for line in ran.out.splitlines())
    assert "evil\\x1b[2J\\u202e.yaml:1" in ran.said


def test_a_saved_plan_and_its_result_show_it_the_same_way(nasty: Company) -> None:
    assert nasty("plan", "-o", "saved.plan").code == 0
    for command in (("show", "saved.plan"), ("apply", "saved.plan")):
        ran = nasty(*command)
        assert (ran.code, plain(ran.out), plain(ran.err)) == (0, True, True)
    assert nasty("plan", "--detailed-exitcode").code == 0


def test_what_a_wrong_value_is_is_told_on_one_line_and_visibly(company: Company) -> None:
    company.write({EVIL: TEAM.replace("spec: {", f"spec: {{{QUOTED}: 1, ").replace("night", QUOTED, 1)})
    for command in (("validate",), ("plan",)):
        ran = company(*command)
        assert (ran.code, plain(ran.out), plain(ran.err)) == (1, True, True)
        assert 'evil\\x1b[2J\\u202e.yaml:3:18: metadata.name: "\\x1b]0;owned' in ran.said


def test_a_project_may_stand_in_such_a_folder(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = company.folder / "a\x1b[2Jb\u202e"
    folder.mkdir()
    (folder / "reconciler.yaml").write_text(PROJECT)
    monkeypatch.chdir(folder)
    for command in (("plan",), ("init",), ("validate",), ("plan", "..")):
        ran = company(*command)
        assert plain(ran.out + ran.err), ran


def test_a_file_whose_name_is_no_utf_8_is_told(company: Company) -> None:
    (company.folder / os.fsdecode(b"caf\xe9.yaml")).write_text(TEAM)
    for command in (("validate",), ("plan",), ("apply", "--yes")):
        ran = company(*command)
        assert ran.code == 1
        assert f"{ran.out}{ran.err}".startswith(
            "Error: caf\\udce9.yaml: the file's name is not UTF-8\n    give it another name\n"
        )
    assert company.writes == []
