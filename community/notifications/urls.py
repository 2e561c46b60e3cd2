"""Addresses of inboxes."""

from django.urls import path

from community.notifications.views import browsers, inbox, settings, unsubscribing

app_name = "notifications"

urlpatterns = [
    path("notifications/", inbox.inbox, name="inbox"),
    path("notifications/following/", inbox.following, name="following"),
    path("notifications/read/", inbox.read_all, name="read_all"),
    path("notifications/read/undo/", inbox.undo_read_all, name="undo_read_all"),
    path("notifications/<int:notice_id>/read/", inbox.read_one, name="read_one"),
    path("notifications/levels/<slug:kind>/<int:target_id>/", inbox.level, name="level"),
    path("notifications/unsubscribe/<str:token>/", unsubscribing.unsubscribe, name="unsubscribe"),
    path("settings/notifications/browsers/<int:device_id>/", browsers.remove, name="remove_browser"),
    path("settings/notifications/", settings.settings, name="settings"),
]
