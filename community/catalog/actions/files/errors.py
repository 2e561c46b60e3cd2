"""Faults of the files as a whole, as against faults of a row."""


class FileError(Exception):
    """A file or a mapping cannot be used; the message says what to do."""
