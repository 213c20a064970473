"""A check after the write: what is refused is told as wrong, what could not be asked as not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.engine.opening import Surroundings, open_access
from reconciler.ledger.store import Store
from reconciler.manifest.project import load_project
from reconciler.sandbox.exchange import Request, encode
from reconciler.vendors.registry import VENDORS
from tests.laws.life import life
from tests.laws.quickstart import FILES


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"fault": "status", "status": 401}, "does not know the key"),
        ({"fault": "status", "status": 503}, "could not be checked"),
        ({"fault": "refuse"}, "could not be checked"),
    ],
)
def test_only_a_refusal_says_that_a_key_is_wrong(tmp_path: Path, fault: dict[str, object], said: str) -> None:
    one = life(tmp_path, FILES)
    told = encode({"count": None, "path": "*/authenticate", **fault})
    assert one.sandbox.handle(Request("POST", "/__faults", (), {}, told)).status == 200
    alarms = [alarm for result in one.go()[1].results for alarm in result.alarms]
    assert len(alarms) == 1
    assert said in alarms[0]


# By what the project says of the account: whether a key of the region eu is tried, and where.
WAYS = {
    "no address of its own": ("{api_key: {env: K}, region: us}", "https://api.eu.opsgenie.com"),
    "an address of that region": ("{api_key: {env: K}, region: eu, url: 'http://127.0.0.1:9'}", "http://127.0.0.1:9"),
    "an address of another region": ("{api_key: {env: K}, region: us, url: 'http://127.0.0.1:9'}", None),
}


@pytest.mark.parametrize(("account", "where"), WAYS.values(), ids=WAYS)
def test_a_key_leaves_by_no_way_that_the_project_does_not_name(account: str, where: str | None, tmp_path: Path) -> None:
    text = f"apiVersion: reconciler/v1\nkind: Project\naccounts: {{opsgenie: {account}}}\n"
    (tmp_path / "reconciler.yaml").write_text(text)
    project = load_project(tmp_path, tmp_path / "reconciler.yaml", VENDORS, environ={})
    access = open_access(project, VENDORS, Store.memory(), None, Surroundings({"K": "some-key"}))
    client = access.prober("opsgenie", "eu", "another-key")
    assert (client and client._base) == where
