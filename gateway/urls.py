"""Django's own paths: the admin and the request log. The API's are in `gateway.api_urls`."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="requestlog:list")),
    path("admin/", admin.site.urls),
    path("log/", include("requestlog.urls")),
]
