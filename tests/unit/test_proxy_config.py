"""The proxy and the instances behind it, as they are declared; the configuration is judged by HAProxy itself."""

from __future__ import annotations

import re

import pytest

from app.middleware import HEADERS, NEVER_KEPT, POLICY
from app.server import KEEP_ALIVE_S
from components import catalog, monitoring, proxy
from dashboards.slo import JOB_CATALOG, JOB_PROXY
from tests.built_images import run_in
from tests.unit.program import run
from tests.unit.stacks import STACKS, context

CHECK = ["haproxy", "-c", "-V", "-f", "haproxy.cfg"]


def configuration(stack: str = "local") -> str:
    declared = context(stack)
    return proxy.service(declared, catalog.addresses(declared)).config["haproxy.cfg"]


def seconds(name: str, conf: str) -> int:
    found = re.search(rf"^    {name} (\d+)s$", conf, re.MULTILINE)
    assert found, name
    return int(found[1])


@pytest.mark.parametrize("stack", STACKS)
def test_haproxy_accepts_its_configuration_without_a_warning(stack: str) -> None:
    status, output = run_in("haproxy", CHECK, {"haproxy.cfg": configuration(stack)})
    assert status == 0, output
    assert "WARNING" not in output


def test_haproxy_refuses_what_is_wrong() -> None:
    status, output = run_in("haproxy", CHECK, {"haproxy.cfg": configuration().replace("leastconn", "leastcon")})
    assert status != 0, output
    assert "leastcon" in output


def test_every_instance_is_asked_and_uploads_go_to_the_one_that_loads_them() -> None:
    conf = configuration()
    first, second = catalog.instances(context())
    assert re.findall(r"^    server (\S+) (\S+)$", conf, re.MULTILINE) == [*catalog.addresses(context()).items()]
    assert f"use-server {first.name} if METH_POST uploads" in conf
    assert "MUNDO_IMPORTS_WORKER" not in first.env
    assert second.env["MUNDO_IMPORTS_WORKER"] == "false"
    assert {key: value for key, value in second.env.items() if key != "MUNDO_IMPORTS_WORKER"} == first.env
    assert second.secrets == first.secrets
    (spool,), (shared,) = first.volumes, second.shared
    assert (shared.service, shared.name, shared.path, shared.read_only) == (first.name, spool.name, spool.path, False)


@pytest.mark.parametrize("stack", STACKS)
def test_the_proxy_is_more_patient_than_the_app_which_says_why(stack: str) -> None:
    conf, imports = configuration(stack), context(stack).settings.imports
    assert seconds("timeout client", conf) > imports.stall_timeout_seconds
    assert seconds("timeout server", conf) > imports.upload_timeout_seconds


def test_the_proxy_gives_up_an_idle_connection_before_the_app_does() -> None:
    assert seconds("timeout http-keep-alive", configuration()) < KEEP_ALIVE_S


def test_what_the_proxy_refuses_has_the_headers_of_the_apps_refusals() -> None:
    theirs = {name.decode(): value.decode() for name, value in (*HEADERS, POLICY, NEVER_KEPT)}
    lines = re.findall(r"^    http-error .*$", configuration(), re.MULTILINE)
    assert lines
    for line in lines:
        ours = {name.lower(): value for name, value in re.findall(r'hdr (\S+) "([^"]*)"', line)}
        assert {name: theirs[name] for name in ours.keys() & theirs.keys()} == {
            name: value for name, value in ours.items() if name != "retry-after"
        }
        assert {"cache-control", "content-security-policy", "x-content-type-options"} <= set(ours)


@pytest.mark.parametrize("stack", STACKS)
def test_an_instance_that_ends_has_the_time_it_is_promised(stack: str) -> None:
    for one in catalog.instances(context(stack)):
        promised = float(one.env["MUNDO_LEAVE_S"]) + float(one.env["MUNDO_SHUTDOWN_GRACE_S"])
        assert one.stop_seconds > promised
        assert float(one.env["MUNDO_SHUTDOWN_GRACE_S"]) == context(stack).settings.catalog.drain_seconds


@pytest.mark.parametrize("stack", STACKS)
def test_the_proxy_alone_is_published_and_both_instances_are_watched(stack: str) -> None:
    declared, app = run(stack), context(stack).settings.ports.app
    published = {
        name: [port["external"] for port in container.get("ports") or []]
        for name, container in declared.of("Container").items()
    }
    assert [name for name, ports in published.items() if app in ports] == [proxy.NAME]
    watched = {job.name: job.targets for job in monitoring.scrape_jobs(context(stack))}
    assert [target.instance for target in watched[JOB_CATALOG]] == list(catalog.NAMES)
    assert [target.instance for target in watched[JOB_PROXY]] == [proxy.NAME]


def test_one_instance_has_the_port_and_everything_to_itself() -> None:
    alone = context(catalog={"instances": 1})
    (app,) = catalog.instances(alone)
    assert app == catalog.service(alone)
    assert [port.host for port in app.ports] == [alone.settings.ports.app]
    assert app.env["MUNDO_POSTGRES_POOL_SIZE"] == str(alone.settings.catalog.db_pool_size)
    jobs = {job.name: job.targets for job in monitoring.scrape_jobs(alone)}
    assert JOB_PROXY not in jobs
    assert len(jobs[JOB_CATALOG]) == 1


def test_pools_that_share_their_connections_have_enough_of_them() -> None:
    odd = context(catalog={"db_pool_size": 5})
    each = [int(one.env["MUNDO_POSTGRES_POOL_SIZE"]) for one in catalog.instances(odd)]
    assert each == [3, 3]
    # The health check and the session that follows the changes; twice, since lost ones can be replaced.
    assert odd.settings.app_connections == 2 * sum(pool + 2 for pool in each)
