"""The log's addresses, below wherever the project puts them."""

from django.urls import path

from requestlog import views

app_name = "requestlog"
urlpatterns = [
    path("", views.show_list, name="list"),
    path("<uuid:entry_id>/", views.show_detail, name="detail"),
    path("<uuid:entry_id>/<slug:kind>/", views.download_body, name="body"),
]
