"""Texts that people write: read once, with the line of every key, into frozen values."""

from routercfg.documents.files import read_text
from routercfg.documents.frozen import FrozenMapping, plain
from routercfg.documents.validation import reported
from routercfg.documents.yamltext import TagReader, read_yaml

__all__ = ["FrozenMapping", "TagReader", "plain", "read_text", "read_yaml", "reported"]
