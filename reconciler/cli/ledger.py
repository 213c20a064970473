"""The commands `ledger …`: look at the record of what is ours, and mend it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from reconciler.cli.brake import run_with_brake
from reconciler.cli.exit import DONE
from reconciler.cli.narrowing import scope_of
from reconciler.cli.options import Common, common
from reconciler.cli.session import Session, open_session
from reconciler.engine import upkeep
from reconciler.engine.apply import Run, check
from reconciler.engine.story import Asked, make_plan
from reconciler.errors import LedgerError, Problem, UsageError
from reconciler.kinds.address import Address
from reconciler.ledger import ledger
from reconciler.ledger.entries import Entry, Intent, LedgerState
from reconciler.ledger.holder import Holder
from reconciler.report.applied_text import applied_text
from reconciler.report.document import json_text
from reconciler.report.paint import Page
from reconciler.report.summary import counted
from reconciler.report.value import flow

_LATER = "run it again when the vendor answers"


@click.group("ledger")
def COMMAND() -> None:
    """Look at the record of what is ours, and mend it."""


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@COMMAND.command("list")
@common("account", "format", "output", "project")
def list_(common: Common) -> int:
    """List what is ours, and what is in doubt."""
    session = open_session(common)
    states = _narrowed(session, common, asyncio.run(session.states()))
    if common.format == "json":
        accounts = {host: _state_document(state) for host, state in states.items()}
        session.screen.out(json_text({"format": "reconciler/ledger/v1", "accounts": accounts}))
    else:
        session.screen.out(_list_text(session, states), painted=True)
    return DONE


@COMMAND.command("show")
@common("format", "output", "project")
@click.argument("address")
def show(common: Common, address: str) -> int:
    """Show one entry; sealed values stay sealed."""
    session = open_session(common)
    where = _address(session, address)
    entry = upkeep.find_entry(asyncio.run(session.states()), where)
    if common.format == "json":
        session.screen.out(json_text(_entry_document(entry)))
    else:
        session.screen.out(_entry_text(session, entry), painted=True)
    return DONE


def _narrowed(session: Session, common: Common, states: Mapping[str, LedgerState]) -> Mapping[str, LedgerState]:
    scope = scope_of(common, session.project, states)
    accounts = {host: session.project.accounts[host].name for host in states}
    return {
        host: state
        for host, state in states.items()
        if not scope.accounts or host in scope.accounts or accounts[host] in scope.accounts
    }


def _list_text(session: Session, states: Mapping[str, LedgerState]) -> str:
    page = Page(session.screen.width, session.screen.color)
    for host, state in sorted(states.items()):
        page.gap()
        new = ", new: nothing was ever applied" if state.new else ""
        page.add((host, "bold"), f"  {counted(len(state.entries), 'object')}{new}")
        if state.holder:
            page.add((f"being applied by {state.holder} since {state.holder.since}", "mark"), indent=2)
        for intent in state.open:
            page.add((f"? {intent.address}", "doubt"), f"  a request of {intent.at} without an answer", indent=2)
        for address, entry in sorted(state.entries.items()):
            page.add(address, f"  id {entry.id}{_marks(entry)}", indent=2)
    return page.text() or "the ledger is empty\n"


def _marks(entry: Entry) -> str:
    words = [
        "adopted" if entry.origin == "adopted" else "",
        "protected" if entry.protect else "",
        f"{', '.join(entry.outputs)} sealed" if entry.outputs else "",
        f"replaces id {', '.join(entry.retiring)}" if entry.retiring else "",
    ]
    return "".join(f", {word}" for word in words if word)


def _entry_text(session: Session, entry: Entry) -> str:
    page = Page(session.screen.width, session.screen.color)
    page.add((entry.address, "bold"))
    for name, value in _entry_document(entry).items():
        if value not in (None, "", (), {}, False) and name != "address":
            page.add((f"{name}: ", "bold"), flow(list(value) if isinstance(value, tuple) else value), indent=2)
    return page.text()


def _entry_document(entry: Entry) -> dict[str, Any]:
    """The entry, its sealed tokens and digests left out: nobody can read them, and nobody should try."""
    return {**asdict(entry), "outputs": dict.fromkeys(entry.outputs, "sealed")}


def _state_document(state: LedgerState) -> dict[str, Any]:
    return {
        "new": state.new,
        "tenant": state.tenant,
        "holder": asdict(state.holder) if state.holder else None,
        "open": [{"address": one.address, "effect": one.effect, "at": one.at} for one in state.open],
        "entries": {address: _entry_document(entry) for address, entry in sorted(state.entries.items())},
    }


# ── mending ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@COMMAND.command("rebuild")
@common("verbose", "project", narrowing=True)
def rebuild(common: Common) -> int:
    """Record what the vendors show; writes to none.

    For a ledger that was lost: objects are found by their marks and natural keys. What a ledger alone can know stays
    lost: deletions of removed manifests, `protect`, keys that were shown once (see `ledger seal`).
    """
    session = open_session(common)
    return run_with_brake(session.screen, lambda _: _rebuild(session, common))


async def _rebuild(session: Session, common: Common) -> int:
    states = await session.states()
    asked = Asked(scope_of(common, session.project, states))
    async with session.held(list(states)) as held, session.access(session.seals_to_write(states)) as access:
        plan = await make_plan(access, {host: one.state for host, one in held.items()}, asked)
        mended = upkeep.without_writes(access, plan)
        check(mended, access)
        applied = await Run(access, mended, held).go()
        after = {host: one.state for host, one in held.items()}
    screen = session.screen
    if applied.results:
        screen.out(applied_text(applied, mended, width=screen.width, color=screen.color), painted=True)
    for host, state in after.items():
        screen.out(f"{host}: {counted(len(state.entries), 'object')} recorded")
    unread = [
        Problem(f"{host} was not read: {why.text}", way_out=why.way_out or _LATER)
        for host, why in plan.facts.not_read.items()
    ]
    if unread:
        raise LedgerError(problems=unread)
    return DONE


@COMMAND.command("settle")
@common("project")
@click.argument("address")
@click.option("--id", "ident", metavar="ID", help="This live object is what the interrupted run made.")
@click.option("--none", "none", is_flag=True, help="It made none of them.")
@click.option("--sent", "sent", is_flag=True, help="It was sent: a signal that nobody can look for.")
@click.option("--unsent", "unsent", is_flag=True, help="It was not sent; the next apply sends it.")
def settle(common: Common, address: str, ident: str | None, none: bool, sent: bool, unsent: bool) -> int:
    """Say what a doubtful create came to, or whether a signal was sent.

    A run that was interrupted may have made an object or not, and sometimes it cannot be told by looking which. Of
    messages, notifications and events that cannot be read back only people know whether they arrived.
    """
    if [bool(ident), none, sent, unsent].count(True) != 1:
        raise UsageError(
            "settle needs one of --id ID, --none, --sent and --unsent", way_out="look at what is there, then say which"
        )
    session = open_session(common)
    where = _address(session, address)
    if sent or unsent:
        asyncio.run(_settle_signal(session, where, sent=sent))
        session.screen.out(f"{where} was sent" if sent else f"{where} was not sent; the next apply sends it")
        return DONE
    asyncio.run(_settle(session, where, ident))
    session.screen.out(f"{where} is id {ident}" if ident else f"{where} was not made; the next apply makes it")
    return DONE


async def _settle(session: Session, where: Address, ident: str | None) -> None:
    async with session.held([where.host]) as held, session.access(session.seals()) as access:
        await upkeep.settle(access, held[where.host], where, ident)


async def _settle_signal(session: Session, where: Address, *, sent: bool) -> None:
    states = await session.states()
    async with session.held([where.host]) as held, session.access(session.seals_to_write(states)) as access:
        doubts: tuple[tuple[str, Intent], ...] = ()
        if held[where.host].state.new:  # then it is not written down yet of which signals nobody knows
            doubts = (await make_plan(access, {where.host: held[where.host].state}, Asked())).doubts
        mine = [intent for host, intent in doubts if host == where.host]
        await upkeep.settle_signal(held[where.host], where, mine, sent=sent)


@COMMAND.command("seal")
@common("project")
@click.argument("address")
@click.argument("output")
@click.option("--env", "variable", metavar="NAME", help="Take the value from this variable, not from stdin.")
def seal(common: Common, address: str, output: str, variable: str | None) -> int:
    """Keep a key that somebody knows, sealed.

    OUTPUT is shown once, when ADDRESS is made; with it in the ledger manifests may refer to it.
    The value is read from stdin (its last line break left away) or from a variable; it is never an argument, which
    other users of the machine could read.
    """
    session = open_session(common)
    where = _address(session, address)
    value = _value(session, variable)
    asyncio.run(_seal(session, where, output, value))
    session.screen.out(f"the {output} of {where} is sealed in the ledger")
    return DONE


def _value(session: Session, variable: str | None) -> str:
    if variable is None:
        if sys.stdin.isatty():
            session.screen.talk("type the value, then Enter and Ctrl-D:")
        return sys.stdin.read().removesuffix("\n").removesuffix("\r")
    value = session.environ.get(variable)
    if not value:
        raise UsageError(f"{variable} is not set here", way_out="set it, or give the value on stdin")
    return value


async def _seal(session: Session, where: Address, output: str, value: str) -> None:
    async with session.held([where.host]) as held:
        await upkeep.seal(session.closed(session.seals_to_write()), held[where.host], where, output, value)


@COMMAND.command("forget")
@common("project")
@click.argument("addresses", metavar="ADDRESS…", nargs=-1, required=True)
def forget(common: Common, addresses: tuple[str, ...]) -> int:
    """Drop entries; the objects stay as they are.

    They are no longer ours then. Where a manifest is still there, the next apply adopts its object again.
    """
    session = open_session(common)
    asyncio.run(_forget(session, [_address(session, one) for one in addresses]))
    session.screen.out(f"{counted(len(addresses), 'object')} forgotten; nothing was changed at a vendor")
    return DONE


async def _forget(session: Session, addresses: list[Address]) -> None:
    hosts = sorted({one.host for one in addresses})
    async with session.held(hosts) as held:
        for one in addresses:
            upkeep.find_entry({host: each.state for host, each in held.items()}, one)
        for host in hosts:
            await upkeep.forget(held[host], [one for one in addresses if one.host == host])


@COMMAND.command("unlock")
@common("account", "project")
def unlock(common: Common) -> int:
    """End the leases of a run known to be dead.

    A run that is not dead writes nothing more from then on. One that died on this machine needs no unlocking.
    """
    session = open_session(common)
    for line in asyncio.run(_unlock(session, common)):
        session.screen.out(line)
    return DONE


async def _unlock(session: Session, common: Common) -> list[str]:
    states = _narrowed(session, common, await session.states())
    lines = []
    for host in states:
        was = await ledger.unlock(session.store, session.prefix(host), Holder.here())
        lines.append(f"{host}: " + (f"the lease of {was} since {was.since} is ended" if was else "nobody held it"))
    return lines or ["no account has a ledger"]


def _address(session: Session, text: str) -> Address:
    """The address, of an account the project has. Raises UsageError."""
    address = Address.parse(text)
    if address is None:
        raise UsageError(f'"{text}" is no address', way_out="write it as ledger list does: VENDOR/KIND/NAME")
    if address.host not in session.project.accounts:
        known = ", ".join(session.project.accounts)
        raise UsageError(f"the project has no account {address.host}", way_out=f"there are: {known or 'none'}")
    return address
