"""Signals that name each other: what is named is sent before."""

from __future__ import annotations

from tests.toy.stage import ToyStage

NAMED = 'kind: Ping\nmetadata: {name: p}\nspec: {state: "on"}'
NAMES = 'kind: Ticket\nmetadata: {name: t}\nspec: {text: "see ${ref:toy/Ping/p}"}'


def test_a_signal_waits_for_one_that_the_vendor_dedups(toys: ToyStage) -> None:
    toys.says(f"{NAMES}\n---\n{NAMED}")
    toys.done()
    [ping] = toys.server.objects["pings"]
    assert toys.server.named("tickets", "t")["text"] == f"see {ping}"
