"""The commands `sandbox …`: a made-up world of vendors, served, or kept for `--sandbox` and changed by hand."""

from __future__ import annotations

import contextlib
import gc
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from reconciler.cli import sandboxed
from reconciler.cli.exit import DONE, FAILED
from reconciler.cli.options import Common, common
from reconciler.cli.project import root_of
from reconciler.cli.sandboxed import Sandboxed
from reconciler.errors import Place, UsageError
from reconciler.manifest.mistakes import did_you_mean
from reconciler.report.document import json_text
from reconciler.report.summary import counted
from reconciler.sandbox.world import Sandbox
from reconciler.vendors.registry import VENDORS


@click.group("sandbox")
def COMMAND() -> None:
    """Play vendor: a made-up world to try everything in.

    `serve` gives every vendor an address of its own on this machine. The other commands work on the world that is
    kept in .reconciler/sandbox, the one that `--sandbox` uses.
    """


@COMMAND.command("serve")
@click.option("--store", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Keep the world there.")
@click.option("--port", type=click.IntRange(0, 65535), default=8040, show_default=True, help="0 takes a free one.")
@click.option(
    "--latency", metavar="SECONDS", type=click.FloatRange(min=0), default=0.0, help="What each request takes."
)
@click.option("--rate-limit", metavar="N", type=click.IntRange(min=1), help="Answer 429 above N requests a second.")
def serve(store: Path | None, port: int, latency: float, rate_limit: int | None) -> int:
    """Serve the vendors on this machine until stopped.

    Any key signs in, but for those with the word `wrong` in them. GET /__requests tells what was asked, POST /__faults
    orders failures.
    """
    from reconciler.sandbox import server  # imported here: only this command needs a server

    world = _world(store)
    try:
        serving = server.serve(world, port=port, latency=latency, rate_limit=rate_limit)
    except OSError as error:
        raise UsageError(f"port {port} cannot be served: {error.strerror}", way_out="name another --port") from None
    gc.enable()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the wait below, as Ctrl-C does
    with serving:
        print(*_served(serving.url), sep="\n", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            serving.wait()
    return DONE


def _world(store: Path | None) -> Sandbox:
    try:
        return Sandbox(store=store)
    except OSError as error:
        what = f"the sandbox's world cannot be read: {error.strerror}"
    except (ValueError, KeyError, TypeError, AttributeError):
        what = "the sandbox's world cannot be read: it is damaged, or of another version"
    raise UsageError(what, place=Place(str(store)), way_out="name another --store, or remove the file")


def _served(url: str) -> Iterator[str]:
    """Where it is served, and what to write into reconciler.yaml."""
    yield f"serving on {url} until stopped; any key signs in, say with these lines in reconciler.yaml:"
    yield "accounts:"
    for vendor in VENDORS.values():
        secrets = (f"{name}: {{env: {vendor.environment[name]}}}" for name in sandboxed.secrets_of(vendor))
        yield f'  {vendor.name}: {{{", ".join(secrets)}, url: "{url}/{vendor.name}"}}'


# ── the kept world ──────────────────────────────────────────────────────────────────────────────────────────────────


@COMMAND.command("fill")
@common("project")
@click.argument("count", type=click.IntRange(min=1))
@click.argument("vendor", required=False)
def fill(common: Common, count: int, vendor: str | None) -> int:
    """Add COUNT made-up objects, at one VENDOR or at each."""
    body = {"count": count, "vendor": vendor} if vendor else {"count": count}
    filled = _kept(common).control("/__fill", body)["filled"]
    common.screen().out("\n".join(f"{name}: {counted(count, 'object')} more" for name in filled))
    return DONE


@COMMAND.command("reset")
@common("project")
def reset(common: Common) -> int:
    """Begin anew: the kept world and its ledger are removed."""
    sandboxed.forget(root_of(common))
    common.screen().out("the sandbox is as on its first day, and its ledger is gone")
    return DONE


@COMMAND.command("edit")
@common("project")
@click.argument("vendor")
@click.argument("path")
@click.argument("change", metavar="JSON")
def edit(common: Common, vendor: str, path: str, change: str) -> int:
    """Change an object as a person would in the vendor's UI.

    VENDOR may name an account, VENDOR@NAME. PATH is what the object is called there, say `teams/NAME`; what there is to
    edit is told where it is wrong. JSON is laid over the object field by field; null deletes the object.
    """
    try:
        value = json.loads(change)
    except ValueError as error:
        raise UsageError(f"the change is not JSON: {error}", way_out="""write it as '{"description": "…"}'""") from None
    edited = _kept(common).control("/__edit", {"vendor": vendor, "path": path, "json": value})["object"]
    common.screen().out(f"{vendor} {path} is deleted\n" if edited is None else json_text(edited))
    return DONE


@COMMAND.command("incident")
@common("project")
@click.argument("told", metavar="[NAME=VALUE]…", nargs=-1)
def incident(common: Common, told: tuple[str, ...]) -> int:
    """Let a vendor see incidents that notify.

    It is told where the notifications went. Where nothing else is said there are two incidents in one second,
    `count=2 within=1 target=server`.
    """
    body: dict[str, Any] = {"count": 2, "within": 1, "target": "server", **dict(_named(one) for one in told)}
    deliveries = _kept(common).control("/__incident", body)["deliveries"]
    screen = common.screen()
    if not deliveries:
        screen.out("no trigger fired")
    for one in deliveries:
        left = f'trigger "{one["trigger"]}" → integration "{one["integration"]}" → {one["to"]}'
        screen.out(f"{left}\n  {_fate(one)}")
    return DONE if all(one["delivered"] for one in deliveries) else FAILED


def _named(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise UsageError(
            f'"{text}" says nothing of an incident', way_out="write NAME=VALUE, as count=2 or target=server"
        )
    return name, int(value) if value.isdecimal() else value


def _fate(delivery: Any) -> str:
    if delivery["delivered"]:
        return f'arrived: "{delivery["title"]}"'
    return f"did not arrive: {delivery['reason']}"


@COMMAND.command("get")
@common("project")
@click.argument("vendor")
@click.argument("path")
def get(common: Common, vendor: str, path: str) -> int:
    """Print what a vendor's API answers to GET PATH.

    PATH is as in the vendor's documentation, with its query: `/v2/teams?limit=10`.
    """
    name = vendor.partition("@")[0]
    if name not in VENDORS:
        raise UsageError(f'there is no vendor "{name}"', way_out=did_you_mean(name, VENDORS, "there are"))
    status, body = _kept(common).get(VENDORS[name], vendor, path)
    common.screen().out(json_text(body))
    return DONE if status < 400 else FAILED


def _kept(common: Common) -> Sandboxed:
    return Sandboxed.open(root_of(common))
