"""What docs/traceability.yaml may hold."""

from __future__ import annotations

from collections.abc import Iterator  # noqa: TC003 - pydantic reads the annotations at run time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

OPTIMIZATIONS = ("OPT1", "OPT2", "OPT3", "OPT4", "OPT5")

_Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=400)]
_Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=90)]
_Path = Annotated[str, StringConstraints(pattern=r"^\.?\w[\w.-]*(/\.?\w[\w.-]*)*$")]
_Symbol = Annotated[str, StringConstraints(pattern=r"^[a-z_]\w*(\.\w+)+$")]
_SqlName = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$")]
_Metric = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_:]*$")]
_Word = Annotated[str, StringConstraints(pattern=r"^[\w-]+$")]
_Test = Annotated[str, StringConstraints(pattern=r"^(tests/[\w/]+\.py(::\w+)+|sql/tests/\w+\.sql)$")]
_Page = Annotated[str, StringConstraints(pattern=r"^([\w-]+/)*[\w.-]+\.md(#[\w-]+)?$")]


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what is listed twice, which would count twice."""
    for number, value in enumerate(values):
        if value in values[:number]:
            raise ValueError(f"{value} is listed twice")
    return values


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Artifacts(_Strict):
    """What makes a requirement true, by kind.

    Attributes:
        files: files or folders, relative to the repository.
        code: Python modules, classes or functions with their module, such as `components.cache.Cache`.
        sql: tables, views, functions and triggers of the migrations.
        alerts: alert rules.
        metrics: series of the app, of the database and recorded ones.
        kpis: names in dashboards/slo.py.
        dashboards: generated dashboards, without `.json`.
        make: targets of the Makefile.
    """

    files: Annotated[tuple[_Path, ...], AfterValidator(_each_once)] = ()
    code: Annotated[tuple[_Symbol, ...], AfterValidator(_each_once)] = ()
    sql: Annotated[tuple[_SqlName, ...], AfterValidator(_each_once)] = ()
    alerts: Annotated[tuple[_Word, ...], AfterValidator(_each_once)] = ()
    metrics: Annotated[tuple[_Metric, ...], AfterValidator(_each_once)] = ()
    kpis: Annotated[tuple[_Word, ...], AfterValidator(_each_once)] = ()
    dashboards: Annotated[tuple[_Word, ...], AfterValidator(_each_once)] = ()
    make: Annotated[tuple[_Word, ...], AfterValidator(_each_once)] = ()

    def all(self) -> Iterator[tuple[str, str]]:
        """Kind and name of every artifact."""
        for kind in type(self).model_fields:
            for name in getattr(self, kind):
                yield kind, name


class Requirement(_Strict):
    """One statement that can be found true or false.

    Attributes:
        id: such as `OPT1-03`; it is never given to another requirement.
        titulo: a few words in Portuguese, for who reads the matrix.
        text: what must hold, one sentence.
        status: `met`: it holds today and everything that shows it is linked. `planned`: not, or not wholly.
        gap: what is missing while it is planned.
        artifacts: what makes it true.
        tests: pytest node ids without parameters, or pgTAP files.
        evidence: pages with what was measured, drilled or has to be done, with an anchor where that helps.
    """

    id: Annotated[str, StringConstraints(pattern=r"^OPT[1-5]-\d\d$")]
    titulo: _Title
    text: _Sentence
    status: Literal["met", "planned"] = "met"
    gap: _Sentence | None = None
    artifacts: Artifacts = Artifacts()
    tests: Annotated[tuple[_Test, ...], AfterValidator(_each_once)] = ()
    evidence: Annotated[tuple[_Page, ...], AfterValidator(_each_once)] = ()

    @model_validator(mode="after")
    def _say_what_is_missing(self) -> Self:
        if self.status == "planned" and self.gap is None:
            raise ValueError("status planned needs `gap`: what is missing")
        if self.status == "met" and self.gap is not None:
            raise ValueError("`gap` is allowed with status planned only")
        return self

    @property
    def missing(self) -> list[str]:
        """Kinds of links that it has none of."""
        found = {"artifact": any(self.artifacts.all()), "test": bool(self.tests), "evidence": bool(self.evidence)}
        return [kind for kind, there in found.items() if not there]

    @property
    def traced(self) -> bool:
        """Whether it counts as traced."""
        return self.status == "met" and not self.missing

    @property
    def links(self) -> int:
        """Number of its links to artifacts, tests and evidence."""
        return len(list(self.artifacts.all())) + len(self.tests) + len(self.evidence)


class Optimization(_Strict):
    """One of the five things that were asked for.

    Attributes:
        id: `OPT1` to `OPT5`.
        titulo: its name in Portuguese.
        title: its name in English.
        requirements: what it asks for, at least one.
    """

    id: Literal["OPT1", "OPT2", "OPT3", "OPT4", "OPT5"]
    titulo: _Title
    title: _Title
    requirements: tuple[Requirement, ...]


class Matrix(_Strict):
    """The whole file: the five optimizations in their order."""

    optimizations: tuple[Optimization, ...]

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        order = tuple(optimization.id for optimization in self.optimizations)
        if order != OPTIMIZATIONS:
            raise ValueError(f"optimizations are {', '.join(order) or 'none'}: allowed are {', '.join(OPTIMIZATIONS)}")
        seen: set[str] = set()
        for optimization in self.optimizations:
            if not optimization.requirements:
                raise ValueError(f"{optimization.id} has no requirement")
            for requirement in optimization.requirements:
                if not requirement.id.startswith(optimization.id):
                    raise ValueError(f"{requirement.id} stands under {optimization.id}")
                if requirement.id in seen:
                    raise ValueError(f"{requirement.id} is there twice: ids are unique")
                seen.add(requirement.id)
        return self

    def requirements(self) -> Iterator[Requirement]:
        """Every requirement, in order."""
        for optimization in self.optimizations:
            yield from optimization.requirements
