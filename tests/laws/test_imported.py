"""Law 2: what is live is imported, a plan is empty then, and no vendor was changed; what cannot be said is named."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given

from reconciler.engine.harvest import Harvest
from reconciler.sandbox.exchange import Request, encode
from reconciler.sandbox.world import Sandbox
from tests.kinds import datadog_project, dynatrace_project, wallarm_project
from tests.kinds.test_datadog_stories import TOLD, WATCHED, connected
from tests.kinds.test_dynatrace_stories import ALL, ORDERED, rule
from tests.laws import platforms, worlds
from tests.laws.life import Life
from tests.laws.stranger import assert_faithful, imported, stranger
from tests.laws.worlds import Story, examples, people, prepared
from tests.stage import Stage

EXAMPLES = Path(__file__).parents[2] / "examples"
SAID = ("the vendor decides the type", "write one of them")


def lost(found: Harvest) -> list[str]:
    """What is live and is not said, but where the vendor's own words say it twice."""
    said = [
        text for one in found.retold for text in one.left_out if not text.endswith(SAID) and " says its " not in text
    ]
    return [text for text in said if not text.startswith("status is")] + [str(one) for one in found.alone]


def missed(life: Life, found: Harvest, *others: str) -> set[tuple[str, str]]:
    """The objects that are there and no manifest says; `others` are sorts that are none, or may be past."""
    told = {one.id for one in found.retold}
    return {(sort, ident) for sort, ident in life.objects() if ident not in told and sort not in others}


@examples(20)
@given(worlds.STORIES)
def test_what_manifests_and_people_made_is_imported(story: Story) -> None:
    with TemporaryDirectory() as folder, TemporaryDirectory() as other:
        life = prepared(Life(Path(folder)), story)
        life.go()
        people(life, story.between)
        found = assert_faithful(stranger(Path(other), life.sandbox, worlds.PROJECT))
        assert [one for one in lost(found) if "actions" not in one] == []
        assert missed(life, found, "opsgenie/users", "wallarm/pools") == set()


@examples(20)
@given(platforms.STORIES)
def test_what_manifests_and_people_made_of_a_platform_is_imported(story: Story) -> None:
    with TemporaryDirectory() as folder, TemporaryDirectory() as other:
        life = platforms.platform(Path(folder), story)
        life.go()
        people(life, story.between)
        found = assert_faithful(stranger(Path(other), life.sandbox, platforms.PROJECT))
        assert lost(found) == []
        assert missed(life, found, "orchestration_integrations", "triggers", "maintenance_windows") == set()


PROJECT = """\
apiVersion: reconciler/v1
kind: Project
metadata: {name: laws}
accounts:
  wallarm: {token: {env: WALLARM_API_TOKEN}, cloud: eu}
  opsgenie: {api_key: {env: OPSGENIE_API_KEY}, region: eu}
  pagerduty: {token: {env: PAGERDUTY_TOKEN}}
  datadog: {api_key: {env: DD_API_KEY}, app_key: {env: DD_APP_KEY}}
  dynatrace: {url: "https://abc12345.live.dynatrace.com", token: {env: DYNATRACE_API_TOKEN}}
  reactio: {organization: acme, api_key: {env: REACTIO_API_KEY}}
"""


def filled(root: Path, count: int) -> Stage:
    sandbox = Sandbox()
    sandbox.handle(Request("POST", "/__fill", (), {}, encode({"count": count})))
    return stranger(root, sandbox, PROJECT)


def test_what_stands_in_six_accounts_is_imported(tmp_path: Path) -> None:
    found = assert_faithful(filled(tmp_path, 12))
    kinds = {one.kind.id for one in found.retold}
    assert {"wallarm/Trigger", "opsgenie/RoutingRule", "pagerduty/ServiceIntegration", "datadog/Downtime"} <= kinds
    assert {one.id for one in found.unlisted} >= {"datadog/Webhook", "dynatrace/SettingsObject"}
    assert found.alone == ()


def test_a_second_import_finds_nothing_more(tmp_path: Path) -> None:
    one = filled(tmp_path, 4)
    first = imported(one)
    (tmp_path / "imported.yaml").rename(tmp_path / "kept.yaml")
    again = imported(one)
    assert (again.retold, again.skipped) == ((), {"managed already": len(first.retold)})


