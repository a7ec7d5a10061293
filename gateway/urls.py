"""Django's own paths: the admin and the request log. The API's are in `gateway.api_urls`."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from gateway.trying.views import try_edited_rule, try_routes

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="requestlog:list")),
    path("admin/try/", admin.site.admin_view(try_routes), name="try_routes"),
    path("admin/try/edited-rule/", admin.site.admin_view(try_edited_rule), name="try_edited_rule"),
    path("admin/", admin.site.urls),
    path("log/", include("requestlog.urls")),
]
