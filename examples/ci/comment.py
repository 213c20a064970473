"""Comment: puts a plan below a pull request of GitHub or a merge request of GitLab: `python comment.py FILE`.

The file's first line is a hidden marker; a comment of ours that begins with it is changed, so that there is only one.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PAGE = 100


@dataclass(frozen=True)
class Thread:
    """Where the comments of one request are, and how a program signs in there."""

    comments: str
    one: str
    verb: str
    headers: Mapping[str, str]
    way_out: str

    def ask(self, method: str, url: str, body: object = None) -> Any:
        """The answer's JSON. Raises SystemExit with what the server said."""
        content = None if body is None else json.dumps(body).encode()
        headers = {**self.headers, "Content-Type": "application/json"}
        try:
            request = Request(url, content, headers, method=method)  # noqa: S310  # the pipeline itself gives the address
            with urlopen(request, timeout=60) as answer:  # noqa: S310  # the same
                return json.load(answer)
        except HTTPError as error:
            said = error.read(300).decode(errors="replace")
            raise SystemExit(f"{method} {url} was answered with {error.code}: {said}\n{self.way_out}") from None

    def all(self) -> Iterator[Any]:
        page = 1
        while rows := self.ask("GET", f"{self.comments}?per_page={PAGE}&page={page}"):
            yield from rows
            if len(rows) < PAGE:
                return
            page += 1


def github(environ: Mapping[str, str]) -> Thread:
    issues = f"{environ['GITHUB_API_URL']}/repos/{environ['GITHUB_REPOSITORY']}/issues"
    headers = {"Authorization": f"Bearer {environ['GITHUB_TOKEN']}", "Accept": "application/vnd.github+json"}
    way_out = "the job needs `permissions: pull-requests: write`"
    return Thread(f"{issues}/{environ['PULL_REQUEST']}/comments", f"{issues}/comments", "PATCH", headers, way_out)


def gitlab(environ: Mapping[str, str]) -> Thread:
    project = f"{environ['CI_API_V4_URL']}/projects/{environ['CI_PROJECT_ID']}"
    notes = f"{project}/merge_requests/{environ['CI_MERGE_REQUEST_IID']}/notes"
    headers = {"PRIVATE-TOKEN": environ.get("RECONCILER_COMMENT_TOKEN", "")}
    way_out = "RECONCILER_COMMENT_TOKEN must hold a project access token with the scope `api`"
    return Thread(notes, notes, "PUT", headers, way_out)


def ours(thread: Thread, marker: str, environ: Mapping[str, str]) -> Any:
    """Our earlier comment, or None. One that a person wrote is not ours, whatever it begins with: its author could go
    on to change what it says."""
    marked = [one for one in thread.all() if str(one["body"]).startswith(marker)]
    if marked and "GITHUB_API_URL" in environ:
        marked = [one for one in marked if one["user"]["type"] == "Bot"]
    elif marked:
        me = thread.ask("GET", f"{environ['CI_API_V4_URL']}/user")["id"]
        marked = [one for one in marked if one["author"]["id"] == me]
    return marked[0] if marked else None


def main(file: str, environ: Mapping[str, str]) -> None:
    text = Path(file).read_text(encoding="utf-8")
    thread = github(environ) if "GITHUB_API_URL" in environ else gitlab(environ)
    earlier = ours(thread, text.partition("\n")[0], environ)
    if earlier is None:
        thread.ask("POST", thread.comments, {"body": text})
    else:
        thread.ask(thread.verb, f"{thread.one}/{earlier['id']}", {"body": text})


if __name__ == "__main__":
    main(sys.argv[1], os.environ)
