"""Every generated page of the documentation, once: `make docs` writes them, the tests compare them."""

from __future__ import annotations

from typing import Final

from ops import metrics_page
from ops.docs import alerts, architecture, code, configuration, database, kpis, openapi, outputs
from ops.docs.page import FOLDER, Page

PAGES: Final[tuple[Page, ...]] = (
    Page(path=f"{FOLDER}/architecture.md", source=architecture.SOURCE, text=architecture.text),
    Page(path=f"{FOLDER}/{architecture.PICTURE}", source=architecture.SOURCE, text=architecture.picture),
    Page(path=f"{FOLDER}/configuration.md", source=configuration.SOURCE, text=configuration.text),
    Page(path=f"{FOLDER}/outputs.md", source=outputs.SOURCE, text=outputs.text),
    Page(path=f"{FOLDER}/kpis.md", source=kpis.SOURCE, text=kpis.text),
    Page(path=f"{FOLDER}/alerts.md", source=alerts.SOURCE, text=alerts.text),
    Page(path=f"{FOLDER}/openapi.json", source=openapi.SOURCE, text=openapi.as_json),
    Page(path=f"{FOLDER}/openapi.yaml", source=openapi.SOURCE, text=openapi.as_yaml),
    Page(path="docs/code.md", source=code.SOURCE, text=code.text),
    Page(
        path=metrics_page.PAGE,
        source="the service's registry and the exporter's questions",
        text=metrics_page.render,
    ),
    Page(path=f"{FOLDER}/database.md", source=database.SOURCE, text=database.text, live=True),
)
"""In the order in which they are made; what needs a database comes last."""
