"""The scripts of a page."""

from __future__ import annotations

import re


def scripts(page: str) -> list[str]:
    """The addresses of a page's scripts, in their order.

    Raises:
        AssertionError: one of them is inline, or has more than a type and an address.
    """
    found = re.findall(r'<script (?:type="module" )?src="([^"]+)"></script>', page)
    assert len(found) == page.count("<script")
    return found
