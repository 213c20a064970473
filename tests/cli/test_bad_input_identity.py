"""Who is who cannot be told, or the account is another one: refused with ids and the way out, nothing written."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox.exchange import Request, encode
from tests.cli.company import MAIL, TEAM, Company

KEY = "the api_key from OPSGENIE_API_KEY (reconciler.yaml:5:3) in region eu"
TOKEN = "the token from WALLARM_API_TOKEN (reconciler.yaml:6:3) in cloud us"


SYSTEM = {"event": "system", "active": True}


def refused(company: Company, said: str) -> None:
    """Both commands say just this, and nothing happens."""
    before = company.ledger()
    for command in (("plan",), ("apply", "--yes")):
        ran = company(*command)
        assert (ran.code, ran.out, ran.err) == (1, "", said)
    assert (company.writes, company.ledger()) == ([], before)


def make_mail(company: Company) -> int:
    """What a person makes in the Console; the vendor allows a name twice."""
    body = {"name": "mail", "active": True, "type": "email", "target": ["a@example.com"], "events": [SYSTEM]}
    request = Request("POST", "/wallarm/v2/integration", (), {"x-wallarmapi-token": "person"}, encode(body))
    assert company.sandbox.handle(request).status == 200
    company.sandbox.log.clear()
    return max(one["id"] for one in company.tenant("wallarm").integrations)


def test_two_live_objects_with_one_key_are_refused_with_both_ids(company: Company) -> None:
    company.write({"mail.yaml": MAIL})
    one, other = make_mail(company), make_mail(company)
    refused(
        company,
        f'Error: mail.yaml:1:1: wallarm/Integration/mail: 2 live objects are called "email / mail" '
        f"(ids {one}, {other})\n    say which one: metadata: {{id: {one}}}\n",
    )
    company.write({"mail.yaml": MAIL.replace("name: mail", f"name: mail, id: {other}")})
    assert company("plan").code == 0


def test_two_manifests_on_one_live_object_are_refused_at_both_places(company: Company) -> None:
    company.write({"team.yaml": TEAM})
    company.settle()
    [team] = company.tenant("opsgenie").teams
    company.write({"twin.yaml": TEAM.replace("name: night", f"name: twin, id: {team['id']}")})
    refused(
        company,
        "Error: twin.yaml:1:1: opsgenie/Team/twin and opsgenie/Team/night (team.yaml:1:1) both mean opsgenie/Team "
        f"id {team['id']}\n    one object has one manifest: remove one, or tell them apart by name or metadata.id\n",
    )


def test_an_id_that_nothing_has_is_refused(company: Company) -> None:
    company.write({"team.yaml": TEAM.replace("name: night", "name: night, id: T0")})
    refused(
        company,
        'Error: team.yaml:1:1: metadata.id: "T0" is not live in opsgenie (opsgenie/Team)\n'
        "    take the id from the vendor, or remove metadata.id to have the object made\n",
    )


# ── the account is not the one it was ───────────────────────────────────────────────────────────────────────────────


def teams(count: int) -> str:
    return "---\n".join(TEAM.replace("name: night", f"name: team-{number:02}") for number in range(count))


def hide(company: Company, left: int) -> None:
    """A token that sees just so many teams."""
    listed = [{"id": team["id"], "name": team["name"]} for team in company.tenant("opsgenie").teams][:left]
    body: dict[str, Any] = {"data": listed, "took": 0.01, "requestId": "x"}
    company.fault(fault="status", status=200, body=body, path="/opsgenie/v2/teams", method="GET")
    for team in list(company.tenant("opsgenie").teams)[left:]:
        gone = {"message": "No team exists with this id"}
        company.fault(fault="status", status=404, body=gone, path=f"/opsgenie/v2/teams/{team['id']}")


FRACTION = [
    (
        8,
        "4 of the 12 objects the ledger holds for opsgenie are gone, the limit is 20 %",
        f"does {KEY} see the whole account? If they were deleted: reconciler ledger forget ADDRESS…",
    ),
    (
        0,
        "none of the 12 objects the ledger holds for opsgenie is live: is this another tenant?",
        f"check {KEY}; if all were deleted there: reconciler ledger forget ADDRESS…",
    ),
]


@pytest.mark.parametrize(("left", "said", "way_out"), FRACTION)
def test_a_token_that_sees_a_fraction_of_the_account_makes_nothing_twice(
    company: Company, left: int, said: str, way_out: str
) -> None:
    company.write({"teams.yaml": teams(12)})
    company.settle()
    before = company.ledger()
    hide(company, left)
    plan = company("plan")
    assert plan.code == 0
    assert f"apply will refuse this plan: {said} way out: {way_out}" in plan.told
    ran = company("apply", "--yes")
    assert (ran.code, ran.err) == (1, f"Error: {said}\n    {way_out}\n")
    assert (company.writes, company.ledger()) == ([], before)
    company.sandbox.faults.clear()
    assert company("plan", "--detailed-exitcode").code == 0


def test_another_tenants_token_is_refused(company: Company) -> None:
    company.write({"mail.yaml": MAIL})
    company.settle()
    before = company.ledger()
    company.tenant("wallarm").client_id = 999
    ran = company("apply", "--yes")
    said = "wallarm signs in to tenant 999, the ledger was written for tenant 4711"
    assert (ran.code, said in ran.err, TOKEN in ran.err) == (1, True, True)
    assert (company.writes, company.ledger()) == ([], before)
