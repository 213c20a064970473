"""The rules of the house, held against the source itself: imports, sizes, names, reasons, what is documented."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Sole
from reconciler.kinds.step import plain_steps
from reconciler.vendors.registry import NAMES, VENDORS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "reconciler"
KINDS = [kind for vendor in VENDORS.values() for kind in vendor.kinds]

# Downward only. `sandbox` is no layer: it imports nothing of the others, and of them only `cli` imports it.
LAYERS = ("cli", "report", "engine", "ledger", "manifest", "vendors", "kinds", "http", "errors")

# Every third-party library of `reconciler` and where it may be imported.
HOMES = {
    "click": ("cli/",),
    "rich": ("cli/", "report/"),
    "jinja2": ("report/html.py",),
    "markupsafe": ("report/html.py",),
    "deepdiff": ("engine/diff.py",),
    "obstore": ("ledger/store.py",),
    "cryptography": ("ledger/seal.py",),
    "ruamel": ("manifest/",),
    "httpx": ("http/client.py",),
    "starlette": ("sandbox/server.py",),
    "uvicorn": ("sandbox/server.py",),
    "pydantic": ("report/", "engine/", "ledger/", "manifest/", "vendors/", "kinds/"),
    "pydantic_core": ("manifest/", "vendors/", "kinds/"),
}
UNIMPORTED = {"sniffio", "tzdata"}  # httpcore imports the one, zoneinfo reads the other

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 40
# Over 40 lines is a question; these are the answers.
LONG_FOR_A_REASON = {
    "reconciler/sandbox/opsgenie/teams.py: made": "what the vendor makes with a team, as one picture",
    "reconciler/engine/story.py: make_plan": "the whole of a plan, on one screen",
}
NO_NOUNS = {"utils", "util", "helpers", "helper", "base", "manager", "common", "misc"}
VENDOR_NAMES = {*NAMES, "pagerduty", "datadog", "dynatrace", "astrom", "reactio"}
# In brackets, not to find themselves.
UNDONE = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X])\b")
MACHINE = re.compile(r"/hom[e]/\w|/roo[t]\b|/wor[k]/|\bpyp[i]\.org|pythonhoste[d]")


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self))

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def in_package(self) -> str:
        return self.path.relative_to(PACKAGE).as_posix()

    @property
    def layer(self) -> str:
        return self.in_package.partition("/")[0].removesuffix(".py")

    def __str__(self) -> str:
        return self.name

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def imports(self) -> list[tuple[str, int]]:
        """Full names of imported modules; of `from a.b import c` both `a.b` and `a.b.c`, as `c` may be a module."""
        return list(self._imports())

    def _imports(self) -> Iterator[tuple[str, int]]:
        for node in self.nodes:
            match node:
                case ast.Import(names=names):
                    yield from ((one.name, node.lineno) for one in names)
                case ast.ImportFrom(module=module, names=names, level=level):
                    assert level == 0, f"{self}:{node.lineno}: a relative import"
                    assert module is not None
                    yield from ((f"{module}.{one.name}", node.lineno) for one in names)

    def comments(self, pattern: re.Pattern[str]) -> Iterator[tuple[str, int]]:
        """Those that the pattern is found in; cheap for a file that has it nowhere."""
        if not pattern.search(self.text):
            return
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT and pattern.search(token.string):
                yield token.string, token.start[0]

    def docstrings(self) -> set[int]:
        """The `id` of every docstring's node, those under attributes too."""
        alone = [node.value for node in self.nodes if isinstance(node, ast.Expr)]
        return {id(value) for value in alone if isinstance(value, ast.Constant)}


OURS = [Source(path) for path in sorted(PACKAGE.rglob("*.py"))]
ALL = [*OURS, *(Source(path) for path in sorted((ROOT / "tests").rglob("*.py")))]

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)

# ── who imports whom ────────────────────────────────────────────────────────────────────────────────────────────────


def may_import(layer: str) -> set[str]:
    """The parts of `reconciler` that one of them may import; `__version__` stands in the package itself."""
    if layer == "sandbox":
        return {"sandbox"}
    if layer in ("__init__", "__main__"):
        return {"cli"}
    return {"__version__", *LAYERS[LAYERS.index(layer) :], *(("sandbox",) if layer == "cli" else ())}


