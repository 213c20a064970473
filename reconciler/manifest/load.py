"""YAML text as documents of plain data that know the place of every key and value; nothing of a file is executed.

Time and memory are bounded for any input: size, depth, a scalar's length and what aliases expand to have limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import Event

from reconciler.errors import Place, Problem
from reconciler.kinds.tree import Path
from reconciler.manifest.compose import Composer, Refused, Spot, inner, locate, reaches

try:  # libyaml is twenty times as quick; where there is no wheel of it, ruamel's own parser reads everything
    from ruamel.yaml.cyaml import CBaseLoader
except ModuleNotFoundError:
    CBaseLoader = None  # type: ignore[assignment,misc]  # the name is a class where libyaml is there

FILE_LIMIT = 16 * 1024 * 1024
_PURE_LIMIT = 2 * 1024 * 1024  # ruamel's own parser needs about three seconds a megabyte
_NEXT_DOCUMENT = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_PARTED_OTHERWISE = re.compile(r"^(%|\.\.\.)|\r(?!\n)", re.MULTILINE)
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_READ_OTHERWISE = re.compile(
    "[\x85\u2028\u2029\ufeff]"
)  # libyaml takes the first three for line breaks, as YAML 1.1 did


@dataclass(frozen=True, eq=False)
class Document:
    """One YAML document: plain data (keys are always strings, as written) and where each part of it stands.

    `problems` are mistakes that leave it readable (a key given twice, an unknown tag); they count only if the document
    turns out to be ours. `base` is the file and spot of the default that is laid under its spec; `unfilled` says that
    a variable in it is not known: nothing is held against the places where one stands.
    """

    file: str
    data: Any
    spot: Spot = field(repr=False)
    problems: tuple[Problem, ...] = ()
    base: tuple[str, Spot] | None = field(default=None, repr=False)
    unfilled: bool = False

    def place(self, path: Path = (), key: bool = False) -> Place:
        """Where the value at `path` stands (of a mapping or list, or with `key`: its key), or its nearest parent."""
        return place_of(self.file, self.spot, self.base, path, key)

    def spot_at(self, path: Path) -> Spot | None:
        """The spot of what stands at a path, where something does."""
        return inner(self.spot, path) if reaches(self.spot, path) else None


def place_of(file: str, spot: Spot, base: tuple[str, Spot] | None, path: Path, key: bool = False) -> Place:
    """Where something of a document stands: in it, or where its default is written, `base` being that of its spec."""
    if base is not None and path[:1] == ("spec",) and not reaches(spot, path) and reaches(base[1], path[1:]):
        return Place(base[0], *locate(base[1], path[1:], key))
    return Place(file, *locate(spot, path, key))


def read_documents(content: bytes, file: str) -> tuple[list[Document], list[Problem]]:
    """Every document of a file that can be read, and the mistake that ends the reading of each other one."""
    text = _decode(content, file)
    if isinstance(text, Problem):
        return [], [text]
    if CBaseLoader is not None and not _READ_OTHERWISE.search(text):
        try:
            documents, problems = _documents(_events(text), file)
        except YAMLError:
            return _in_parts(text, file)
        return _in_parts(text, file) if problems else (documents, [])
    return _slowly(text, file)


def _in_parts(text: str, file: str) -> tuple[list[Document], list[Problem]]:
    """Document by document, so that only those libyaml refuses are read by ruamel's parser, which knows YAML 1.2."""
    found: list[Document] = []
    problems: list[Problem] = []
    slow = 0
    for lines_before, part in _parts(text):
        try:
            documents, wrong = _documents(_events(part), file, lines_before)
        except YAMLError:
            slow += len(part)
            if slow > _PURE_LIMIT:
                return found, [*problems, _too_large(file, _PURE_LIMIT)]
            documents, wrong = _slowly(part, file, lines_before)
        found += documents
        problems += wrong
    return found, problems


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """The text cut before each `---`, and how many lines stand before each part.

    Where anything but `---` parts documents (directives, `...`), or line breaks are of the oldest sort, it stays whole.
    """
    if _PARTED_OTHERWISE.search(text):
        yield 0, text
        return
    lines, end = 0, 0
    for start in [*(found.start() for found in _NEXT_DOCUMENT.finditer(text)), len(text)]:
        yield lines, text[end:start]
        lines, end = lines + text.count("\n", end, start), start


