"""CQL2 as text, read into its JSON form: the grammar of the standard, as far as filters here go."""

from __future__ import annotations

import re
from typing import Any

import orjson
import shapely
from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, v_args

from app.mapa.errors import FilterError

# Each parenthesis is either a group of conditions, a list, or a call's, so one token ahead always tells; parsing takes
# as long as the text is, however its parentheses nest.
_GRAMMAR = r"""
?start: any_of
?any_of: all_of (_OR all_of)*
?all_of: factor (_AND factor)*
?factor: _NOT factor -> negation
    | "(" any_of ")"
    | comparison
    | scalar

?comparison: scalar COMPARISON scalar
    | scalar _LIKE scalar -> like
    | scalar _NOT _LIKE scalar -> not_like
    | scalar _ILIKE scalar -> ilike
    | scalar _NOT _ILIKE scalar -> not_ilike
    | scalar _BETWEEN scalar _AND scalar -> between
    | scalar _NOT _BETWEEN scalar _AND scalar -> not_between
    | scalar _IN list -> within
    | scalar _NOT _IN list -> not_within
    | scalar _IS _NULL -> is_null
    | scalar _IS _NOT _NULL -> is_not_null
list: "(" scalar ("," scalar)* ")"

?scalar: NAME -> property
    | QUOTED -> quoted
    | STRING -> string
    | NUMBER -> number
    | _TRUE -> true
    | _FALSE -> false
    | NAME "(" (argument ("," argument)*)? ")" -> call
?argument: scalar | geometry
geometry: SHAPE coordinates
coordinates: "(" position ("," position)* ")"
?position: coordinates | point
point: NUMBER+

COMPARISON: "<>" | "<=" | ">=" | "=" | "<" | ">"
_OR.2: /OR\b/i
_AND.2: /AND\b/i
_NOT.2: /NOT\b/i
_LIKE.2: /LIKE\b/i
_ILIKE.2: /ILIKE\b/i
_BETWEEN.2: /BETWEEN\b/i
_IN.2: /IN\b/i
_IS.2: /IS\b/i
_NULL.2: /NULL\b/i
_TRUE.2: /TRUE\b/i
_FALSE.2: /FALSE\b/i
SHAPE.2: /(MULTI)?(POINT|LINESTRING|POLYGON)(\s+Z)?(?=\s*\()/i
NAME: /[^\W\d][\w.:]*/
QUOTED: /"[^"]+"/
STRING: /'(?:''|\\'|[^'\\]|\\(?!'))*'/
NUMBER: /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/
%ignore /\s+/
"""

Node = Any

_ESCAPED = re.compile(r"''|\\'")


def _op(op: str, *args: Node) -> Node:
    return {"op": op, "args": list(args)}


def _not(node: Node) -> Node:
    return _op("not", node)


def _casei(node: Node) -> Node:
    return _op("casei", node)


@v_args(inline=True)
class _Nodes(Transformer[Token, Node]):
    """Makes the JSON form while the text is read, so that no tree is walked and no depth matters."""

    def any_of(self, *conditions: Node) -> Node:
        return _op("or", *conditions)

    def all_of(self, *conditions: Node) -> Node:
        return _op("and", *conditions)

    def negation(self, condition: Node) -> Node:
        return _not(condition)

    def comparison(self, left: Node, op: Token, right: Node) -> Node:
        return _op(str(op), left, right)

    def like(self, text: Node, pattern: Node) -> Node:
        return _op("like", text, pattern)

    def not_like(self, text: Node, pattern: Node) -> Node:
        return _not(self.like(text, pattern))

    def ilike(self, text: Node, pattern: Node) -> Node:
        # Not of the standard: GDAL's word for it.
        return _op("like", _casei(text), _casei(pattern))

    def not_ilike(self, text: Node, pattern: Node) -> Node:
        return _not(self.ilike(text, pattern))

    def between(self, value: Node, low: Node, high: Node) -> Node:
        return _op("between", value, low, high)

    def not_between(self, value: Node, low: Node, high: Node) -> Node:
        return _not(self.between(value, low, high))

    def within(self, value: Node, items: Node) -> Node:
        return _op("in", value, items)

    def not_within(self, value: Node, items: Node) -> Node:
        return _not(self.within(value, items))

    def is_null(self, value: Node) -> Node:
        return _op("isNull", value)

    def is_not_null(self, value: Node) -> Node:
        return _not(self.is_null(value))

    def list(self, *items: Node) -> Node:
        return [*items]

    def property(self, name: Token) -> Node:
        return {"property": str(name)}

    def quoted(self, name: Token) -> Node:
        return {"property": name[1:-1]}

    def string(self, text: Token) -> Node:
        return _ESCAPED.sub("'", text[1:-1])

    def number(self, text: Token) -> Node:
        return int(text) if text.lstrip("+-").isdigit() and len(text) < 20 else float(text)  # noqa: PLR2004

    def true(self) -> Node:
        return True

    def false(self) -> Node:
        return False

    def call(self, name: Token, *args: Node) -> Node:
        word = name.lower()
        if word in {"bbox", "interval"}:
            return {word: [*args]}
        if word in {"date", "timestamp"}:
            if len(args) != 1:
                raise FilterError(f"{word.upper()} takes one text")
            return {word: args[0]}
        return _op(word, *args)

    def point(self, *numbers: Token) -> str:
        return " ".join(numbers)

    def coordinates(self, *positions: str) -> str:
        return f"({', '.join(positions)})"

    def geometry(self, shape: Token, coordinates: str) -> Node:
        try:
            found = shapely.from_wkt(f"{shape} {coordinates}")
        except shapely.errors.ShapelyError:
            raise FilterError(f"the {shape.upper()} cannot be read") from None
        return orjson.loads(shapely.to_geojson(found))


_PARSER = Lark(_GRAMMAR, parser="lalr", transformer=_Nodes())


def parse(text: str, language: str) -> Node:
    """Return the JSON form of a filter in that language; raises FilterError."""
    if language == "cql2-json":
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise FilterError(f"it is no JSON: {error}") from None
    try:
        return _PARSER.parse(text)
    except UnexpectedCharacters as error:
        raise FilterError(f"nothing begins with {error.char!r} at character {(error.pos_in_stream or 0) + 1}") from None
    except UnexpectedInput as error:
        raise FilterError(_where(error, text)) from None


def _where(error: UnexpectedInput, text: str) -> str:
    token = getattr(error, "token", None)
    if not isinstance(token, Token) or token.type == "$END":
        return f"it ends too early, after {text.strip()[-20:]!r}" if text.strip() else "it is empty"
    return f"{str(token)[:40]!r} at character {(token.start_pos or 0) + 1} is not expected there"