def test_imports_go_one_way() -> None:
    wrong = [
        f"{source}:{line} imports {name}"
        for source in OURS
        for name, line in source.imports
        if name.startswith("reconciler.") and name.split(".")[1] not in may_import(source.layer)
    ]
    assert not wrong, "\n".join(wrong)


def test_a_vendor_imports_no_other_vendor() -> None:
    """The sandbox's control, which stands beside its vendors, may know several."""
    wrong = []
    for source in OURS:
        part, *rest = source.in_package.split("/")
        if part in ("vendors", "sandbox") and len(rest) == 2:
            other = re.compile(rf"reconciler\.{part}\.({'|'.join(VENDOR_NAMES - {rest[0]})})\b")
            wrong += [f"{source}:{line} imports {name}" for name, line in source.imports if other.match(name)]
    assert not wrong, "\n".join(wrong)


def test_a_third_party_library_has_one_home() -> None:
    known = {*sys.stdlib_module_names, "reconciler", "_typeshed"}
    wrong = [
        f"{source}:{line} imports {name}"
        for source in OURS
        for name, line in source.imports
        if (library := name.partition(".")[0]) not in known
        and not source.in_package.startswith(HOMES.get(library, ("nowhere",)))
    ]
    assert not wrong, "\n".join(wrong)


def test_every_library_is_declared_and_every_declared_one_is_used() -> None:
    declared = {canonicalize_name(Requirement(text).name) for text in pyproject()["project"]["dependencies"]}
    owners = packages_distributions()
    used = {canonicalize_name(owner) for library in HOMES for owner in owners[library]}
    # libyaml's reader shares the name ruamel with the rest of it; pydantic brings its core.
    beside = {"ruamel-yaml-clib", "pydantic-core"}
    assert declared - beside == (used | UNIMPORTED) - beside


def test_respx_is_for_the_tests_of_http_alone() -> None:
    users = {source.name for source in ALL for name, _ in source.imports if name.partition(".")[0] == "respx"}
    assert all(name.startswith("tests/http/") for name in users)


# ── sizes, names, words ─────────────────────────────────────────────────────────────────────────────────────────────


def test_no_file_is_too_long() -> None:
    lines = {source.name: source.text.count("\n") for source in ALL}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How long it is, less what stands in texts over several lines: docstrings, and what a test expects to be said."""
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    if whole <= MOST_LINES_OF_A_FUNCTION:  # short enough, whatever stands in it
        return whole
    texts = [node for node in ast.walk(function) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    lines = {line for text in texts for line in range(text.lineno + 1, (text.end_lineno or text.lineno) + 1)}
    return whole - len(lines)


def test_no_function_is_too_long() -> None:
    lengths = {
        f"{source}: {node.name}": code_lines(node)
        for source in ALL
        for node in source.nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    long = {name: length for name, length in lengths.items() if length > MOST_LINES_OF_A_FUNCTION}
    assert {name: length for name, length in long.items() if name not in LONG_FOR_A_REASON} == {}


def test_a_file_is_named_by_a_noun_of_its_own() -> None:
    vague = {source.name for source in ALL if not NO_NOUNS.isdisjoint(Path(source.name).with_suffix("").parts)}
    assert not vague, "\n".join(vague)


def test_a_module_says_in_three_lines_what_it_is_for() -> None:
    said = {
        source.name: [line for line in (ast.get_docstring(source.tree) or "").splitlines() if line] for source in ALL
    }
    assert {name: len(lines) for name, lines in said.items() if len(lines) not in (1, 2, 3)} == {}


def spoken(source: Source) -> Iterator[tuple[str, int]]:
    """Every name and string but docstrings: those, and comments, may take a vendor's object as their example."""
    docstrings = source.docstrings()
    for node in source.nodes:
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.arg(arg=word):
                yield word, node.lineno
            case ast.FunctionDef(name=word) | ast.AsyncFunctionDef(name=word) | ast.ClassDef(name=word):
                yield word, node.lineno
            case ast.keyword(arg=str() as word):
                yield word, node.value.lineno
            case ast.Constant(value=str() as word) if id(node) not in docstrings:
                yield word, node.lineno
    yield from source.imports


def test_no_vendor_is_named_outside_its_folder() -> None:
    named = [
        f"{source}:{line}: {word[:60]!r}"
        for source in OURS
        if source.layer not in ("vendors", "sandbox")
        for word, line in spoken(source)
        if any(name in word.lower() for name in VENDOR_NAMES)
    ]
    assert not named, "\n".join(named)


