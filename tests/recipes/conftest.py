"""Fixtures of the recipes' tests: vendors, a ledger's bucket and a forge on loopback, and a project that names them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.manifest.arrange import arranged
from reconciler.sandbox.server import Serving, serve
from reconciler.sandbox.world import Sandbox
from reconciler.vendors.registry import VENDORS
from tests.laws.quickstart import FILES
from tests.ledger.conftest import bucket, s3_port
from tests.program import Program
from tests.recipes.forge import Forge, forge
from tests.recipes.machine import Machine

__all__ = ["bucket", "s3_port"]


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def vendors(sandbox: Sandbox) -> Iterator[Serving]:
    with serve(sandbox) as serving:
        yield serving


@pytest.fixture
def server() -> Iterator[Forge]:
    with forge() as known:
        yield known


@pytest.fixture
def project(vendors: Serving, bucket: str) -> dict[str, str]:
    """The quickstart in the order of `fmt`, its accounts and its ledger on loopback."""
    url = vendors.url
    file = (
        f"apiVersion: reconciler/v1\nkind: Project\nmetadata:\n  name: quickstart\nledger: s3://{bucket}/ledger\n"
        f'accounts:\n  opsgenie: {{api_key: {{env: OPSGENIE_API_KEY}}, region: eu, url: "{url}/opsgenie"}}\n'
        f'  wallarm: {{token: {{env: WALLARM_API_TOKEN}}, url: "{url}/wallarm"}}\n'
    )
    files = {**FILES, "reconciler.yaml": file}
    return {name: arranged(text.encode(), name, VENDORS).decode() for name, text in files.items()}


@pytest.fixture
def machine(tmp_path: Path, forked: Program, bucket: str) -> Machine:
    """It knows where the bucket is, and none of the keys."""
    where = {name: os.environ[name] for name in ("AWS_ENDPOINT_URL", "AWS_ALLOW_HTTP")}
    return Machine(tmp_path / "machine", forked, {**where, "HOME": str(tmp_path)})
