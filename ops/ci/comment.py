"""One comment on a pull request: made by the first run, changed in place by the next ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.ci.marker import carries, marked

if TYPE_CHECKING:
    from ops.ci.github import GitHub


def stick(github: GitHub, pull: int, marker: str, text: str) -> str:
    """Leaves exactly one comment with `marker`, which says `text`; returns what was done, for the log.

    The oldest is kept, so that its place in the conversation stays; others with the same mark, made by two runs at
    once, are removed.

    Raises:
        OpsError: the marker is not allowed, or GitHub refused.
    """
    body = marked(marker, text)
    found = [one for one in github.listed(f"issues/{pull}/comments") if carries(marker, one["body"])]
    for other in found[1:]:
        github.write("DELETE", f"issues/comments/{other['id']}")
    if not found:
        return f"made the comment {github.write('POST', f'issues/{pull}/comments', {'body': body})}"
    if found[0]["body"] == body:
        return f"the comment says so already: {found[0]['html_url']}"
    path = f"issues/comments/{found[0]['id']}"
    return f"changed the comment {github.write('PATCH', path, {'body': body})}"