SILENCED = re.compile(r"\bnoqa\b|\btype: ?ignore\b|fmt: ?(off|skip)")
REASONED = re.compile(r"# ?(noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*|type: ignore\[[\w,-]+\])\s+(# |- )?\w+(\W+\w+)+")


def test_what_is_silenced_names_the_rule_and_the_reason() -> None:
    silenced = [f"{source}:{line}: {comment}" for source in ALL for comment, line in source.comments(SILENCED)]
    wrong = [one for one in silenced if not REASONED.search(one)]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_left_to_do_in_a_comment() -> None:
    left = [f"{source}:{line}" for source in ALL for _, line in source.comments(UNDONE)]
    assert not left, "\n".join(left)


def test_no_machine_and_no_registry_is_named() -> None:
    texts = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "pyproject.toml")]
    texts += [one for folder in (".ci", "examples") for one in (ROOT / folder).rglob("*") if one.is_file()]
    found = {str(one.relative_to(ROOT)): MACHINE.search(one.read_text("utf-8")) for one in texts}
    found |= {source.name: MACHINE.search(source.text) for source in ALL}
    assert {name: match[0] for name, match in found.items() if match} == {}


# ── kinds ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


@every_kind
def test_a_kind_is_documented_in_its_file(kind: Kind) -> None:
    said = ast.get_docstring(Source(PACKAGE / "vendors" / kind.vendor / f"{snake(kind.name)}.py").tree) or ""
    assert re.match(rf"({kind.vendor}/\w+ and )?{kind.id}\b.*: ", said)
    assert kind.page in said


ROW = re.compile(r"^\| `(?P<kind>\w+/\w+)` \|.+\| \[[^]]+\]\((?P<page>\S+)\) \|$", re.MULTILINE)


def test_the_readmes_table_has_every_kind_and_its_page() -> None:
    rows = ROW.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert sorted(rows) == sorted((kind.id, kind.page) for kind in KINDS)


STEP = re.compile(r"^\d\. ((?:.|\n(?!\d\. |\n))*)", re.MULTILINE)


def steps() -> list[str]:
    """The steps of "How to add a kind"."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = STEP.findall(text.partition("## How to add a kind")[2].partition("\n## ")[0])
    assert len(found) == 8
    return found


@every_kind
def test_the_steps_to_add_a_kind_name_what_every_kind_has(kind: Kind) -> None:
    only_looked_up = {5, 6}
    for number, step in enumerate(steps(), start=1):
        if kind.looked_up and number in only_looked_up:
            continue
        for name in re.findall(r"`([\w.]+/[\w./]*)`", step):
            path = name.replace("VENDOR", kind.vendor).replace("Kind.json", f"{kind.name}.json")
            path = path.replace("KIND", snake(kind.name))
            assert (ROOT / path).exists(), f"step {number} names {name}: there is no {path}"


@every_kind
def test_the_sandbox_has_the_paths_of_every_kind(kind: Kind) -> None:
    routes = import_module(f"reconciler.sandbox.{kind.vendor}.vendor").ROUTES
    place = kind.place
    if kind.catalogue:
        return  # read nowhere: it stands in Git alone
    listed = not place.within  # those below others stand in their parent's own object
    wanted = {("GET" if place.list_body is None else "POST", place.list)} if listed else set()
    wanted |= {("GET", place.item_path)} if place.item_read else set()
    # A signal is sent by steps of its own, perhaps to another host.
    made = not kind.looked_up and kind.signal is None and not isinstance(place.paging, Sole)
    wanted |= {("POST", place.create or place.list)} if made else set()
    if not kind.looked_up and kind.own_steps is plain_steps:  # a kind with steps of its own may change in other ways
        wanted |= {(place.update, place.item_path), ("DELETE", place.item_path)}
    for method, path in wanted:
        bare = path.partition("?")[0]
        routes.find(method, tuple(re.sub(r"{\w+}", "1", bare).strip("/").split("/")))


# ── set-up ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def pyproject() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_what_is_pinned_satisfies_what_is_asked_for() -> None:
    lines = (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    asked = [*pyproject()["project"]["dependencies"], *pyproject()["dependency-groups"]["dev"]]
    for requirement in map(Requirement, [*asked, *pyproject()["build-system"]["requires"]]):
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, requirement
