"""Served: the sandbox in a process of its own, and what it was asked."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from tests.benchmarks.measure import BenchmarkError, command, surroundings

# What stands for itself in a path: a UUID, a number, an id of capitals and digits, or a name of the crowd.
IDENT = re.compile(r"(?<=/)([0-9a-f]{8}-[0-9a-f-]{27}|\d+|[PQ][0-9A-Z]{6,13}|team-\d[\w-]*|[^/]+@[^/]+)(?=/|$)")
DIRECT = build_opener(ProxyHandler({}))  # loopback needs no proxy, whatever the environment says


@dataclass(frozen=True)
class Served:
    """A running sandbox."""

    url: str

    def take_requests(self) -> dict[str, int]:
        """How often each path template was asked since the last time, as `GET /opsgenie/v2/teams/{id}`."""
        asked = self._control("GET")["requests"]
        self._control("DELETE")
        return dict(sorted(Counter(f"{one['method']} {IDENT.sub('{id}', one['path'])}" for one in asked).items()))

    def _control(self, method: str) -> Any:
        with DIRECT.open(Request(f"{self.url}/__requests", method=method), timeout=60) as answer:  # loopback
            return json.load(answer)


@contextmanager
def served(latency: float) -> Iterator[Served]:
    """A sandbox that answers after `latency` seconds, until the end of the block."""
    arguments = command("sandbox", "serve", "--port", "0", "--latency", str(latency))
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=surroundings()) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if found := re.search(r"http://[\w.:\[\]]+\d", line):
                    yield Served(found[0])
                    return
            raise BenchmarkError(f"{' '.join(arguments[1:])} named no address")
        finally:
            process.terminate()
