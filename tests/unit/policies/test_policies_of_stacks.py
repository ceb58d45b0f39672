"""What the engine would make of every stack keeps the policies: `pulumi preview` against an empty backend."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops.policies import ask
from ops.policies.check import check
from ops.policies.exceptions import EXEMPTIONS
from ops.policies.planned import CONTAINER, VOLUME, Planned
from tests.unit.engine_things import engine_of_its_own
from tests.unit.stacks import STACKS


@pytest.fixture(scope="module")
def planned() -> dict[str, Planned]:
    with engine_of_its_own():
        return {name: ask.ask(name) for name in ask.stacks()}


def _data(stack: Planned) -> set[str]:
    return {one.name for one in stack.of(VOLUME) if stack.holds_data(str(one.inputs["name"]))}


def test_every_stack_is_looked_at(planned: dict[str, Planned]) -> None:
    assert set(planned) == set(STACKS)
    for stack in planned.values():
        assert len(stack.of(CONTAINER)) >= 15, stack.name
        assert {"postgres-data", "redis-1-data", "prometheus-data"} <= _data(stack)


def test_every_stack_keeps_every_policy(planned: dict[str, Planned]) -> None:
    outcome = check(list(planned.values()), EXEMPTIONS)
    assert [str(one) for one in outcome.findings] == []
    assert outcome.unused == ()
    assert all(outcome.asked.values()), outcome.asked


def test_production_protects_what_holds_data_and_nothing_else(planned: dict[str, Planned]) -> None:
    assert {one.name for one in planned["prod"].resources if one.protect} == _data(planned["prod"])
    assert not any(one.protect for name in ("dev", "local") for one in planned[name].resources)


def test_unprotected_data_would_be_found(planned: dict[str, Planned]) -> None:
    findings = check([replace(planned["dev"], protects=True)], EXEMPTIONS).findings
    assert {one.resource for one in findings} == _data(planned["dev"])
    assert {one.policy for one in findings} == {"protect"}