TELLING = ("Webhook/audit", "WebhookVariable/TOKEN", "WebhookVariable/PLACE", "PagerDutyService/checkout")


def test_every_kind_of_a_vendor_that_lists_few_is_imported_by_name(tmp_path: Path) -> None:
    stage = connected(tmp_path / "first")
    stage.write({"m.yaml": TOLD + WATCHED})
    assert stage.apply().ok
    names = [f"datadog/{name}" for name in (*TELLING, "SlackChannel/main/#alerts")]
    found = assert_faithful(stranger(tmp_path / "second", stage.sandbox, datadog_project.PROJECT), names)
    assert lost(found) == []
    written = {
        str(address) for address in stage.project().manifests if address.kind not in ("Downtime", "SlackChannel")
    }
    assert written <= {str(one.address) for one in found.retold}


def test_what_bears_the_mark_of_another_project_is_left_to_it(tmp_path: Path) -> None:
    stage = connected(tmp_path / "first")
    stage.write({"m.yaml": WATCHED})
    assert stage.apply().ok
    other = datadog_project.PROJECT.replace("name: test", "name: other")
    found = assert_faithful(stranger(tmp_path / "second", stage.sandbox, other))
    assert found.skipped == {"of another project": 7}


@pytest.mark.parametrize("schema", [None, ORDERED])
def test_settings_are_imported_and_those_of_any_schema_by_its_name(schema: str | None, tmp_path: Path) -> None:
    stage = dynatrace_project.stage_in(tmp_path / "first", KEY="key-1")
    rules = rule("b", after="a") + rule("a", after="first")
    stage.write({"m.yaml": ALL + (rules if schema else "")})
    assert stage.apply().ok
    named = [f"dynatrace/SettingsObject/{schema}"] if schema else []
    found = assert_faithful(stranger(tmp_path / "second", stage.sandbox, dynatrace_project.PROJECT), named)
    assert lost(found) == []
    assert {str(address) for address in stage.project().manifests} <= {str(one.address) for one in found.retold}
    assert not re.search("key-1", (tmp_path / "second" / "imported.yaml").read_text("utf-8"))


def test_an_integration_of_every_type_is_imported_without_its_secrets(tmp_path: Path) -> None:
    stage = wallarm_project.stage_in(tmp_path / "first")
    types = wallarm_project.TARGETS
    stage.write(
        {"m.yaml": "".join(wallarm_project.integration(one).replace("name: it", f"name: {one}") for one in types)}
    )
    assert {one.ending for one in stage.apply().results} == {"done"}
    found = assert_faithful(stranger(tmp_path / "second", stage.sandbox, wallarm_project.PROJECT))
    assert {dict(one.spec)["type"] for one in found.retold if one.kind.name == "Integration"} == set(types)
    text = (tmp_path / "second" / "imported.yaml").read_text("utf-8")
    assert [name for name, value in wallarm_project.SECRETS.items() if value in text] == []


@pytest.mark.parametrize("example", ["opsgenie-team", "pagerduty-platform", "dynatrace-tagging"])
def test_an_example_is_imported_as_it_was_applied(example: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path / "first")
    shutil.copytree(EXAMPLES / example, stage.root)
    words = "".join(file.read_text("utf-8") for file in stage.root.glob("*.yaml"))
    stage.environ |= {name: f"value-of-{name}" for name in re.findall(r"env: (\w+)", words)}
    assert stage.apply().ok
    project = (EXAMPLES / example / "reconciler.yaml").read_text("utf-8")
    one = stranger(tmp_path / "second", stage.sandbox, project)
    one.environ = stage.environ
    found = assert_faithful(one)
    assert lost(found) == []
    kinds = [one.kind for one in stage.project().manifests.values()]
    said = {kind.id for kind in kinds if kind.signal is None and kind.place.gathers is None}
    entries = [entry for host in stage.project().accounts for entry in stage.ledger(host).entries.values()]
    held = {entry.id for entry in entries if entry.address.rpartition("/")[0] in said}
    assert held
    assert {one.id for one in found.retold} >= held
