from django.urls import path

from realtime import views

app_name = "live"

urlpatterns = [path("streams/<str:name>/events", views.events, name="events")]
