"""A shop's files: read by a mapping, turned into the same rows as the API's, brought in by the same actions."""

from community.catalog.actions.files.errors import FileError
from community.catalog.actions.files.mapping import Mapping, load_mapping, preset_names, preset_path
from community.catalog.actions.files.run import Fault, Progress, Tally, import_files

__all__ = [
    "Fault",
    "FileError",
    "Mapping",
    "Progress",
    "Tally",
    "import_files",
    "load_mapping",
    "preset_names",
    "preset_path",
]
