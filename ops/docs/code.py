"""The page of the code: public modules, classes and functions with the first line of their docstrings."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from ops.docs.page import head
from ops.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE: Final = "the docstrings in `components`, `app` and `ops`"
PACKAGES: Final = ("components", "app", "ops")
_ABOUT: Final = """\
Where what is: each module with its classes and functions, by the first line of what they promise. The site has every
module in full, with signatures and sources.
"""
_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def text() -> str:
    """The page; nothing is imported."""
    parts = [head("Code", SOURCE, _ABOUT)]
    for package in PACKAGES:
        parts.append(f"## {package}\n")
        parts += [_module(path) for path in modules(ROOT / package)]
    return "\n".join(parts)


def modules(folder: Path) -> Iterator[Path]:
    """Public modules of a package, by their dotted names."""
    found = (path for path in folder.rglob("*.py") if path.name in {"__init__.py", "__main__.py"} or _public(path.stem))
    yield from sorted(found, key=name)


def name(path: Path) -> str:
    """The dotted name of the module in a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _module(path: Path) -> str:
    tree = ast.parse(path.read_bytes())
    dotted = name(path)
    lines = [f"### {dotted}\n", f"{_first_line(tree)}\n"]
    for node in tree.body:
        if isinstance(node, _Definition) and _public(node.name):
            shown = f"class {node.name}" if isinstance(node, ast.ClassDef) else f"{node.name}({_arguments(node)})"
            lines.append(f"- `{shown}`: {_first_line(node)}")
    return "\n".join(lines) + ("\n" if lines[-1].startswith("- ") else "")


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    found = node.args
    names = [argument.arg for argument in (*found.posonlyargs, *found.args)]
    if found.vararg:
        names.append(f"*{found.vararg.arg}")
    elif found.kwonlyargs:
        names.append("*")
    names += [argument.arg for argument in found.kwonlyargs]
    return ", ".join([*names, f"**{found.kwarg.arg}"] if found.kwarg else names)


def _first_line(node: ast.Module | _Definition) -> str:
    return (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ")


def _public(identifier: str) -> bool:
    return not identifier.startswith("_")
