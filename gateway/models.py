"""Who may use the gateway, and what was changed in its configuration."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import zstandard
from django.apps import apps
from django.db import models
from django.utils import timezone

from providers.config import ConfigAction, ConfigModel

KEY_PREFIX = "ccgw-"
_SHOWN_CHARACTERS = 8

KEPT_STATES = 500
"""How many of the newest revisions keep the whole configuration, so that they can be restored."""


class ClientKey(ConfigModel):
    """A key that a client shows to the gateway. Only its digest is kept: its holder alone knows the key itself."""

    secret_fields = frozenset({"digest"})
    plain = ""
    """The key itself: only on the instance that has just generated it, never in the database."""

    name = models.CharField(
        max_length=100, unique=True, help_text="Who or what uses the key; shown in the request log."
    )
    prefix = models.CharField(max_length=_SHOWN_CHARACTERS, editable=False, help_text="The key's first characters.")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the key, in hex.")
    enabled = models.BooleanField(default=True, help_text="A key that is not enabled is refused.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="The key is refused from then on; empty: never.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(cls, name: str, expires_at: datetime | None = None) -> tuple[ClientKey, str]:
        """Make and save a key. The second value is the key itself, which nobody can find out later."""
        client_key = cls(name=name, expires_at=expires_at)
        client_key.generate()
        client_key.save()
        return client_key, client_key.plain

    @staticmethod
    def digest_of(plain: str) -> str:
        """What `digest` holds for a key. No salt: a key has 256 random bits, so there is nothing to guess."""
        return hashlib.sha256(plain.encode()).hexdigest()

    def generate(self) -> None:
        """Give this row a new key, without saving it. The key itself is in `plain`."""
        self.plain = KEY_PREFIX + secrets.token_urlsafe(32)
        self.prefix = self.plain[:_SHOWN_CHARACTERS]
        self.digest = self.digest_of(self.plain)

    def is_expired(self, at: datetime | None = None) -> bool:
        return self.expires_at is not None and self.expires_at <= (at or timezone.now())


class Revision(models.Model):
    """What one transaction changed of the configuration.

    Its id is the number that log entries refer to; rows are never deleted. `state` is the whole configuration as the
    transaction left it, without secrets; only the newest `KEPT_STATES` revisions have one, and can be restored.
    """

    created_at = models.DateTimeField(default=timezone.now)
    changed_by = models.CharField(max_length=200)
    note = models.CharField(max_length=200, blank=True)
    """How it came about, such as "loaded gateway.yaml"."""
    state = models.BinaryField(null=True)

    class Meta:
        ordering = ["-id"]
        permissions = [("restore_revision", "Can restore revision")]

    def __str__(self) -> str:
        return f"revision {self.pk}"

    @classmethod
    def current(cls) -> int:
        """The number of the newest revision; 0 when nothing was ever changed."""
        return cls.objects.aggregate(newest=models.Max("id"))["newest"] or 0

    def keep_state(self, state: Mapping[str, Any]) -> None:
        """Store the configuration, in JSON's types, and let go of the states that are past the limit."""
        self.state = zstandard.compress(json.dumps(state, ensure_ascii=False).encode())
        self.save(update_fields=["state"])
        Revision.objects.filter(pk__lte=self.pk - KEPT_STATES, state__isnull=False).update(state=None)

    def read_state(self) -> dict[str, Any] | None:
        """What `keep_state` stored; None where it is not kept any more, or never was."""
        if self.state is None:
            return None
        state: dict[str, Any] = json.loads(zstandard.decompress(self.state))
        return state

    def state_before(self) -> dict[str, Any] | None:
        """The configuration that this revision changed, where it is kept."""
        before = Revision.objects.filter(pk__lt=self.pk).order_by("-id").first()
        return before.read_state() if before else None


class RevisionChange(models.Model):
    """What a revision changed of one object."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="changes")
    action = models.CharField(max_length=10, choices=[(action.value, action.value) for action in ConfigAction])
    model = models.CharField(max_length=100, help_text="Such as providers.provider.")
    object_name = models.CharField(max_length=200)
    fields = models.JSONField(default=dict, help_text="Field name to old and new value; a secret's value is not in it.")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["model", "object_name"], name="revision_object")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_name} {self.action}"

    @property
    def kind(self) -> str:
        """The model's name as people read it; that of the database where the program has no such model any more."""
        try:
            return str(apps.get_model(self.model)._meta.verbose_name)
        except LookupError:
            return self.model
