"""Unlisted: where objects are that no list of Datadog's first API names; each is read by its own name."""

from __future__ import annotations

from reconciler.kinds.place import Place


def place(path: str, id_at: str = "name") -> Place:
    return Place(
        list=f"{path}/{{of}}",
        item=f"{path}/{{id}}",
        create=path,
        update="PUT",
        id_at=id_at,
        listed_at=lambda key: (f"{path}/{{of}}", key[0]),
    )
