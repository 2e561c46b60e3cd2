"""The control of REL-14: the same pages as Django's own ASGI handler and per-thread connections serve them."""

from django.conf import settings
from django.core.asgi import get_asgi_application

del settings.DATABASES["default"]["OPTIONS"]["pool"]
application = get_asgi_application()
