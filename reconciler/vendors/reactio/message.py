"""Message: what stands in an incident's timeline: 10,000 characters, and of HTML the tags a, b, br and img alone.

What Reactio does with other tags is not documented, so that none is sent. https://reactio.jp/development/api
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

MOST = 10_000
TAGS = ("a", "b", "br", "img")

# As a browser finds them: "<" before a letter, "/", "!" or "?"; "4 < 5" holds none.
_TAG = re.compile(r"<(?:/?([A-Za-z][^\s/>]*)|/|!|\?)")


def _message(text: str) -> str:
    if len(text) > MOST:
        raise PydanticCustomError(
            "message",
            "a message has at most {most} characters, this one has {length}: say the rest in a second one, in messages",
            {"most": f"{MOST:,}", "length": f"{len(text):,}"},
        )
    for tag in _TAG.finditer(text):
        if tag[1] is None or tag[1].lower() not in TAGS:
            raise PydanticCustomError(
                "message",
                'of HTML Reactio takes {tags}, not "{tag}" (character {at}): write &lt; where no tag is meant',
                {"tags": ", ".join(TAGS), "tag": tag[0][:60], "at": tag.start() + 1},
            )
    return text


Message = Annotated[str, AfterValidator(_message)]
