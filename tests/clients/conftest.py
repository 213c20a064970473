"""Opsgenie's public client, pointed at a sandbox behind a socket."""

from collections.abc import Callable, Iterator
from typing import Any

import opsgenie_sdk as sdk
import pytest

from reconciler.sandbox.server import Serving, serve
from reconciler.sandbox.world import Sandbox


@pytest.fixture
def world() -> Sandbox:
    return Sandbox()


@pytest.fixture
def serving(world: Sandbox) -> Iterator[Serving]:
    with serve(world, clock_runs=False) as running:
        yield running


@pytest.fixture
def sign(serving: Serving) -> Iterator[Callable[..., Any]]:
    """Makes a client with a key. An error is an error at once, unless the client may try again."""
    clients = []

    def signed(key: str, retries: bool = False) -> Any:
        configuration = sdk.Configuration()
        configuration.host = f"{serving.url}/opsgenie"
        configuration.api_key["Authorization"] = key
        configuration.retry_enabled = retries
        configuration.back_off = 0  # tries again without waiting
        clients.append(sdk.ApiClient(configuration))
        return clients[-1]

    yield signed
    for client in clients:
        client.rest_client.pool_manager.clear()
