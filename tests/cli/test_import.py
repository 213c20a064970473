"""`import`: manifests of what is live, in new files and behind what old ones hold; what is not imported is said."""

from __future__ import annotations

import pytest

from reconciler.sandbox.exchange import Request
from tests.cli.company import TEAM, Company
from tests.cli.shell import Shell

COMMENTED = f"# why we have this team\n{TEAM}  # nobody reads this\n"


@pytest.fixture
def lived_in(company: Company) -> Company:
    """Accounts in which others have a team with what comes with it, an integration, and what notifies of attacks."""
    body = '{"description": "by hand"}'
    for vendor, path, value in [
        ("opsgenie", "teams/day", body),
        ("opsgenie", "integrations/Mails in", "{}"),
        ("wallarm", "integrations/slack", '{"type": "email", "target": ["ann@example.com"]}'),
    ]:
        edited(company, vendor, path, value)
    company.sandbox.log.clear()
    return company


def edited(company: Company, vendor: str, path: str, value: str) -> None:
    body = f'{{"vendor": "{vendor}", "path": "{path}", "json": {value}}}'.encode()
    answer = company.sandbox.handle(Request("POST", "/__edit", (), {}, body))
    assert answer.status == 200, answer.body


def files(company: Company) -> set[str]:
    return {name for name in company.shell.files() if name.endswith(".yaml")} - {"reconciler.yaml"}


def read(company: Company, name: str) -> str:
    return (company.folder / name).read_text("utf-8")


def test_from_what_is_live_to_an_empty_plan(lived_in: Company) -> None:
    ran = lived_in("import", "opsgenie", "wallarm/Integration")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1] == "6 manifests"
    assert "opsgenie/Team.yaml: 1 manifest" in ran.out
    plan = lived_in("plan", "--detailed-exitcode")
    assert (plan.code, plan.told.startswith("Nothing to change")) == (0, True), plan
    assert lived_in.writes == []
    assert lived_in.ledger()["opsgenie"][0] == {}


def test_one_file_for_each_kind_or_for_each_object_in_the_folder_of_choice(lived_in: Company) -> None:
    lived_in("import", "opsgenie/Team", "opsgenie/Integration", "--into", "live")
    assert files(lived_in) == {"live/opsgenie/Team.yaml", "live/opsgenie/Integration.yaml"}
    lived_in("import", "wallarm/Integration", "--layout", "object")
    assert "wallarm/Integration/slack.yaml" in files(lived_in)


def test_a_second_run_adds_nothing_and_counts_what_is_managed(lived_in: Company) -> None:
    lived_in("import", "opsgenie/Team")
    before = read(lived_in, "opsgenie/Team.yaml")
    ran = lived_in("import", "opsgenie/Team")
    assert (ran.code, ran.out) == (0, "0 manifests; 1 object managed already\n")
    assert read(lived_in, "opsgenie/Team.yaml") == before


def test_a_file_that_is_there_keeps_its_comments_and_gets_the_rest_behind(lived_in: Company) -> None:
    lived_in.write({"opsgenie/Team.yaml": COMMENTED})
    assert lived_in("import", "opsgenie/Team").code == 0
    assert read(lived_in, "opsgenie/Team.yaml").startswith(f"{COMMENTED}---\napiVersion: opsgenie/v1\nkind: Team\n")
    assert lived_in("validate").out == "2 manifests, no problem\n"


def test_it_can_be_printed_or_go_into_one_file(lived_in: Company) -> None:
    ran = lived_in("import", "opsgenie/Team/day", "-o", "-")
    assert ran.out == ("apiVersion: opsgenie/v1\nkind: Team\nmetadata: {name: day}\nspec:\n  description: by hand\n")
    assert (ran.err, files(lived_in)) == ("1 manifest\n", set())
    lived_in("import", "opsgenie", "-o", "all.yaml")
    assert files(lived_in) == {"all.yaml"}


def test_what_refers_to_something_managed_names_its_manifest(lived_in: Company) -> None:
    team = TEAM.replace("{name: night}", "{name: ours}").replace("{description: On call at night}", "{name: day}")
    lived_in.write({"team.yaml": team})
    ran = lived_in("import", "opsgenie/Schedule", "-o", "-")
    assert "ownerTeam: ours" in ran.out
    assert "name: day_schedule" in ran.out


