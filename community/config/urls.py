"""Every address of the site. Pages stand in their app's `urls`; here is only who stands where."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from community.config.api import api
from community.config.media import media

# Each area's addresses join as soon as it has some.
AREAS = [name for name in ("members", "threads", "home") if find_spec(f"community.{name}.urls")]

urlpatterns = [
    path("live/", include("realtime.urls")),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", media, name="media"),
    *[path("", include(f"community.{name}.urls")) for name in AREAS],
]

handler400 = "community.config.errors.bad_request"
handler403 = "community.config.errors.permission_denied"
handler404 = "community.config.errors.page_not_found"
handler500 = "community.config.errors.server_error"
