"""Artifact: finds the newest one of a name among those of a GitHub repository, and tells which run keeps it.

`python artifact.py NAME` for that name, `python artifact.py NAME --commit SHA` for `NAME-SHA`, or that of the head of a
pull request that was merged as this commit. Prints `name=…` and `run-id=…`, as a step's outputs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen


def ask(path: str, environ: Mapping[str, str]) -> Any:
    """What the API says of something in the repository. Raises SystemExit with what it said otherwise."""
    url = f"{environ['GITHUB_API_URL']}/repos/{environ['GITHUB_REPOSITORY']}/{path}"
    headers = {"Authorization": f"Bearer {environ['GITHUB_TOKEN']}", "Accept": "application/vnd.github+json"}
    try:
        request = Request(url, headers=headers)  # noqa: S310  # the pipeline itself gives the address
        with urlopen(request, timeout=60) as answer:  # noqa: S310  # the same
            return json.load(answer)
    except HTTPError as error:
        said = error.read(300).decode(errors="replace")
        way_out = "the job needs `permissions: actions: read`, and to apply `pull-requests: read`"
        raise SystemExit(f"GET {url} was answered with {error.code}: {said}\n{way_out}") from None


def names(name: str, commit: str | None, environ: Mapping[str, str]) -> Iterator[str]:
    """What it may be called: after the commit itself, or after what was merged as it."""
    if commit is None:
        yield name
        return
    yield f"{name}-{commit}"
    for pull in ask(f"commits/{commit}/pulls", environ):
        if pull["merged_at"]:
            yield f"{name}-{pull['head']['sha']}"


def newest(name: str, environ: Mapping[str, str]) -> Any:
    """The newest that was made for this repository, or None. Runs for a fork's pull requests keep theirs here, too,
    under any name they like."""
    found = ask(f"actions/artifacts?per_page=100&name={quote(name)}", environ)["artifacts"]
    runs = ((one, one["workflow_run"]) for one in found if not one["expired"])
    here = [one for one, run in runs if run["head_repository_id"] == run["repository_id"]]
    return max(here, key=lambda one: str(one["created_at"]), default=None)


def main(arguments: list[str], environ: Mapping[str, str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--commit")
    given = parser.parse_args(arguments)
    for name in names(given.name, given.commit, environ):
        if found := newest(name, environ):
            sys.stdout.write(f"name={name}\nrun-id={found['workflow_run']['id']}\n")
            return
    of = f" of {given.commit} or of a pull request merged as it" if given.commit else ""
    way_out = "run this workflow by hand on the main branch: it plans anew, and applies what is approved"
    raise SystemExit(f"no {given.name}{of} is kept here\n{way_out if given.commit else 'an apply or audit keeps one'}")


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
