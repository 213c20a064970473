"""`audit`: its exit codes, its formats, and what `--accept` writes into manifests and what it leaves."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from reconciler.sandbox.exchange import Request, encode
from tests.cli.company import Company
from tests.cli.shell import Shell

TEAM = "opsgenie/Team/payments"
SCHEDULE = "opsgenie/Schedule/payments-oncall"
WAIVERS = "waivers: [{{address: {of}, field: {field}, reason: we know, until: {until}}}]\n"


@pytest.fixture
def settled(quickstart: Shell) -> Shell:
    """The quickstart, applied."""
    assert quickstart.sandboxed("apply", "--yes").code == 0
    return quickstart


@pytest.fixture
def drifted(settled: Shell) -> Shell:
    """Somebody renamed the team's description and took the rotations out of the schedule."""
    for path, value in (
        ("teams/payments", {"description": "theirs"}),
        ("schedules/payments-oncall", {"rotations": []}),
    ):
        assert settled("sandbox", "edit", "opsgenie", path, json.dumps(value)).code == 0
    return settled


def manifest(shell: Shell) -> str:
    return (shell.folder / "opsgenie.yaml").read_text(encoding="utf-8")


def test_without_drift_it_is_clean_and_names_what_nobody_manages(settled: Shell) -> None:
    ran = settled.sandboxed("audit", "--detailed-exitcode")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("No drift in 7 manifests; 5 not managed (")
    assert "opsgenie/Schedule: 1 of 2" in ran.out
    assert "payments_schedule" in ran.out


def test_drift_is_told_and_makes_code_2_where_that_is_asked(drifted: Shell) -> None:
    ran = drifted.sandboxed("audit")
    assert ran.code == 0
    assert f"~ {TEAM} opsgenie.yaml:3" in ran.said
    assert "description: theirs → Payments and checkout (drifted at the vendor)" in ran.said
    assert drifted.sandboxed("audit", "--detailed-exitcode").code == 2


def test_waived_drift_is_told_apart(drifted: Shell) -> None:
    project = (drifted.folder / "reconciler.yaml").read_text(encoding="utf-8")
    drifted.write("reconciler.yaml", project + WAIVERS.format(of=TEAM, field="description", until="2999-01-01"))
    ran = drifted.sandboxed("audit", "--account", "opsgenie", "--detailed-exitcode")
    assert ran.code == 2, "the schedule is not waived"
    assert f"waived: {TEAM} description until 2999-01-01: we know" in ran.said
    drifted.write("reconciler.yaml", project + WAIVERS.format(of=TEAM, field="description", until="2020-01-01"))
    assert "ended with 2020-01-01, and the drift counts again: we know" in drifted.sandboxed("audit").said


def test_accepting_writes_what_is_live_and_nothing_else(drifted: Shell) -> None:
    before = manifest(drifted)
    ran = drifted.sandboxed("audit", "--accept", TEAM)
    assert ran.code == 0
    assert ran.err == "1 manifest written in opsgenie.yaml: look at it with git diff, then commit\n"
    assert manifest(drifted) == before.replace("Payments and checkout", "theirs")
    assert TEAM not in drifted.sandboxed("plan").out


def test_what_makes_no_manifest_is_left_and_the_rest_is_written(drifted: Shell) -> None:
    before = manifest(drifted)
    ran = drifted.sandboxed("audit", "--accept-all")
    assert manifest(drifted) == before.replace("Payments and checkout", "theirs")
    said = f"{SCHEDULE}: its drift is not written back: what is live makes no manifest: rotations must be a list of"
    assert f"Note: opsgenie.yaml:12:1: {said}" in ran.err
    alone = drifted.sandboxed("audit", "--accept", SCHEDULE)
    assert "nothing was written" in alone.err
    assert drifted.sandboxed("validate").code == 0


WRONG = {
    "an address that did not drift": (
        ("--accept", "wallarm/Trigger/incidents-on-backend"),
        '--accept: "wallarm/Trigger/incidents-on-backend" did not drift',
    ),
    "both ways at once": (("--accept", TEAM, "--accept-all"), "--accept and --accept-all do not go together"),
    "no number of days": (("--since", "soon"), '"soon" is no number of days: write 30d'),
    "a format that it has not": (("--format", "html"), "'html' is not one of"),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_wrong_usage(arguments: tuple[str, ...], said: str, drifted: Shell) -> None:
    before = manifest(drifted)
    ran = drifted.sandboxed("audit", *arguments)
    assert ran.code == 1
    assert said in ran.said
    assert manifest(drifted) == before


def test_every_format_tells_the_same_drift(drifted: Shell) -> None:
    def told(form: str) -> str:
        ran = drifted.sandboxed("audit", "--format", form)
        assert (ran.code, ran.err) == (0, "")
        return ran.out

    document = json.loads(told("json"))
    assert [one["address"] for one in document["drift"]] == [TEAM, SCHEDULE]
    [run] = json.loads(told("sarif"))["runs"]
    places = [one["locations"][0]["physicalLocation"] for one in run["results"] if one["ruleId"] == "drift"]
    assert {one["artifactLocation"]["uri"] for one in places} == {"opsgenie.yaml"}
    suites = ElementTree.fromstring(told("junit"))
    failed = {case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None}
    assert failed == {"payments", "payments-oncall"}
    assert len(list(suites.iter("testcase"))) == 7
    assert "::warning file=opsgenie.yaml,line=7,col=16,title=Something was changed outside Git::" in told("github")
    markdown = told("markdown")
    assert markdown.startswith("<!-- reconciler audit quickstart -->")
    assert "<details open>" in markdown
    assert "description: theirs → Payments and checkout" in markdown


def test_an_account_that_cannot_be_read_ends_with_1(company: Company) -> None:
    company.fault(path="/opsgenie/v2/teams", fault="status", status=403)
    ran = company("audit")
    assert ran.code == 1
    assert "incomplete: opsgenie could not be read" in ran.said.lower()


def test_nothing_is_written_to_a_vendor_or_a_ledger(drifted: Shell) -> None:
    ledger = drifted.folder / ".reconciler" / "sandbox" / "ledger"

    def held() -> dict[str, bytes]:
        return {str(file): file.read_bytes() for file in ledger.rglob("*") if file.is_file()}

    before = held()
    assert drifted.sandboxed("audit", "--accept-all").code == 0
    assert held() == before
    assert drifted.sandboxed("plan").out.startswith("1 to update in opsgenie")


def test_a_secret_that_a_vendor_shows_again_is_cut_from_what_is_told(company: Company) -> None:
    name = "opsgenie-key-for-tests"
    company.write({"team.yaml": "apiVersion: opsgenie/v1\nkind: Team\nmetadata: {name: night}\nspec: {}\n"})
    company.settle()
    body = encode({"vendor": "opsgenie", "path": f"teams/{name}", "json": {}})
    assert company.sandbox.handle(Request("POST", "/__edit", (), {}, body)).status == 200
    for form in ("text", "json", "markdown"):
        ran = company("audit", "--verbose", "--format", form)
        assert ran.code == 0, ran
        assert name not in ran.out + ran.err
