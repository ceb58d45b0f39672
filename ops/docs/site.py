"""The static site of the documentation: MkDocs' pages with pdoc's beside them."""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
import tempfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

from ops.docs.code import PACKAGES
from ops.docs.sources import MODULES_VARIABLE
from ops.errors import OpsError

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = "var/site"
MEND: Final = "make site"


def build(root: Path, target: Path | None = None, *, modules: bool = True) -> Path:
    """Build the site of the checkout `root` into `target` (`var/site` if none) and give its entry page.

    Args:
        root: the checkout.
        target: folder of the site; what is in it is replaced.
        modules: whether the pages of every module are made too, which takes the longest.

    Raises:
        OpsError: a link leads nowhere, or a page cannot be made; with what the tools said.
    """
    target = target or root / FOLDER
    with tempfile.TemporaryDirectory() as drafts:
        if modules:
            _run(root, "pdoc", "--docformat", "google", "--output-directory", drafts, *PACKAGES)
        arguments = ("build", "--strict", "--clean", "--config-file", str(root / "mkdocs.yml"))
        _run(root, "mkdocs", *arguments, "--site-dir", str(target), **{MODULES_VARIABLE: drafts if modules else ""})
    return target / "index.html"


def _run(root: Path, tool: str, *arguments: str, **variables: str) -> None:
    """Run a tool of this environment; its output is shown where it fails only."""
    done = subprocess.run(
        [sys.executable, "-m", tool, *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise OpsError(f"{tool} cannot make the site: {(done.stderr or done.stdout).strip()[-2000:]}")


def serve(folder: Path, port: int) -> None:
    """Show a built site on this machine until somebody interrupts.

    Raises:
        OpsError: the port is taken.
    """
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise OpsError(f"port {port} cannot be used ({error.strerror}): PORT=8001 takes another") from None
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
