"""The description of a feature's properties says what the view has."""

from datetime import datetime
from types import NoneType
from typing import get_args

from app.mapa.feature_models import FeatureProperties
from app.mapa.view import PROPERTIES

_KINDS = {"integer": int, "text": str, "boolean": bool, "instant": datetime}


def test_each_column_is_described_as_it_is() -> None:
    described = {
        name: ({*get_args(field.annotation)} or {field.annotation})
        for name, field in FeatureProperties.model_fields.items()
    }
    assert described == {
        column.name: {_KINDS[column.kind], NoneType} if column.nullable else {_KINDS[column.kind]}
        for column in PROPERTIES
    }
    assert [*described] == [column.name for column in PROPERTIES]
