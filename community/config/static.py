"""Static files for production: named by their content, compressed beforehand, kept by browsers for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Our scripts are ES modules, so the names inside their `import` lines change along with the files."""

    support_js_module_import_aggregation = True
