"""Repository: one on a server, the clone of a person who works in it, and the clones of pipelines, fresh each time."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ENVIRON = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "ann@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(folder: Path, *arguments: str) -> str:
    ran = subprocess.run(["git", *arguments], cwd=folder, env=_ENVIRON, check=True, capture_output=True, text=True)
    return ran.stdout.strip()


@dataclass(frozen=True)
class Repository:
    """`origin` is the server's, `desk` a person's clone."""

    folder: Path

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    @property
    def desk(self) -> Path:
        return self.folder / "desk"

    @classmethod
    def begin(cls, folder: Path, files: Mapping[str, str]) -> Repository:
        """With these files on its main branch."""
        made = cls(folder)
        for path in (made.origin, made.desk):
            path.mkdir(parents=True)
        git(made.origin, "init", "-q", "--bare", "-b", "main")
        git(made.desk, "init", "-q", "-b", "main")
        git(made.desk, "remote", "add", "origin", str(made.origin))
        made.commit(files)
        git(made.desk, "push", "-q", "origin", "main")
        return made

    def commit(self, files: Mapping[str, str | None]) -> str:
        """Write or remove these files at the desk; the commit's hash."""
        for name, text in files.items():
            path = self.desk / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        git(self.desk, "add", "-A")
        git(self.desk, "commit", "-q", "-m", "more")
        return self.head()

    def head(self) -> str:
        return git(self.desk, "rev-parse", "HEAD")

    def branch(self, name: str, files: Mapping[str, str | None]) -> str:
        """A branch of main with these files, or one commit more on it, pushed; the commit's hash."""
        known = git(self.desk, "branch", "--list", name)
        git(self.desk, "switch", "-q", *([name] if known else ["-c", name, "main"]))
        head = self.commit(files)
        git(self.desk, "push", "-q", "origin", name)
        return head

    def propose(self, name: str, number: int) -> str:
        """What the server makes of a pull request: `refs/pull/N/merge`, main and the branch together."""
        git(self.desk, "switch", "-q", "--detach", "main")
        git(self.desk, "merge", "-q", "--no-ff", "-m", "test", name)
        git(self.desk, "push", "-q", "-f", "origin", f"HEAD:refs/pull/{number}/merge")
        return self.head()

    def merge(self, name: str) -> str:
        """Merge a branch into main, squashed to one commit as many teams do; that commit's hash."""
        git(self.desk, "switch", "-q", "main")
        git(self.desk, "merge", "-q", "--squash", name)
        git(self.desk, "commit", "-q", "-m", name)
        git(self.desk, "push", "-q", "origin", "main")
        return self.head()

    def clone(self, ref: str, folder: Path) -> None:
        """As a pipeline does: nothing but what Git has, at that ref."""
        folder.mkdir(parents=True)
        git(folder, "init", "-q")
        git(folder, "remote", "add", "origin", str(self.origin))
        git(folder, "fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*", f"{ref}:refs/remotes/asked")
        git(folder, "checkout", "-q", "--detach", "refs/remotes/asked")
