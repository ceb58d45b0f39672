"""The READMEs' sections: made from their sources, everything beside them left alone."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from app.release import FILE as EVIDENCE
from app.traceability import FILE as NUMBERS
from benchmarks.criteria import CRITERIA
from dashboards import slo
from ops.cli import app
from ops.errors import OpsError
from ops.paths import ROOT
from ops.readme import commands, kpis, language, markers
from ops.readme.command import MEND, PAGES, run, texts

if TYPE_CHECKING:
    from pathlib import Path

QUIET = Console(quiet=True)
_SOURCES = (
    *PAGES,
    "Makefile",
    "pyproject.toml",
    "requirements/dev.txt",
    "images/base/Dockerfile",
    "images/postgres/Dockerfile",
    *(f"docs/benchmarks/{name}.json" for name, _ in kpis.BENCHMARKS.values()),
    *(str(file.relative_to(ROOT)) for file in (EVIDENCE, NUMBERS)),
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the sections are made of, and the pages, in a folder of the test's own."""
    for source in _SOURCES:
        (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / source, tmp_path / source)
    # Whatever the committed pages are: a test of their own looks at them.
    run(tmp_path, QUIET, write=True)
    return tmp_path


def edit(checkout: Path, file: str, old: str, new: str) -> None:
    """Replace `old`, which must be there, in a file of the checkout."""
    text = (checkout / file).read_text(encoding="utf-8")
    assert old in text, file
    (checkout / file).write_text(text.replace(old, new), encoding="utf-8")


def test_the_committed_pages_are_current() -> None:
    done = CliRunner().invoke(app, ["readme"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("change", "section"),
    [
        (("Makefile", "what is there, what is missing, what that costs; changes nothing", "this list"), "commands"),
        (("requirements/dev.txt", "\nfastapi==", "\nfastapi==99."), "versions"),
        (("images/postgres/Dockerfile", "ARG POSTGRES=17", "ARG POSTGRES=18"), "versions"),
        (("app/data/evidence.json", '"measured_at": "20', '"measured_at": "19'), "kpis"),
    ],
)
def test_a_source_that_changes_makes_its_section_stale_until_it_is_written(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str, str], section: str
) -> None:
    monkeypatch.setitem(language._PORTUGUESE, "this list", "esta lista")
    run(checkout, QUIET, write=False)
    edit(checkout, *change)
    before = {page: (checkout / page).read_bytes() for page in PAGES}
    listed = ", ".join(rf"{page} \({section}\)" for page in PAGES)
    with pytest.raises(OpsError, match=rf"^stale sections: {listed}: {MEND}$"):
        run(checkout, QUIET, write=False)
    assert before == {page: (checkout / page).read_bytes() for page in PAGES}
    run(checkout, QUIET, write=True)
    run(checkout, QUIET, write=False)
    assert all(before[page] != (checkout / page).read_bytes() for page in PAGES)


def test_nothing_is_written_while_a_page_cannot_be(checkout: Path) -> None:
    edit(checkout, "README.md", "| `make up` |", "| `make down` |")
    edit(checkout, "README.pt-BR.md", "<!-- end kpis -->", "")
    before = (checkout / "README.md").read_bytes()
    with pytest.raises(OpsError, match=r"README\.pt-BR\.md: the section 'kpis' has no end before"):
        run(checkout, QUIET, write=True)
    assert (checkout / "README.md").read_bytes() == before


def test_windows_line_ends_beside_a_section_stay(checkout: Path) -> None:
    page = checkout / "README.md"
    before = page.read_bytes()
    edit(checkout, "README.md", "| `make up` |", "| `make down` |")
    page.write_bytes(page.read_bytes().replace(b"# Mundo Virtual\n", b"# Mundo Virtual\r\n"))
    run(checkout, QUIET, write=True)
    assert page.read_bytes() == before.replace(b"# Mundo Virtual\n", b"# Mundo Virtual\r\n")


def test_a_text_that_is_new_has_to_be_put_into_portuguese_first(checkout: Path) -> None:
    edit(checkout, "Makefile", "every container: state, health, restarts", "every container")
    texts(checkout, "en")
    with pytest.raises(OpsError, match=r"'every container' has no Portuguese in ops/readme/language\.py"):
        texts(checkout, "pt")


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("Makefile", "\nrotate:", "\nturn:", "the Makefile has no rotate: ops/readme/commands.py names it"),
        ("requirements/dev.txt", "\nfastapi==", "\nfasterapi==", "requirements/dev.txt does not say a version"),
        ("docs/benchmarks/refresh.json", "refresh-seconds", "refresh-hours", "a published result cannot be read"),
    ],
)
def test_a_source_that_is_gone_is_an_error(checkout: Path, file: str, old: str, new: str, why: str) -> None:
    edit(checkout, file, old, new)
    with pytest.raises(OpsError, match=why):
        texts(checkout, "en")