def test_a_secret_is_kept_and_never_written(lived_in: Company) -> None:
    target = (
        '{"type": "opsgenie", "target": {"token": "a-token-of-somebody", "api": "https://api.opsgenie.com/v2/alerts"}}'
    )
    edited(lived_in, "wallarm", "integrations/tells", target)
    ran = lived_in("import", "wallarm/Integration/tells", "-o", "-")
    assert "token: {keep: true}  # or {env: TELLS_TOKEN}" in ran.out
    assert "a-token-of-somebody" not in ran.out + ran.err


def test_a_default_of_the_project_does_not_change_what_is_imported(lived_in: Company) -> None:
    repeat = "{repeat: {waitInterval: 5m, count: 2}, description: ours}"
    lived_in.shell.replace("reconciler.yaml", "accounts:", f"defaults: {{opsgenie/Escalation: {repeat}}}\naccounts:")
    lived_in("import", "opsgenie")
    assert "  repeat: !unset\n  description: !unset\n" in read(lived_in, "opsgenie/Escalation.yaml")
    assert lived_in("plan", "--detailed-exitcode").code == 0


def test_an_account_that_cannot_be_read_is_said_and_the_rest_is_imported(lived_in: Company) -> None:
    lived_in.fault(fault="status", method="GET", path="*/v2/integrations", status=403)
    ran = lived_in("import", "opsgenie")
    assert ran.code == 1
    assert "Not read: " in ran.err
    assert "opsgenie/Team.yaml" in files(lived_in)
    assert "opsgenie/Integration.yaml" not in files(lived_in)


WRONG = [
    (("opsgeni",), 'there is no vendor "opsgeni" did you mean "opsgenie"?'),
    (("opsgenie/Tem",), 'opsgenie has no kind "Tem" did you mean "Team"?'),
    (("opsgenie/Team/dya",), 'opsgenie/Team/dya: there is no such object did you mean "day"?'),
    (("opsgenie/User",), "opsgenie/User is not imported: it is only looked up"),
    (("pagerduty/Incident",), "the project has no account pagerduty"),
    (("opsgenie@eu",), "the project has no account opsgenie@eu"),
    (("opsgenie", "--into", ".hidden"), "--into .hidden: no manifest is read from there"),
    (("opsgenie", "--into", "/tmp"), "/tmp is outside the project"),
    ((), "Missing argument"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=lambda value: " ".join(value) or "nothing")
def test_what_cannot_be_meant_is_told_and_nothing_is_written(
    lived_in: Company, arguments: tuple[str, ...], said: str
) -> None:
    ran = lived_in("import", *arguments)
    assert ran.code == 1
    assert said in ran.said
    assert files(lived_in) == set()


NOT_LISTED = [
    ("datadog/Webhook", "the vendor does not list datadog/Webhook name one: datadog/Webhook/NAME"),
    ("dynatrace/CustomTag/x", "dynatrace/CustomTag is not imported: it is what its manifest makes of other objects"),
    ("pagerduty/Incident", "pagerduty/Incident is not imported: it has a life, and no configuration"),
    ("reactio/IncidentOptions", "reactio/IncidentOptions is not imported: no API tells what stands in it"),
]


@pytest.mark.parametrize(("what", "said"), NOT_LISTED)
def test_what_no_list_tells_is_named(shell: Shell, what: str, said: str) -> None:
    shell.write("reconciler.yaml", SIX)
    ran = shell("--sandbox", "import", what)
    assert (ran.code, said in ran.said) == (1, True), ran


def test_a_vendor_without_configuration_is_no_mistake_and_is_told(shell: Shell) -> None:
    shell.write("reconciler.yaml", SIX)
    ran = shell("--sandbox", "import", "reactio")
    assert (ran.code, ran.out) == (0, "0 manifests\n")
    assert ran.err == "reactio has no configuration to import; what its manifests say: reconciler explain reactio\n"


SIX = """\
apiVersion: reconciler/v1
kind: Project
metadata: {name: six}
accounts:
  pagerduty: {token: {env: PAGERDUTY_TOKEN}}
  datadog: {api_key: {env: DD_API_KEY}, app_key: {env: DD_APP_KEY}}
  dynatrace: {url: "https://abc12345.live.dynatrace.com", token: {env: DYNATRACE_API_TOKEN}}
  reactio: {organization: acme, api_key: {env: REACTIO_API_KEY}}
"""
