"""Values: what secrets' sources give, known to this run only, and cut out of every text that leaves it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

from reconciler.kinds.tree import Env, File

SHORTEST = 4
CUT = "(secret)"
_FILE_LIMIT = 64 * 1024


def allowed_file(root: Path, secret_files: Iterable[str], path: str) -> Path | None:
    """Where a secret's file is, links followed; None where it is neither in the project nor below `secret_files`."""
    base = root.resolve()
    try:
        target = (base / path).resolve()
        folders = [base, *((base / Path(folder).expanduser()).resolve() for folder in secret_files)]
    except (OSError, RuntimeError, ValueError):  # a ring of links, a home nobody has, a NUL
        return None
    return target if any(target.is_relative_to(folder) for folder in folders) else None


@dataclass
class Secrets:
    """The secrets of one run. Values are remembered, never shown; those under 4 characters are not cut from texts,
    because cutting them would shred every message, so `plan` should warn of them."""

    root: Path
    secret_files: tuple[str, ...]
    environ: Mapping[str, str] = field(repr=False)
    _read: dict[Env | File, tuple[str | None, str]] = field(default_factory=dict, repr=False)
    _forms: set[str] = field(default_factory=set, repr=False)

    def value(self, source: Env | File) -> str | None:
        """The secret, or None: then `why` says why. A file's last line break is not part of it."""
        return self._look(source)[0]

    def why(self, source: Env | File) -> str:
        """Why there is no value, as a sentence; empty where there is one."""
        return self._look(source)[1]

    def learn(self, value: str) -> None:
        """Have a value cut from now on that came another way: a vendor's output."""
        if len(value) >= SHORTEST:
            self._forms.update(_forms(value))
            if value.strip() != value:
                self.learn(value.strip())

    def redact(self, text: str) -> str:
        """The text without any known secret, in clear, base64, percent-encoded or JSON-escaped."""
        spans = sorted(span for form in self._forms if form in text for span in _spans(form, text))
        if not spans:
            return text
        kept, end = [], 0
        for begin, stop in spans:  # secrets may overlap: what lies in any of them goes
            if begin >= end:
                kept += [text[end:begin], CUT]
            end = max(end, stop)
        return "".join([*kept, text[end:]])

    def _look(self, source: Env | File) -> tuple[str | None, str]:
        if source not in self._read:
            value, why = self._of_env(source) if isinstance(source, Env) else self._of_file(source)
            self._read[source] = value, why
            if value is not None:
                self.learn(value)
        return self._read[source]

    def _of_env(self, source: Env) -> tuple[str | None, str]:
        value = self.environ.get(source.name)
        if not value:
            return None, f"{source.name} is not set here" if value is None else f"{source.name} is empty here"
        return value, ""

    def _of_file(self, source: File) -> tuple[str | None, str]:
        path = allowed_file(self.root, self.secret_files, source.path)
        if path is None:
            return None, f"{source.path} is outside the project"
        try:
            with path.open("rb") as stream:
                content = stream.read(_FILE_LIMIT + 1)
        except OSError as error:
            return None, f"{source.path} cannot be read here: {error.strerror}"
        if len(content) > _FILE_LIMIT:
            return None, f"{source.path} is over {_FILE_LIMIT // 1024} KB, no secret is"
        try:
            value = content.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            return None, f"{source.path} is not UTF-8"
        return (value, "") if value else (None, f"{source.path} is empty")


def _spans(form: str, text: str) -> Iterator[tuple[int, int]]:
    begin = text.find(form)
    while begin >= 0:
        yield begin, begin + len(form)
        begin = text.find(form, begin + 1)


def _forms(value: str) -> Iterator[str]:
    raw = value.encode("utf-8", "surrogateescape")
    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    for safe in ("", "/"):
        encoded = quote(raw, safe=safe)
        yield encoded
        yield _lower_escapes(encoded)
    yield quote_plus(raw)
    yield from _inner_base64(raw)


def _lower_escapes(encoded: str) -> str:
    head, *rest = encoded.split("%")
    return head + "".join("%" + part[:2].lower() + part[2:] for part in rest)


def _inner_base64(raw: bytes) -> Iterator[str]:
    """The characters that stand in any base64 text of something with `raw` inside, one form per alignment."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        begin = (0, 2, 3)[shift]
        whole = (shift + len(raw)) * 8 // 6
        inner = encoded[begin:whole]
        if len(inner) >= SHORTEST:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
