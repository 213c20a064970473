"""Probe: a read after a write that tells whether it will work, at another vendor and with the key just given."""

from __future__ import annotations

from reconciler.engine.access import Access
from reconciler.engine.change import Create, Replace, Update, Write
from reconciler.engine.fill import Filling
from reconciler.errors import SecretError
from reconciler.http.exchange import Done, Request
from reconciler.kinds.stake import Probe


async def probe(access: Access, filling: Filling, change: Write) -> list[str]:
    """What the kind's probes found wrong, in words; empty where all is well or nothing can be asked."""
    if not isinstance(change, Create | Update | Replace):
        return []
    return [text for one in change.kind.probes(change.work) if (text := await _ask(access, filling, one))]


async def _ask(access: Access, filling: Filling, one: Probe) -> str:
    try:
        key = filling.value(one.key)
    except SecretError:
        return ""  # nobody knows the key here, so nothing can be asked with it
    try:
        client = access.prober(one.vendor, one.region, str(key))
    except SecretError as error:  # no request can carry such a key
        return f"{one.fails}: {error}"
    if client is None:
        return ""
    outcome = await client.send(Request(one.method, one.path, body=filling.value(one.body), effect="reads"))
    await client.aclose()
    if isinstance(outcome, Done):
        return ""
    # Only a refusal says something of the key; whoever could not be asked has said nothing.
    refused = outcome.fault.status is not None and 400 <= outcome.fault.status < 500 and outcome.fault.status != 429
    return f"{one.fails} ({outcome.fault})" if refused else f"the key could not be checked ({outcome.fault})"