def _slowly(text: str, file: str, lines_before: int = 0) -> tuple[list[Document], list[Problem]]:
    """Read with ruamel's own parser."""
    if len(text) > _PURE_LIMIT:
        return [], [_too_large(file, _PURE_LIMIT)]
    try:
        return _documents(YAML(typ="safe", pure=True).parse(text), file, lines_before)
    except MarkedYAMLError as error:
        return [], [_broken(error, file, lines_before)]
    except YAMLError:
        return [], [Problem("this is not YAML", Place(file))]


def _events(text: str) -> Iterator[Event]:
    parser = CBaseLoader(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.__dict__.clear()  # it names itself, and would keep the file's text until the collector comes by


def _documents(events: Iterator[Event], file: str, lines_before: int = 0) -> tuple[list[Document], list[Problem]]:
    composer = Composer(events, file, lines_before)
    found: list[Document] = []
    try:
        for data, spot, problems in composer.documents():
            found.append(Document(file, data, spot, problems))
    except Refused as refused:
        return found, [refused.problem]
    return found, []


def _decode(content: bytes, file: str) -> str | Problem:
    if len(content) > FILE_LIMIT:
        return _too_large(file, FILE_LIMIT)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        return Problem("this is not UTF-8", _place_after(before, file), "save the file as UTF-8")
    strange = _NOT_YAML.search(text)
    if strange is None:
        return text
    what = f"the character U+{ord(strange[0]):04X} may not stand in YAML"
    way_out = f'remove it, or write "\\u{ord(strange[0]):04x}" in double quotes'
    return Problem(what, _place_after(text[: strange.start()], file), way_out)


def _too_large(file: str, limit: int) -> Problem:
    return Problem(f"the file is over {limit // 1024 // 1024} MB", Place(file), "split it into several files")


def _place_after(before: str, file: str) -> Place:
    lines = re.split("\r\n|\r|\n", before)
    return Place(file, len(lines), len(lines[-1]) + 1)


_TOLD = (
    (r"\\t|tab character", "a tab stands here", "YAML is indented with spaces: replace the tab"),
    (r"mapping values are not", None, 'put a text that holds ": " in quotes, and check the indentation'),
    (r"cannot start any token", None, "put a text that begins with @, ` or % in quotes"),
    (r"unexpected end of stream", "a quote is not closed", "close the quote"),
    (r"<stream end>", "the file ends too early", "close every bracket and quote"),
    (r"expected the node content", None, "write a value here, or close the bracket after one"),
    (r"expected ',' or .*'\{'", None, 'put a text with brackets in it in quotes, as in {name: "${var.NAME}"}'),
    (r"expected ',' or", None, "close the bracket, or separate the items with commas"),
    (r"<block end>|expected ':'|expected key", None, "check the indentation of this line and of the one above"),
    (r"expected alphabetic or numeric", None, "put a text that begins with * or & in quotes"),
)


def _broken(error: MarkedYAMLError, file: str, lines_before: int) -> Problem:
    """The parser's complaint, in our words where it is a common one."""
    mark = error.problem_mark or error.context_mark
    place = Place(file, lines_before + mark.line + 1, mark.column + 1) if mark else Place(file)
    what = str(error.problem or error.context or "it cannot be read")
    since = error.context_mark
    where = ""
    if error.context and error.problem and since is not None and mark is not None and since.line != mark.line:
        where = f" {error.context} that begins at line {lines_before + since.line + 1}"
    words, way_out = next(((words or what, out) for found, words, out in _TOLD if re.search(found, what)), (what, None))
    return Problem(f"this is not YAML: {words}{where}", place, way_out)
