"""`plan --server-validate`: the vendor checks each write of a plan; what it refuses stands at the manifest's line."""

from __future__ import annotations

from tests.cli.shell import Shell

PROJECT = """\
apiVersion: reconciler/v1
kind: Project
metadata: {name: checked}
accounts:
  dynatrace: {url: "https://abc12345.live.dynatrace.com", token: {env: DYNATRACE_API_TOKEN}}
"""
OBJECT = """\
apiVersion: dynatrace/v1
kind: SettingsObject
metadata: {name: rule}
spec:
  schemaId: builtin:sandbox.enrichment
  value:
    ruleName: enrich
    endpoint: https://sink.example
    ratio: 1.5
    sinks: []
"""


def test_a_plan_that_the_server_would_refuse_says_where_and_fails(shell: Shell) -> None:
    shell.write("reconciler.yaml", PROJECT)
    shell.write("rule.yaml", OBJECT)
    assert shell.sandboxed("plan").code == 0
    asked = shell.sandboxed("plan", "--server-validate")
    assert asked.code == 1
    assert "rule.yaml:9" in asked.said
    assert "the server would refuse it" in asked.said
    shell.replace("rule.yaml", "1.5", "0.5")
    assert shell.sandboxed("plan", "--server-validate").code == 0
    assert shell.sandboxed("apply", "--yes").code == 0
    assert shell.sandboxed("plan", "--detailed-exitcode").code == 0
