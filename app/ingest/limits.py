"""Every bound of the ingest pipeline, once: what is larger is refused in one line instead of filling the memory."""

from typing import Final

MIB: Final = 1024 * 1024

BATCH_FEATURES: Final = 2_000
"""Features parsed, validated and copied together."""

BATCH_BYTES: Final = 8 * MIB
"""A batch is closed early when its text reaches this many bytes, so large features need no more memory."""

READ_BYTES: Final = MIB
"""Bytes asked of a file at a time."""

MAX_RECORD_BYTES: Final = 64 * MIB
"""The longest single record (line) of a line-delimited file, as UTF-8."""

MAX_DOCUMENT_BYTES: Final = 512 * MIB
"""The largest JSON document that is parsed whole (a list of records, or whatever is not a plain FeatureCollection)."""

MAX_WHOLE_BYTES: Final = 8 * MIB
"""A larger FeatureCollection is read feature by feature and may be of any size, as may line-delimited files."""

MAX_UNPACKED_BYTES: Final = 4 * 1024 * MIB
"""What a zip archive may unpack to, all of its members together."""

MAX_ARCHIVE_MEMBERS: Final = 10_000
"""Members a zip archive may have."""

MAX_RAW_CHARACTERS: Final = 8_192
"""How much of a rejected record is kept in importacao_rejeitos.bruto."""

MAX_ID_CHARACTERS: Final = 200
"""A longer feature id does not fit a B-tree key; such a feature is known by its position instead."""

MAX_KIND_CHARACTERS: Final = 100
"""Where tipo, camada and categoria are cut; the whole value stays in catalogo_origem.atributos."""

MAX_NAME_CHARACTERS: Final = 255
"""Where catalogo.nome is cut; the whole value stays in catalogo_origem.atributos."""

MAX_DESCRIPTION_CHARACTERS: Final = 10_000
"""Where catalogo.descricao is cut; the whole value stays in catalogo_origem.atributos."""

MAX_SAMPLE: Final = 5_000_000
"""The largest synthetic farm."""
