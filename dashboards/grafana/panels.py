"""The kinds of panels: lines over time, one number, up or down, and a table."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING, Final, TypeVar

from grafana_foundation_sdk.builders import common, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphTresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)

from dashboards.grafana import links
from dashboards.grafana.queries import SOURCE, drawn, now

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Query = tuple[str, str]
"""PromQL and the legend of its lines."""

Steps = tuple[tuple[float | None, str], ...]
"""Thresholds: from which value on a colour holds; the first has no value."""

WHOLE: Final = 24
"""Columns of Grafana's grid."""
_HALF: Final = 12
_CHART_HEIGHT: Final = 8
_NUMBER_HEIGHT: Final = 4
NOTHING: Final = "sem dados"
_PLAIN: Final[Steps] = ((None, "text"),)


_P = TypeVar("_P", timeseries.Panel, stat.Panel, table.Panel)


def thresholds(steps: Steps) -> ThresholdsConfig:
    """Colours by absolute value."""
    config = ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE)
    return config.steps([Threshold(color=color, value=value) for value, color in steps])


def chart(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    width: int = _HALF,
    limit: float | None = None,
    stacked: bool = False,
    scraped_every: str = "",
    alerts: Sequence[str] = (),
) -> timeseries.Panel:
    """Lines over time.

    Args:
        title: what is shown, in a few words.
        description: the same in a sentence.
        unit: Grafana's name of the unit.
        queries: what is drawn.
        width: columns of 24.
        limit: a dashed red line.
        stacked: one above the other, where the sum means something.
        scraped_every: how often what is drawn is scraped, where that is more seldom than usual, such as `60s`.
        alerts: alerts whose runbooks are linked.
    """
    panel = _begun(timeseries.Panel(), title, description, unit=unit, width=width, height=_CHART_HEIGHT, alerts=alerts)
    panel = panel.axis_soft_min(0).fill_opacity(10).line_width(1).no_value(NOTHING)
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.TABLE).placement(LegendPlacement.BOTTOM)
    panel = panel.legend(legend.show_legend(True).calcs(["lastNotNull", "max"]))  # noqa: FBT003 - the SDK's
    panel = panel.tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    if limit is not None:
        style = common.GraphThresholdsStyleConfig().mode(GraphTresholdsStyleMode.DASHED)
        panel = panel.thresholds_style(style).thresholds(thresholds(((None, "transparent"), (limit, "red"))))
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    return _with(panel, queries, scraped_every)


def number(
    title: str,
    description: str,
    unit: str,
    query: str,
    *,
    steps: Steps = _PLAIN,
    legend: str = "",
    width: int = 4,
    alerts: Sequence[str] = (),
) -> stat.Panel:
    """One number, coloured by its thresholds; a name instead where `legend` is given.

    Args:
        title: what is shown, in a few words.
        description: the same in a sentence.
        unit: Grafana's name of the unit.
        query: what is shown, the last value.
        steps: the thresholds.
        legend: shown instead of the value.
        width: columns of 24.
        alerts: alerts whose runbooks are linked.
    """
    panel = _begun(stat.Panel(), title, description, unit=unit, width=width, height=_NUMBER_HEIGHT, alerts=alerts)
    panel = panel.thresholds(thresholds(steps)).no_value(NOTHING)
    panel = panel.color_mode(BigValueColorMode.NONE if steps == _PLAIN else BigValueColorMode.BACKGROUND)
    panel = panel.graph_mode(BigValueGraphMode.AREA)
    panel = panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    if legend:
        panel = panel.text_mode(BigValueTextMode.NAME).graph_mode(BigValueGraphMode.NONE)
    return _with(panel, [(query, legend or title)])


def state(
    title: str,
    description: str,
    query: str,
    *,
    good: str = "no ar",
    bad: str = "fora do ar",
    width: int = 4,
    alerts: Sequence[str] = (),
) -> stat.Panel:
    """Whether something holds: 1 is good, 0 is bad."""
    panel = number(title, description, "none", query, steps=((None, "red"), (1, "green")), width=width, alerts=alerts)
    words = {
        "0": ValueMappingResult(text=bad, color="red", index=0),
        "1": ValueMappingResult(text=good, color="green", index=1),
    }
    return panel.graph_mode(BigValueGraphMode.NONE).mappings([ValueMap(options=words)])


def rows(
    title: str,
    description: str,
    unit: str,
    by: tuple[str, str],
    *,
    queries: Mapping[str, str],
    units: Mapping[str, str] | None = None,
    width: int = _HALF,
    alerts: Sequence[str] = (),
) -> table.Panel:
    """A table: a row for each value of a label, a column for each query.

    Args:
        title: what is shown, in a few words.
        description: the same in a sentence.
        unit: Grafana's name of the unit of the columns.
        by: the label, which every query keeps, and its heading.
        queries: heading → PromQL.
        units: heading → unit, where a column has another.
        width: columns of 24.
        alerts: alerts whose runbooks are linked.
    """
    panel = _begun(
        table.Panel(), title, description, unit=unit, width=width, height=_CHART_HEIGHT, alerts=alerts
    ).no_value(NOTHING)
    label, heading = by
    names = {label: heading}
    for letter, (column, expr) in zip(ascii_uppercase, queries.items(), strict=False):
        panel = panel.with_target(now(f"max by ({label}) ({expr})").ref_id(letter))
        # A table of one query calls its column "Value", one of several adds the query's letter.
        names["Value" if len(queries) == 1 else f"Value #{letter}"] = column
    panel = panel.show_header(True).with_transformation(DataTransformerConfig(id_val="merge", options={}))  # noqa: FBT003 - the SDK's
    panel = panel.with_transformation(
        DataTransformerConfig(id_val="organize", options={"excludeByName": {"Time": True}, "renameByName": names})
    )
    for column, other in (units or {}).items():
        panel = panel.override_by_name(column, [DynamicConfigValue(id_val="unit", value=other)])
    return panel


def _begun(panel: _P, title: str, description: str, *, unit: str, width: int, height: int, alerts: Sequence[str]) -> _P:
    panel = panel.title(title).description(description).datasource(SOURCE).unit(unit).span(width).height(height)
    return panel.links([links.runbook(alert) for alert in alerts])


def _with(panel: _P, queries: Sequence[Query], scraped_every: str = "") -> _P:
    for letter, (expr, legend) in zip(ascii_uppercase, queries, strict=False):
        panel = panel.with_target(drawn(expr, legend, scraped_every).ref_id(letter))
    return panel
