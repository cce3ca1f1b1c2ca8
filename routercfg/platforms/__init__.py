"""Vendor packs: finding them, loading them, reading and rendering with them."""

from routercfg.platforms.outputs import Output, Outputs
from routercfg.platforms.pack import Driver, Pack
from routercfg.platforms.registry import load_pack, load_simulator, manifest, pack_folders, resolve
from routercfg.platforms.table import Row, rows

__all__ = [
    "Driver",
    "Output",
    "Outputs",
    "Pack",
    "Row",
    "load_pack",
    "load_simulator",
    "manifest",
    "pack_folders",
    "resolve",
    "rows",
]
