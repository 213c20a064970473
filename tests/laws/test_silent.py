"""Law 7: no secret in clear in a plan, ledger, error or report, in any encoding, also when the vendor echoes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from reconciler.engine.result import Applied
from reconciler.errors import ReconcilerError
from reconciler.report.applied_text import applied_text, result_line
from reconciler.report.document import applied_document, json_text, plan_document
from reconciler.report.plan_text import plan_text
from reconciler.sandbox.exchange import Request, encode
from tests.laws.life import Life, life
from tests.laws.quickstart import FILES

# Printable ASCII that every encoding writes otherwise.
CANARIES = {
    "OPSGENIE_API_KEY": 'cAn4ry/opsgenie+key%"1',
    "WALLARM_API_TOKEN": 'cAn4ry/wallarm+token%"2',
    "SECOND_KEY": 'cAn4ry/second+key%"\\é日本3',
}
SECOND = """
apiVersion: wallarm/v1
kind: Integration
metadata: {name: second}
spec: {type: opsgenie, target: {token: {env: SECOND_KEY}, api: us}, events: [system]}
"""


def forms(secret: str) -> Iterator[str]:
    """The secret as it may be written: in clear, JSON-escaped, percent-encoded, in base64 at each alignment."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield quote(secret, safe="")
    yield quote_plus(secret)
    for before in range(3):
        text = base64.b64encode(b"x" * before + secret.encode()).decode().rstrip("=")
        inside = text[-(-8 * before // 6) : len(text) - 2]  # less what its neighbours share
        yield inside
        yield inside.translate(str.maketrans("+/", "-_"))


def once_only(one: Life) -> list[str]:
    """The keys that Opsgenie made."""
    accounts = one.sandbox.dump()["vendors"]["opsgenie"]["accounts"].values()
    return [str(each["apiKey"]) for account in accounts for each in account["integrations"] if each.get("apiKey")]


def leaks(one: Life, said: list[str]) -> list[str]:
    """Which secrets stand in the ledger or in what was said."""
    written = [body.decode("utf-8", "replace") for body in one.drawer.objects.values()]
    everything = "\n".join([*said, *written, *one.drawer.objects])
    secrets = [*CANARIES.values(), *once_only(one)]
    return [form for secret in secrets for form in forms(secret) if form in everything]


def told(one: Life) -> list[str]:
    """All that a plan and an apply say."""
    said: list[str] = []
    try:
        plan = one.plan()
        said += [plan_text(plan, width=100, color=False, verbose=True), json_text(plan_document(plan))]
        again, applied = one.go()
        said += [applied_text(applied, again, width=100, color=True), json_text(applied_document(applied))]
        said += [result_line(result) for result in applied.results]
    except ReconcilerError as error:
        said += [str(error), repr(error)]
    return said


def stand(root: Path) -> Life:
    one = life(root, {**FILES, "second.yaml": SECOND})
    one.environ.update(CANARIES)
    return one


def fault(one: Life, **what: Any) -> None:
    answer = one.sandbox.handle(Request("POST", "/__faults", (), {}, encode({"count": None, **what})))
    assert answer.status == 200, answer.body


def test_a_whole_life_says_no_secret(tmp_path: Path) -> None:
    one = stand(tmp_path)
    said = told(one)
    one.edit("wallarm", "integrations/second", {"active": False})
    one.edit("opsgenie", "integrations/wallarm-alerts", {"enabled": False})
    one.environ["SECOND_KEY"] += "-changed"
    said += told(one)
    assert once_only(one)
    assert leaks(one, said) == []


def echo(secret: str) -> Iterator[str]:
    """The secret as a vendor may give it back: alone, and among other things that are encoded with it."""
    for text in (secret, f"x{secret}", f"xy{secret}z"):
        yield from (text, json.dumps(text), quote(text), quote_plus(text), base64.b64encode(text.encode()).decode())


ECHO = " ".join(form for secret in CANARIES.values() for form in echo(secret))


@pytest.mark.parametrize("status", [200, 400, 401, 422, 500])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_what_a_vendor_echoes_is_cut(tmp_path: Path, method: str, status: int) -> None:
    one = stand(tmp_path)
    body = {"message": ECHO[:150], "status": 500, "body": ECHO, "errors": {ECHO[:40]: ECHO}}
    fault(one, fault="status", method=method, path="*/v2/*", status=status, body=body)
    assert leaks(one, told(one)) == []


def test_a_ledger_tells_nothing_of_a_secret_but_under_its_key(tmp_path: Path) -> None:
    one = stand(tmp_path)
    applied: Applied = one.go()[1]
    assert all(result.ending == "done" for result in applied.results)
    text = b"".join(one.drawer.objects.values()).decode()
    assert "hmac:" in text
    assert all(secret not in text for secret in CANARIES.values())


def test_a_leak_would_be_found(tmp_path: Path) -> None:
    one = stand(tmp_path)
    for secret in CANARIES.values():
        for form in forms(secret):
            assert leaks(one, [f"before {form} after"]), form
