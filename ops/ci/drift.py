"""One issue about the drift of a stack: opened when there is any, kept up to date, closed when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.ci.marker import carries, marked
from ops.preview import markdown

if TYPE_CHECKING:
    from ops.ci.github import GitHub
    from ops.preview.model import Preview

LABEL = "drift"


def report(github: GitHub, found: Preview, link: str = "") -> str:
    """Says in the stack's one open issue what differs; returns what was done, for the log.

    Args:
        github: where the issue is.
        found: what a refresh would write to state.
        link: the run that found it.

    Raises:
        OpsError: GitHub refused.
    """
    marker = f"drift-{found.stack}"
    issue = next((one for one in github.listed("issues", state="open") if _is_ours(one, marker)), None)
    path = f"issues/{issue['number']}" if issue else "issues"
    if not found.changes:
        if issue is None:
            return f"stack '{found.stack}' is as its state says"
        closed = github.write("PATCH", path, {"state": "closed", "state_reason": "completed"})
        return f"no drift any more: closed {closed}"
    body = marked(marker, markdown.render(found, title="Drift", link=link) + _advice(found.stack))
    if issue is None:
        title = f"Drift: stack {found.stack} is not as its state says"
        return f"opened {github.write('POST', path, {'title': title, 'body': body, 'labels': [LABEL]})}"
    if issue["body"] == body:
        return f"the issue says so already: {issue['html_url']}"
    return f"changed {github.write('PATCH', path, {'body': body})}"


def _is_ours(issue: dict[str, object], marker: str) -> bool:
    """Whether it is the issue with the mark; GitHub lists pull requests among the issues."""
    return "pull_request" not in issue and carries(marker, str(issue["body"] or ""))


def _advice(stack: str) -> str:
    return (
        f"\n`make preview STACK={stack}` shows what `make up STACK={stack}` would mend; "
        f"`make refresh STACK={stack} APPLY=1` takes what runs over into state instead.\n"
    )
