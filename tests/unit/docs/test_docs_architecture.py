"""The picture of the architecture: what is declared, and arrows for what waits."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from ops.docs import architecture
from ops.docs.graph import declared
from ops.docs.picture import Node, columns, direct, draw

CHAIN = [
    Node("server", "server", "A", "container", ()),
    Node("schema", "schema", "A", "database", ("server",)),
    Node("app", "app & page", "B", "container", ("schema", "server")),
    Node("watch", "watch", "C", "container", ()),
]


def test_every_container_is_in_the_picture_and_in_the_table() -> None:
    picture, page = architecture.picture(), architecture.text()
    containers = declared().kind("Container")
    assert {"postgres", "redis-1", "sentinel-3", "catalog", "prometheus"} <= set(containers)
    for name in containers:
        assert f">{name}</text>" in picture
        assert f"`{name}`" in page


def test_boxes_wait_for_what_is_declared() -> None:
    needs = {node.id: node.needs for node in architecture.boxes(declared())}
    assert needs["Migrations"] == ("backup", "postgres")
    assert {"redis-1", "redis-2", "redis-3"} <= set(needs["sentinel-1"])
    assert {"Migrations", "sentinel-1", "sentinel-2", "sentinel-3"} <= set(needs["catalog"])
    assert "catalog" in needs["catalog-2"]
    assert {"catalog", "catalog-2"} <= set(needs["proxy"])
    assert needs["prometheus"] == ()


def test_what_waits_stands_to_the_right_of_what_it_needs() -> None:
    assert columns(CHAIN) == {"server": 0, "schema": 1, "app": 2, "watch": 0}


def test_an_arrow_that_others_say_already_is_left_out() -> None:
    assert direct(CHAIN) == [("server", "schema"), ("schema", "app")]


def test_the_picture_is_well_formed_and_boxes_do_not_overlap() -> None:
    tree = ET.fromstring(draw(["A", "B", "C"], CHAIN, "Title"))  # noqa: S314 - the picture is our own
    boxes = [box for box in tree.iter("{http://www.w3.org/2000/svg}rect") if box.get("rx")]
    assert len({(box.get("x"), box.get("y")) for box in boxes}) == len(CHAIN)
    assert "app & page" in [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text")]
