"""The site with one page that forgot its guard: what the walks must see."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from community.config.urls import urlpatterns as site
from community.threads.models import Category


@csrf_exempt
def unguarded(request: HttpRequest) -> HttpResponse:
    Category.objects.create(slug="anything", name_ja="x", name_en="x")
    return HttpResponse("done")


urlpatterns = [path("unguarded/", unguarded), *site]
