"""Pages, verdicts, options and the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks import criteria, index, options, registry, validation
from benchmarks.blocks import Comparison
from benchmarks.report import Figure, Report, Table, number
from dashboards import slo

if TYPE_CHECKING:
    from pathlib import Path


def report(ratio: float, *, drain: float = 4.0) -> Report:
    """One ratio without noise and one figure."""
    return Report(
        name="partitions",
        title="Cost of partitions",
        about="What is compared.",
        parameters={"rows of a batch": 1000},
        comparisons=[
            Comparison(
                "COPY", "s", "partitioned", "plain", ([0.002 * ratio] * 10, [0.002] * 10), criterion="partition-batch"
            )
        ],
        figures=[Figure("longest", drain, "s", "drain")],
        command="python -m benchmarks partitions",
        machine={"cores": "2", "commit": "abc"},
    )


def test_a_page_has_the_ratio_its_interval_the_aim_and_the_command() -> None:
    page = report(1.01).markdown()
    assert "| COPY | partitioned | 2.02 ms | plain | 2 ms | 1.010 (1.010 to 1.010) |" in page
    assert "≤ 1.020: met" in page
    assert "`python -m benchmarks partitions` gives this page" in page
    assert "- cores: 2" in page
    assert "≤ 1.020: **missed**" in report(1.03).markdown()


def test_results_are_written_whole_with_every_value(tmp_path: Path) -> None:
    report(1.03).write(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["partitions.json", "partitions.md"]
    read = json.loads((tmp_path / "partitions.json").read_text())
    assert len(read["comparisons"][0]["values"][0]) == 10
    assert read["comparisons"][0]["ratio"]["median"] == pytest.approx(1.03)
    assert [(verdict["criterion"], verdict["met"]) for verdict in read["verdicts"]] == [
        ("partition-batch", False),
        ("drain", True),
    ]


def test_a_page_has_numbers_side_by_side() -> None:
    found = report(1)
    found.tables = [Table(("route", "P50", "errors"), {"search": [(0.0125, "s"), (0, "")]})]
    assert "| route | P50 | errors |\n|---|---:|---:|\n| search | 12.5 ms | 0 |\n" in found.markdown()


def test_the_index_lists_the_pages_that_are_there(tmp_path: Path) -> None:
    report(1.03).write(tmp_path)
    index.write(tmp_path, list(registry.BENCHMARKS))
    page = (tmp_path / "README.md").read_text()
    assert "| [Cost of partitions](partitions.md) |" in page
    assert "| 1.030 | ≤ 1.020: **missed** |" in page
    assert "refresh.md" not in page


def test_the_upper_end_of_the_interval_counts_where_it_should() -> None:
    whole, median = criteria.by_key("partition-single"), criteria.by_key("partition-batch")
    assert whole.whole
    assert whole.met_by(1.02, 1.04)
    assert not whole.met_by(1.02, 1.06)
    assert median.met_by(1.01, 1.5)


def test_a_limit_may_be_one_to_reach(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    rate = criteria.Criterion("rate", "requests a second", 0.8, "ratio", whole=True, better="higher")
    assert rate.met_by(0.7, 0.8)
    assert not rate.met_by(0.9, 0.79)
    monkeypatch.setattr(criteria, "CRITERIA", (rate,))
    values = ([0.9] * 6 + [0.7] * 6, [1.0] * 12)
    found = report(1)
    found.figures = []
    found.comparisons = [Comparison("fast", "requests/s", "ours", "theirs", values, criterion="rate")]
    assert "≥ 0.800: **missed**" in found.markdown()
    assert [(verdict.value, verdict.worst, verdict.met) for verdict in found.verdicts()] == [(0.8, 0.7, False)]
    assert not validation.passed([found], 100_000)
    assert "FAIL  requests a second: 0.800, interval down to 0.700 (fast) (limit 0.800)" in capsys.readouterr().out


def test_limits_are_those_of_the_kpis() -> None:
    assert criteria.by_key("partition-single").limit == 1 + slo.by_name("partition_overhead").target
    assert criteria.by_key("refresh-seconds").limit == slo.by_name("view_refresh").target
    assert len({criterion.key for criterion in criteria.CRITERIA}) == len(criteria.CRITERIA)


def everything() -> Report:
    """A report with a number for every criterion, each just good enough."""
    figures = [
        Figure(criterion.text, criterion.limit, criterion.unit, criterion.key) for criterion in criteria.CRITERIA
    ]
    return Report(name="all", title="All", about="", parameters={}, figures=figures)


def test_validation_passes_when_every_criterion_is_met(capsys: pytest.CaptureFixture[str]) -> None:
    assert validation.passed([everything()], 100_000)
    printed = capsys.readouterr().out
    assert printed.count("  pass  ") == len(criteria.CRITERIA)
    assert "FAIL" not in printed


@pytest.mark.parametrize("key", [criterion.key for criterion in criteria.CRITERIA])
def test_validation_fails_when_one_is_missed_or_not_measured(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    missed = everything()
    worse = 1.001 if criteria.by_key(key).better == "lower" else 0.999
    missed.figures = [
        replace(figure, value=figure.value * worse or 1) if figure.criterion == key else figure
        for figure in missed.figures
    ]
    assert not validation.passed([missed], 100_000)
    missed.figures = [figure for figure in missed.figures if figure.criterion != key]
    assert not validation.passed([missed], 100_000)
    assert f"FAIL  {criteria.by_key(key).text}: not measured" in capsys.readouterr().out


def test_a_criterion_that_the_scale_cannot_judge_is_said_to_be_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    small = everything()
    small.figures = [figure for figure in small.figures if figure.criterion != "search-common"]
    assert validation.passed([small], 2000)
    assert "skip  P95 of a search" in capsys.readouterr().out


def test_validation_runs_benchmarks_that_exist_on_the_projects_own_image() -> None:
    assert set(validation.NAMES) <= set(registry.BENCHMARKS) - set(registry.OTHER_IMAGES)


def test_benchmarks_of_one_image_share_a_server() -> None:
    assert registry.by_image(["partitions", "drain"], print) == [(None, ["partitions", "drain"])]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (2.5, "s", "2.5 s"),
        (0.0025, "s", "2.5 ms"),
        (0.0000025, "s", "2.5 µs"),
        (0.01234, "ratio", "0.0123"),
        (7, "", "7"),
        (12345.6, "requests/s", "12346 requests/s"),
        (99.95, "%", "99.95 %"),
    ],
)
def test_numbers_are_written_for_people(value: float, unit: str, text: str) -> None:
    assert number(value, unit) == text


def test_options_take_what_is_given_and_refuse_what_makes_no_sense() -> None:
    chosen = options.chosen("small", pairs=14, rows=None, entries=3000, geometries=3000)
    assert (chosen.pairs, chosen.refresh_pairs, chosen.search_entries, chosen.rows) == (14, 14, 3000, 1000)
    for given, text in (
        ({"pairs": 11}, "an even number from 12 up"),
        ({"rows": 0}, "--rows is 0, allowed is 1 to 100000"),
        ({"entries": 10}, "--entries is 10"),
        ({"geometries": 1000}, "not fewer geometries than entries"),
    ):
        with pytest.raises(options.OptionError, match=text):
            options.chosen("small", **given)
    with pytest.raises(options.OptionError, match="--scale is huge, allowed is small, medium, full"):
        options.chosen("huge")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nothing"], "benchmarks: no benchmark nothing, there are partitions, "),
        (["drain", "--scale", "huge"], "benchmarks: --scale is huge"),
    ],
)
def test_a_wrong_command_ends_with_one_line(arguments: list[str], text: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.startswith(text)
    assert len(done.stderr.splitlines()) == 1
    assert not done.stdout
