"""The sandbox itself: all made-up vendors, one clock, the faults, and the log of what was asked."""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from reconciler.sandbox import control
from reconciler.sandbox.clock import FIRST_DAY, Clock
from reconciler.sandbox.datadog.vendor import Datadog
from reconciler.sandbox.dynatrace.vendor import Dynatrace
from reconciler.sandbox.exchange import Answer, Request, encode, json_answer
from reconciler.sandbox.faults import Fault, Faults, halved
from reconciler.sandbox.opsgenie.vendor import Opsgenie
from reconciler.sandbox.pagerduty.vendor import Pagerduty
from reconciler.sandbox.reactio.vendor import Reactio
from reconciler.sandbox.vendor import Account, Vendor
from reconciler.sandbox.wallarm.vendor import Wallarm

VENDORS: tuple[type[Vendor[Any]], ...] = (Datadog, Dynatrace, Opsgenie, Pagerduty, Reactio, Wallarm)
LOG_LENGTH = 100_000
FORMAT = 1


class Sandbox:
    """Answers requests; a plain object without input or output of its own, but for `store`.

    `now` is where the clock stands, `seed` what all ids and keys come from, `store` a file
    that holds the state after each write.
    `copy.deepcopy` is cheap: stored objects are shared by the twins, since none is ever changed in place.
    """

    def __init__(self, *, now: datetime | None = None, seed: int = 0, store: Path | None = None) -> None:
        self.clock = Clock(now or FIRST_DAY)
        self.seed = seed
        self.store = store
        self.faults = Faults()
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self.vendors: Mapping[str, Vendor[Any]] = self._untouched()
        # Carriers may call from several threads; a vendor answers one request at a time.
        self._lock = threading.RLock()
        if store and store.exists():
            self.load(json.loads(store.read_text(encoding="utf-8")))

    def _untouched(self) -> dict[str, Vendor[Any]]:
        return {kind.name: kind(self.clock, self.seed) for kind in VENDORS}

    def handle(self, request: Request) -> Answer:
        """The answer. Raises ConnectionRefusedError or ConnectionResetError when a fault says so."""
        with self._lock:
            if request.path.startswith("/__"):
                return control.answer(self, request)
            try:
                return self._carry(request)
            finally:
                if request.method != "GET":
                    self.save()

    def _carry(self, request: Request) -> Answer:
        fault = self.faults.strike(request)
        if fault is None:
            answer = self._answer(request)
            self._note(request, answer.status, None)
            return answer
        return replace(self._struck(request, fault), delay=fault.seconds)

    def _struck(self, request: Request, fault: Fault) -> Answer:
        """The answer of a request that meets a fault, or its broken connection."""
        what = f"sandbox: {request.method} {request.path}"
        if fault.fault == "refuse":
            raise ConnectionRefusedError(f"{what} is refused")  # not in the log: it never came
        if fault.fault == "cut":
            self._note(request, None, fault.fault)
            raise ConnectionResetError(f"{what} is cut before the vendor acts")
        answer = fault.answer() if fault.fault == "status" else self._answer(request)
        self._note(request, answer.status, fault.fault)
        match fault.fault:
            case "lose":
                raise ConnectionResetError(f"the answer to {what} is lost")
            case "status_after":
                return fault.answer()
            case "malformed":
                return halved(answer)
            case _:
                return answer

    def _answer(self, request: Request) -> Answer:
        first, *rest = request.path.lstrip("/").split("/")
        account = self.account(unquote(first))
        if account is None:
            return json_answer(
                404, {"message": f"the sandbox has no vendor {first!r}; it has {', '.join(self.vendors)}"}
            )
        return account.serve(request, tuple(unquote(segment) for segment in rest))

    def account(self, address: str) -> Account[Any] | None:
        """The account `opsgenie` or `opsgenie@eu`, made at first touch; `None` when there is no such vendor."""
        name, _, account = address.partition("@")
        vendor = self.vendors.get(name)
        return vendor.account(account) if vendor else None

    def throttled(self, request: Request) -> Answer:
        """What the vendor at this path answers to a client that calls too often."""
        vendor = self.vendors.get(unquote(request.path.lstrip("/").split("/")[0]).partition("@")[0])
        answer = vendor.throttled() if vendor else json_answer(429, {"message": "too many requests"})
        self._note(request, answer.status, None)
        return answer

    def _note(self, request: Request, status: int | None, fault: str | None) -> None:
        entry = {"method": request.method, "path": request.path, "query": [list(pair) for pair in request.query]}
        self.log.append({**entry, "time": self.clock.stamp(), "status": status, "fault": fault})

    def reset(self) -> None:
        """All vendors as on the first day; clock, faults and log stay."""
        self.vendors = self._untouched()

    def fork(self) -> Sandbox:
        """A twin that goes its own way: same objects, clock, faults and log, no store."""
        with self._lock:
            twin = Sandbox(seed=self.seed)
            twin.clock = self.clock.fork()
            twin.vendors = {name: vendor.fork(twin.clock) for name, vendor in self.vendors.items()}
            twin.faults = Faults(self.faults.waiting)
            twin.log = self.log.copy()
            return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Sandbox:
        return self.fork()

    def _state(self) -> dict[str, Any]:
        vendors = {name: vendor.state() for name, vendor in self.vendors.items()}
        return {"format": FORMAT, "seed": self.seed, "now": self.clock.now().isoformat(), "vendors": vendors}

    def dump(self) -> dict[str, Any]:
        """Everything the vendors hold, secrets included, as JSON; faults and log are not part of it."""
        result: dict[str, Any] = json.loads(json.dumps(self._state()))
        return result

    def load(self, state: Mapping[str, Any]) -> None:
        """Takes on what `dump` gave."""
        if state.get("format") != FORMAT:
            raise ValueError(
                f"the sandbox reads states of format {FORMAT}, not {state.get('format')!r}; reset its store"
            )
        self.seed = state["seed"]
        self.clock.set(datetime.fromisoformat(state["now"]))
        vendors = self._untouched()
        for name, part in state["vendors"].items():
            if name in vendors:
                vendors[name].load(part)
        self.vendors = vendors

    def save(self) -> None:
        """Writes the store, atomically: a reader sees the old state or the new, never half of one."""
        if not self.store:
            return
        self.store.parent.mkdir(parents=True, exist_ok=True)
        beside = self.store.with_name(self.store.name + ".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds keys
        with os.fdopen(descriptor, "wb") as file:
            file.write(encode(self._state()))
        os.replace(beside, self.store)
