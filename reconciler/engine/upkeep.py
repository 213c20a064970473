"""Upkeep: what a person may mend in the ledger: record what is true already, settle a doubt, seal a key, forget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.engine import guards
from reconciler.engine.access import Access, dig
from reconciler.engine.graph import order
from reconciler.engine.guards import Limits
from reconciler.engine.live import Key
from reconciler.engine.plan import Plan
from reconciler.engine.settle import entry_from
from reconciler.errors import ApplyRefused, LedgerError, UsageError
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.tree import Object
from reconciler.ledger.entries import Closed, DropEntry, Entry, Intent, LedgerState, Opened, PutEntry
from reconciler.ledger.ledger import Held
from reconciler.manifest.mistakes import did_you_mean


def without_writes(access: Access, plan: Plan) -> Plan:
    """The part of a plan that only the ledger learns: applying it asks nothing of a vendor.

    The guards on deletions do not stand in its way; that the account is another tenant's does.
    """
    changes = plan.ledger_only
    refusals = guards.refusals(access.project, plan.draft.world, list(changes), access.tenants, Limits())
    return replace(plan, changes=changes, order=order([]), refusals=tuple(refusals), missing=(), needs_seal=False)


async def settle(access: Access, held: Held, address: Address, ident: str | None) -> None:
    """Close the open creates of an address: this object is what they made, or (None) none is.

    Raises UsageError where nothing is open there or no live object has the id, VendorError where it cannot be asked.
    """
    intents = _open_creates(held.state, address)
    if ident is None:
        await held.record(*(Closed(intent.ident, "settled") for intent in intents))
        return
    kind = _kind(access, address)
    entry = await _made(access, kind, address, intents[-1], ident)
    await held.record(PutEntry(entry), *(Closed(intent.ident, "settled") for intent in intents))


async def settle_signal(held: Held, address: Address, doubts: Iterable[Intent], *, sent: bool) -> None:
    """Close the open sendings of a signal: it was sent, or it was not. `doubts` are those that a new ledger is yet to
    write down. Raises UsageError where nothing is open there."""
    written = [one for one in doubts if all(one.ident != other.ident for other in held.state.open)]
    known = [one for one in (*held.state.open, *written) if isinstance(one.what, dict) and one.what.get("blind")]
    mine = [one for one in known if one.address == str(address)]
    if not mine:
        others = sorted({one.address for one in known})
        said = did_you_mean(str(address), others, "in doubt are") if others else "nothing is in doubt there"
        raise UsageError(f"no sending of {address} is in doubt", way_out=said)
    put = [PutEntry(entry_from(mine[-1].what["entry"]))] if sent else []
    opened = [Opened(one) for one in written]
    await held.record(*opened, *put, *(Closed(one.ident, "settled") for one in mine))


async def seal(access: Access, held: Held, address: Address, output: str, value: str) -> None:
    """Keep a value somebody knows as the address's once-only output. Raises UsageError, ApplyRefused without a key."""
    entry = _entry(held.state, address)
    once = [one.name for one in _kind(access, address).outputs if one.once]
    if output not in once:
        raise UsageError(
            f'{address.kind_id} has no output "{output}" that is shown once', way_out=did_you_mean(output, once)
        )
    if not value:
        raise UsageError("the value is empty", way_out="give it on stdin, or name its variable with --env")
    if access.seals is None:
        raise ApplyRefused("there is no seal key to close the value with", way_out="set RECONCILER_SEAL_KEY")
    await held.record(PutEntry(replace(entry, outputs={**entry.outputs, output: access.seals.seal(value)})))


async def forget(held: Held, addresses: Iterable[Address]) -> None:
    """Drop entries. The objects stay where they are. Raises UsageError for an address without an entry."""
    entries = [_entry(held.state, address) for address in addresses]
    await held.record(*(DropEntry(entry.address) for entry in entries))


def find_entry(states: Mapping[str, LedgerState], address: Address) -> Entry:
    """The entry of an address. Raises UsageError with the nearest address where there is none."""
    return _entry(states.get(address.host, LedgerState()), address)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _entry(state: LedgerState, address: Address) -> Entry:
    entry = state.entries.get(str(address))
    if entry is None:
        way_out = did_you_mean(str(address), state.entries, "it has")
        raise UsageError(f"the ledger of {address.host} has no {address}", way_out=way_out)
    return entry


def _kind(access: Access, address: Address) -> Kind:
    kind = access.kinds.get(address.kind_id)
    if kind is None:
        raise UsageError(f"there is no kind {address.kind_id}", way_out=did_you_mean(address.kind_id, access.kinds))
    return kind


def _open_creates(state: LedgerState, address: Address) -> list[Intent]:
    creates = [intent for intent in state.open if intent.effect == "creates"]
    found = [intent for intent in creates if intent.address == str(address)]
    if not found:
        known = sorted({intent.address for intent in creates})
        said = did_you_mean(str(address), known, "in doubt are") if known else "nothing is in doubt there"
        raise UsageError(f"no create of {address} is in doubt", way_out=said)
    return found


async def _rows(access: Access, kind: Kind, host: str, key: Key) -> list[Object]:
    """The objects among which one of this key stands."""
    if kind.place.listed_at is not None:
        at = kind.place.listed_at(key) if key else None
        return [] if at is None else await access.listed(host, kind, *at)
    params = {kind.place.parent: key[0]} if kind.place.parent and key else {}
    return await access.every(host, kind, params)


async def _made(access: Access, kind: Kind, address: Address, intent: Intent, ident: str) -> Entry:
    """The entry of the live object with this id, as the interrupted create meant it."""
    if not isinstance(intent.what, dict):
        raise LedgerError(f"the open create of {address} cannot be read", way_out="settle it with --none, then plan")
    await access.sign_in(address.host)
    key = intent.what["key"]
    rows = await _rows(access, kind, address.host, tuple(key))
    raw = next((row for row in rows if str(dig(row, (kind.place.id_at,))) == ident), None)
    if raw is None:
        ids = ", ".join(sorted(str(row[kind.place.id_at]) for row in rows)[:30])
        raise UsageError(f"{address.host} has no live {kind.id} with id {ident}", way_out=f"there are: {ids or 'none'}")
    born = raw.get(kind.born_at) if kind.born_at else None
    return entry_from({**intent.what["entry"], "id": ident, "born": None if born is None else str(born)})