def test_every_kpi_is_there_once_with_the_state_of_its_value(checkout: Path) -> None:
    evidence = json.loads((checkout / "app/data/evidence.json").read_text())
    evidence["failover"] = {**evidence["partition_overhead"], "value": 0.25, "measured_at": "2026-02-03T04:05:06Z"}
    (checkout / "app/data/evidence.json").write_text(json.dumps(evidence))
    text = kpis.section(checkout, "pt")
    rows = {row.split(" | ")[0].strip("| "): row for row in text.splitlines() if row.startswith("| ")}
    for kpi in slo.KPIS:
        flat = " ".join(text.split())
        assert (kpi.titulo in rows) != (f"{kpi.titulo} {language.number(kpi.shown_target, 'pt')}" in flat), kpi.name
    assert rows[slo.by_name("failover").titulo] == (
        "| Troca do Redis principal | < 100 ms | 250 ms, **não cumprida** |"
        f" [2026-02-03]({evidence['failover']['source']}) |"
    )
    assert re.search(r"\| \d+\.\d{3} feições/s", rows[slo.by_name("ingest_throughput").titulo])


def test_a_benchmark_that_stands_for_a_kpi_is_judged_by_the_same_target() -> None:
    limits = {criterion.key: criterion.limit for criterion in CRITERIA}
    for name, (_, criterion) in kpis.BENCHMARKS.items():
        assert limits[criterion] == slo.by_name(name).target


def test_everyday_commands_are_targets_of_make_and_no_portuguese_is_left_over() -> None:
    known = commands.targets(ROOT)
    used = " ".join(texts(ROOT, "en").values())
    assert set(commands.EVERYDAY) <= known.keys()
    flat = " ".join(used.replace("`", "").split())
    leftover = [text for text in language._PORTUGUESE if " ".join(text.replace("`", "").split()) not in flat]
    assert set(leftover) <= {"not measured", "missed"}


# Texts that look like markers, and whatever else people write; no line of theirs is a marker.
_BESIDE = st.lists(st.sampled_from(["text", "", "\t", "\r", "é", "<!-- begin -->", " <!-- end a -->", "```", "| a |"]))
_MADE = st.text(alphabet=st.sampled_from("a\n|é ")).map(lambda text: f"{text}\n")


def block(name: str, text: str) -> str:
    """A section with its markers."""
    return f"<!-- begin {name}: made by `make readme` -->\n{text}<!-- end {name} -->"


@given(st.tuples(_BESIDE, _BESIDE, _BESIDE), st.tuples(_MADE, _MADE, _MADE))
def test_only_what_stands_between_markers_is_replaced(beside: tuple[list[str], ...], within: tuple[str, ...]) -> None:
    above, between, below = ("\n".join(lines) for lines in beside)
    first, second, anew = within

    def page(a: str, b: str) -> str:
        return "\n".join([above, block("a", a), between, block("b", b), below])

    made = {"a": anew, "b": second}
    assert markers.replaced(page(first, second), made) == page(anew, second)
    assert markers.stale(page(first, second), made) == (["a"] if first != anew else [])
    assert markers.replaced(page(anew, second), made) == page(anew, second)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<!-- begin a -->\n", "'a' has no end"),
        ("<!-- end a -->\n", "'a' ends without having begun"),
        ("<!-- begin a -->\n<!-- end b -->\n", "'b' ends without having begun"),
        ("<!-- begin a -->\n<!-- begin b -->\n<!-- end b -->\n<!-- end a -->\n", "'a' has no end before 'b' begins"),
        ("<!-- begin a -->\n<!-- end a -->\n<!-- begin a -->\n<!-- end a -->\n", "'a' stands twice"),
        ("<!-- begin b -->\n<!-- end b -->\n", "without a section: a, b"),
        ("no markers at all\n", "without a section: a"),
    ],
)
def test_broken_markers_are_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(OpsError, match=why):
        markers.replaced(text, {"a": "text\n"})
