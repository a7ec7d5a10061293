"""The gateway's own pages in the admin."""

from __future__ import annotations

from django.contrib import admin

from gateway.admin.client_keys import ClientKeyAdmin
from gateway.admin.revisions import RevisionAdmin

__all__ = ["ClientKeyAdmin", "RevisionAdmin"]

admin.site.site_header = "Claude Code gateway"
admin.site.site_title = "Claude Code gateway"
admin.site.index_title = "Configuration"
