"""A sandbox without sockets, and a caller for each of its vendors."""

import pytest

from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.datadog_caller import Datadog


@pytest.fixture
def world() -> Sandbox:
    return Sandbox()


@pytest.fixture
def control(world: Sandbox) -> Caller:
    return Caller(world, "", {})


@pytest.fixture
def opsgenie(world: Sandbox) -> Caller:
    return Caller(world, "/opsgenie", {"authorization": "GenieKey account-key"})


@pytest.fixture
def wallarm(world: Sandbox) -> Caller:
    return Caller(world, "/wallarm", {"x-wallarmapi-token": "token"})


@pytest.fixture
def datadog(world: Sandbox) -> Datadog:
    return Datadog.of(world)
