"""What the first visitor would wait for: addresses, message catalogs, templates, the dictionary. Half a second,
before we listen.
"""

import logging
from pathlib import Path

from django.conf import settings
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

from community.core.text.words import words_of

log = logging.getLogger(__name__)


def warm_up() -> None:
    """Load what every process loads sooner or later; it is frozen then, too. While templates are edited, nothing."""
    if settings.DEBUG:
        return
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            reverse("home:front")
    words_of("広場")
    for folder in map(Path, settings.TEMPLATES[0]["DIRS"]):
        for path in folder.rglob("*.html"):
            try:
                get_template(str(path.relative_to(folder)))
            except TemplateSyntaxError as error:  # whoever shows it will say so; all other pages can be served
                log.warning("template_is_broken", extra={"template": str(path), "error": str(error)})
