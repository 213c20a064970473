"""reactio/IncidentOptions: a catalogue in Git against which incidents are checked, with its places."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import ManifestError
from reconciler.manifest.project import find_root, load_project
from reconciler.vendors.reactio import VENDOR
from reconciler.vendors.reactio.incident_options import KIND
from reconciler.vendors.reactio.option import BUILT_IN, options_of
from tests.kind_kit import Mistake, assert_mistaken, mistakes, tree_of

VENDORS = {"reactio": VENDOR}
PROJECT = "apiVersion: reconciler/v1\nkind: Project\naccounts: {reactio: {organization: acme, api_key: {env: K}}}\n"
CATALOGUE = """apiVersion: reactio/v1
kind: IncidentOptions
metadata: {name: options}
spec:
  parameters:
    service:
      label: サービス
      strings: {checkout: 決済, search: 検索, "404": }
    ticket: {label: チケット}
    detection: {required: true}
"""


def told(root: Path, spec: str, metadata: str = "", catalogue: str = CATALOGUE) -> list[str]:
    """The problems of an incident whose spec begins on its fifth line, or its warnings."""
    head = f"apiVersion: reactio/v1\nkind: Incident\nmetadata: {{name: a{metadata}}}\nspec:\n"
    lines = "".join(f"  {line}\n" for line in (*spec.splitlines(), "since: 2026-01-05T09:00:00Z"))
    for name, text in {"reconciler.yaml": PROJECT, "catalogue.yaml": catalogue, "a.yaml": head + lines}.items():
        (root / name).write_text(text, encoding="utf-8")
    try:
        project = load_project(*find_root(root), VENDORS, environ={})
    except ManifestError as error:
        return [str(problem).replace("\n    ", " | ") for problem in error.problems]
    return [str(warning) for warning in project.warnings]


FITS = "parameters: {detection: system, service: checkout, ticket: any text, close_text: null}"
ROWS: list[tuple[str, str, list[str]]] = [
    ("all of it known", FITS, []),
    ("null is not selected, whatever the strings", "parameters: {detection: msp, service: null, cause: null}", []),
    (
        "a name that is misspelt",
        "parameters: {detection: msp, servce: search}",
        ['a.yaml:5:40: parameters.servce: the catalogue has no option parameter "servce" | did you mean "service"?'],
    ),
    (
        "a name like no other",
        "parameters: {detection: msp, 色: 赤}",
        [
            'a.yaml:5:35: parameters.色: the catalogue has no option parameter "色" | there are: detection, cause, '
            "point, scale, cause_supplement, pend_text, close_text, service, ticket"
        ],
    ),
    (
        "a string that is misspelt",
        "parameters: {detection: msp, service: serch}",
        ['a.yaml:5:41: parameters.service: "serch" is no string of "service" (サービス) | did you mean "search"?'],
    ),
    (
        "a string like no other",
        "parameters: {detection: msp, service: mail}",
        [
            'a.yaml:5:41: parameters.service: "mail" is no string of "service" (サービス) | '
            "it is one of: checkout (決済), search (検索), 404"
        ],
    ),
    (
        "the label in the place of the string",
        "parameters: {detection: msp, service: 検索}",
        [
            'a.yaml:5:41: parameters.service: "検索" is no string of "service" (サービス) | '
            '"検索" is the label: write search'
        ],
    ),
    (
        "one of Reactio's own labels",
        "parameters: {detection: システム発報}",
        [
            'a.yaml:5:27: parameters.detection: "システム発報" is no string of "detection" (how it was noticed) | '
            '"システム発報" is the label: write system'
        ],
    ),
    (
        "one that is required",
        "parameters: {service: search}",
        [
            'a.yaml:5:3: parameters: "detection" (how it was noticed) is required | write it, one of: msp (監視委託), '
            "system (システム発報), client (クライアント), internal (社内)"
        ],
    ),
    ("one that is required, as null", "parameters: {detection: null}", ["a.yaml:5:3: "]),
    ("one that is required, with nothing said", "status: open", ["a.yaml:4:1"]),
    (
        "an older field",
        "detection: msp",
        ["a.yaml:5:14: detection is about to be removed by Reactio: write parameters: {detection: msp}"],
    ),
    (
        "an older field whose value contradicts the newer",
        "detection: msp\nparameters: {detection: client}",
        [
            'a.yaml:6:27: parameters.detection: it is "client" here and "msp" in detection, which means the same: '
            "leave detection out"
        ],
    ),
]


@pytest.mark.parametrize(("spec", "problems"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_an_incident_is_checked_offline_against_the_catalogue(tmp_path: Path, spec: str, problems: list[str]) -> None:
    found = told(tmp_path, spec)
    assert [line[: len(said)] for line, said in zip(found, problems, strict=True)] == problems


def test_one_that_is_there_already_lacks_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, "status: pend", metadata=", id: 512") == []


@pytest.mark.parametrize(
    ("spec", "problems"),
    [
        ("parameters: {colour: red}", []),
        (
            "parameters: {scale: application}",
            ['a.yaml:5:23: parameters.scale: "application" is no string of "scale" (how far it reaches)'],
        ),
    ],
)
def test_without_a_catalogue_only_reactios_own_are_checked(tmp_path: Path, spec: str, problems: list[str]) -> None:
    found = told(tmp_path, spec, catalogue="")
    assert [line.partition(" | ")[0] for line in found] == problems


def test_a_catalogue_may_say_more_of_a_built_in_one(tmp_path: Path) -> None:
    more = (
        CATALOGUE + "    cause: {label: 原因, strings: {bug: バグ}}\n    pend_text: {label: 暫定対応}\n    severity:\n"
    )
    wrong = told(tmp_path, "parameters: {detection: msp, cause: unknown, pend_text: any}", catalogue=more)
    assert [line.partition(" | ")[0] for line in wrong] == [
        'a.yaml:5:39: parameters.cause: "unknown" is no string of "cause" (原因)'
    ]


def test_two_catalogues_each_know_a_part_and_none_the_same(tmp_path: Path) -> None:
    second = CATALOGUE.replace("name: options", "name: more").replace("service:", "region:").replace("ticket", "team")
    assert told(tmp_path, "parameters: {detection: msp, region: search}", catalogue=f"{CATALOGUE}---\n{second}") == [
        'catalogue.yaml:10:5: the option parameter "detection" of the account is also said by '
        "reactio/IncidentOptions/more (catalogue.yaml:21:5) | say it in one place"
    ]


@mistakes(
    Mistake(KIND.id, {"parameters": {"a": {"strings": {}}}}, ("parameters", "a", "strings"), "at least 1 item"),
    Mistake(KIND.id, {"parameters": {"a": {"strings": ["x"]}}}, ("parameters", "a", "strings"), "valid dictionary"),
    Mistake(KIND.id, {"parameters": {"a": {"values": {}}}}, ("parameters", "a", "values"), "not permitted"),
    Mistake(KIND.id, {"parameters": {"a": {"required": "yes"}}}, ("parameters", "a", "required"), "valid boolean"),
)
def test_a_wrong_catalogue_is_told(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_reactios_own_have_the_labels_of_its_pages() -> None:
    labels: dict[str, Any] = {name: dict(option.strings) for name, option in BUILT_IN.items() if option.strings}
    assert list(labels) == ["detection", "cause", "point", "scale"]
    assert labels["scale"] == {"cross": "サービス横断", "whole": "サービス全体", "point": "サービスの一部"}
    assert [len(one) for one in labels.values()] == [4, 6, 6, 3]
    assert all(label for one in labels.values() for label in one.values())


def test_an_empty_catalogue_knows_reactios_own_alone() -> None:
    specs: tuple[dict[str, Any], ...] = ({}, {"parameters": None}, {"parameters": {}})
    for spec in specs:
        options = options_of([tree_of(KIND.id, spec)])
        assert (list(options.by_name), options.closed) == (list(BUILT_IN), True)
