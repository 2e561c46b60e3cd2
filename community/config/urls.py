"""Every address of the site. Pages stand in their app's `urls`; here is only who stands where."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from community.config.api import api
from community.config.live import events
from community.config.media import media
from community.config.webapp import manifest, offline, worker

urlpatterns = [
    path("live/", include(([path("streams/<str:name>/events", events, name="events")], "live"))),
    path("api/v1/", api.urls),
    path("sw.js", worker, name="worker"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("offline/", offline, name="offline"),
    path("admin/", admin.site.urls),
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", media, name="media"),
    path("", include("community.members.urls")),
    path("", include("community.catalog.urls")),
    path("", include("community.notifications.urls")),
    path("", include("community.search.urls")),
    path("", include("community.home.urls")),  # before threads, where any word may stand in the place of a title
    path("", include("community.threads.urls")),
]

handler400 = "community.config.errors.bad_request"
handler403 = "community.config.errors.permission_denied"
handler404 = "community.config.errors.page_not_found"
handler500 = "community.config.errors.server_error"
