"""Static files for production: named by their content, compressed beforehand, kept by browsers for ever."""

from typing import ClassVar

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

_IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Our scripts are ES modules, so the names inside their `import` lines change along with the files.

    Django's own switch for that (`support_js_module_import_aggregation`) reads every script there is, and takes the
    examples in other people's comments for imports. Ours lie in two folders.
    """

    patterns: ClassVar = (*HashedFilesMixin.patterns, ("js/*.js", _IMPORTS), ("realtime/*.js", _IMPORTS))
