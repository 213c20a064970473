"""The command `explain`."""

from __future__ import annotations

from dataclasses import asdict

import click

from reconciler.cli.exit import DONE
from reconciler.cli.options import Common, common
from reconciler.cli.screen import Screen
from reconciler.manifest.explain import Explanation, Line, explain
from reconciler.report.document import json_text
from reconciler.report.paint import Page
from reconciler.vendors.registry import VENDORS


@click.command("explain")
@common("format", "output")
@click.argument("what", metavar="[VENDOR|KIND|KIND.FIELD]", required=False)
def COMMAND(common: Common, what: str | None) -> int:
    """Say what a vendor, a kind or a field is.

    Without an argument the vendors and their kinds are listed; `explain VENDOR/KIND` lists the fields of a manifest,
    and `explain VENDOR/KIND.FIELD` says more of one of them.
    """
    screen = common.screen()
    found = [explain(VENDORS, what)] if what else [explain(VENDORS, name) for name in VENDORS]
    if common.format == "json":
        screen.out(json_text({"format": "reconciler/explanation/v1", "explained": [asdict(one) for one in found]}))
    else:
        screen.out("\n".join(_text(one, screen) for one in found), painted=True)
    return DONE


def _text(found: Explanation, screen: Screen) -> str:
    page = Page(screen.width, screen.color)
    page.add((found.title, "bold"), f"  {found.type}" if found.line else "")
    _paragraphs(page, found.doc)
    if found.page and found.page not in found.doc:
        page.add(found.page, indent=2)
    if found.line is not None:
        for words in _facts(found.line):
            page.add(words, indent=2)
    _section(page, "fields" if found.type != "vendor" else "kinds", found.fields)
    _section(page, "outputs", found.outputs)
    if found.example:
        page.gap()
        page.add(("example", "bold"))
        for line in found.example.splitlines():
            page.add(line, indent=2)
    return page.text()


def _paragraphs(page: Page, doc: str) -> None:
    for paragraph in doc.split("\n\n"):
        if paragraph:
            page.add(" ".join(paragraph.split()), indent=2, hang=0)


def _section(page: Page, name: str, lines: tuple[Line, ...]) -> None:
    if not lines:
        return
    page.gap()
    page.add((name, "bold"))
    for line in lines:
        page.add((line.name, "create"), f"  {line.type}{', required' if line.required else ''}", indent=2)
        if line.doc:
            page.add(line.doc, indent=6, hang=0)
        for words in _facts(line):
            page.add((words, "faint"), indent=6)


def _facts(line: Line) -> list[str]:
    """What is to be known of a field beside its type and meaning."""
    return [
        *([f"one of: {', '.join(line.choices)}"] if line.choices else []),
        *([f"sent on create where it is left out: {line.default}"] if line.default is not None else []),
        *([f"only with {', '.join(line.only_with)}"] if line.only_with else []),
        *(["cannot be changed once it is made"] if line.immutable else []),
        *([f"owned {line.owned}"] if line.owned else []),
        *([f"cannot be cleared: {line.no_clear}"] if line.no_clear else []),
    ]
