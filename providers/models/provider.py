"""Providers: the hosts that requests go to, and what is sent along."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models, transaction
from django.utils import timezone

from providers import credentials
from providers.adapters import KINDS
from providers.adapters.base import ProviderConfig, Timeouts
from providers.capability_rules import combined_rules
from providers.config import ConfigModel
from providers.models.credential_choices import CredentialHeader, CredentialSource, fitting_header
from providers.presets import GENERIC, PRESETS
from providers.protocol.chat.capabilities import CapabilityRules
from providers.validation import (
    is_loopback,
    may_get_client_credential,
    normalized_base_url,
    signs_thinking,
    validate_base_url,
    validate_capabilities,
    validate_extra_headers,
)

_validate_name = RegexValidator(
    r"^[a-z0-9][a-z0-9._-]*\Z",
    "Use lower-case letters, digits, dots, hyphens and underscores; begin with a letter or a digit.",
)
_validate_timeout = MinValueValidator(0.1)


def kind_choices() -> list[tuple[str, str]]:
    """A function, so that a new kind needs no migration."""
    return [(kind, adapter.label) for kind, adapter in KINDS.items()]


def preset_choices() -> list[tuple[str, str]]:
    """A function, so that a new preset needs no migration."""
    return [(GENERIC, "none of these"), *((name, preset.label) for name, preset in PRESETS.items())]


class Provider(ConfigModel):
    """One upstream. `credential` holds `$NAME` or an encrypted secret: write it by `set_credential()` only."""

    secret_fields = frozenset({"credential"})

    name = models.CharField(
        max_length=100,
        unique=True,
        validators=[_validate_name],
        help_text="Shown in the request log, and to clients in the header x-gateway-provider.",
    )
    kind = models.CharField(
        max_length=20, choices=kind_choices, default="anthropic", help_text="The API that it speaks."
    )
    preset = models.CharField(
        max_length=20,
        blank=True,
        default="",
        choices=preset_choices,
        help_text="A known provider of the OpenAI Chat Completions API: sets what its models take, and the base URL "
        "where that is left empty.",
    )
    base_url = models.CharField(
        "base URL",
        max_length=500,
        validators=[validate_base_url],
        help_text="Such as https://api.anthropic.com or https://llm.example/v1beta/openai. "
        "A /v1 at the end makes no difference.",
    )
    enabled = models.BooleanField(default=True, help_text="A provider that is not enabled gets no requests.")
    is_default = models.BooleanField(
        "default",
        default=False,
        help_text="Serves every request that no route claims. Only one provider can be the default.",
    )

    credential_source = models.CharField(
        "credential sent", max_length=10, choices=CredentialSource, default=CredentialSource.STORED
    )
    credential = models.TextField(blank=True, editable=False)
    credential_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    credential_header = models.CharField(
        max_length=20,
        choices=CredentialHeader,
        default=CredentialHeader.AUTO,
        help_text="The header that carries the stored credential.",
    )
    extra_headers = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_extra_headers],
        help_text='Sent with every request: a JSON object such as {"x-team": "search"}. No credentials: they go above.',
    )

    capabilities = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_capabilities],
        help_text="What its models take, where it differs from the preset: names of capabilities and their values.",
    )

    connect_timeout = models.FloatField(
        default=10, validators=[_validate_timeout], help_text="Seconds until the connection must stand."
    )
    first_byte_timeout = models.FloatField(
        default=600, validators=[_validate_timeout], help_text="Seconds until the answer must begin."
    )
    idle_timeout = models.FloatField(
        default=300, validators=[_validate_timeout], help_text="The longest silence within an answer, in seconds."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="provider_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A provider that becomes the default replaces the one that was, with a revision for each."""
        with transaction.atomic():
            if self.is_default:
                for other in Provider.objects.filter(is_default=True).exclude(pk=self.pk):
                    other.is_default = False
                    other.save(update_fields=["is_default"])
            super().save(*args, **kwargs)

    def clean(self) -> None:
        self.base_url = normalized_base_url(self.base_url)
        if problem := self.client_credential_problem() or self.plain_http_problem():
            raise ValidationError({"credential_source": problem})
        if self.credential_source == CredentialSource.STORED and not self.credential:
            raise ValidationError({"credential": "Enter a credential, or choose another way under “Credential sent”."})

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        # `save()` makes room for a new default, so a second one is no mistake of the person who fills in the form.
        super().validate_constraints({*(exclude or ()), "is_default"})

    def kind_problem(self) -> str:
        return "" if self.kind in KINDS else f"This version of the gateway has no providers of the kind “{self.kind}”."

    def stored_problem(self) -> str:
        """Why a row is unusable that went past the form into the database; empty when it is not."""
        try:
            validate_base_url(self.base_url)
            validate_extra_headers(self.extra_headers)
        except ValidationError as error:
            return " ".join(error.messages)
        return ""

    def client_credential_problem(self) -> str:
        """Why this host must not get a client's own credential; empty when it may, or is not to get it."""
        if self.credential_source != CredentialSource.CLIENT or may_get_client_credential(self.base_url):
            return ""
        return (
            "A client's own credential goes only to the hosts in the setting CLIENT_CREDENTIAL_HOSTS, and this base "
            "URL is not one of them. Store a credential for this provider instead, or add the host to the setting."
        )

    def plain_http_problem(self) -> str:
        """Why no credential can be sent to this base URL; empty when it can, or none is sent."""
        if (
            self.credential_source == CredentialSource.NONE
            or self.base_url.lower().startswith("https:")
            or is_loopback(self.base_url)
        ):
            return ""
        return "A credential would cross the network unencrypted: use https, or send no credential."

    def set_credential(self, text: str) -> None:
        """Take `$NAME`, `${NAME}` or a secret as it was entered; empty removes it. Raises `CredentialMalformed`."""
        self.credential = credentials.to_stored(text)
        self.credential_set_at = timezone.now() if self.credential else None

    def resolve_credential(self) -> str:
        """The secret to send upstream; empty when this provider sends none of its own. Raises `CredentialError`."""
        if self.credential_source != CredentialSource.STORED:
            return ""
        return credentials.resolve(self.credential)

    def upstream_credential(self) -> tuple[str, str] | None:
        """Name and value of the header with the stored credential; None where there is none to send.

        Raises `CredentialError`.
        """
        if self.credential_source != CredentialSource.STORED:
            return None
        secret = self.resolve_credential()
        header = self.credential_header
        if header == CredentialHeader.AUTO:
            header = fitting_header(self.kind, secret)
        if header == CredentialHeader.API_KEY:
            return CredentialHeader.API_KEY.value, secret
        return CredentialHeader.BEARER.value, f"Bearer {secret}"

    def capability_rules(self) -> CapabilityRules:
        """What its models take. Raises `ValueError` for what is stored and cannot be read."""
        own_models = self.models.all() if self.pk else ()
        return combined_rules(self.preset, self.capabilities, [(m.name, m.overrides()) for m in own_models])

    def to_config(self) -> ProviderConfig:
        """The provider as adapters take it. What stands in its way is told in `problem`; nothing is raised."""
        credential, credential_problem = self._credential_or_problem()
        capabilities, capabilities_problem = self._capabilities_or_problem()
        stored_problem = self.kind_problem() or self.stored_problem()
        problem = stored_problem or self.client_credential_problem() or self.plain_http_problem()
        problem = problem or credential_problem or capabilities_problem
        return ProviderConfig(
            name=self.name,
            kind=self.kind,
            base_url=self.base_url,
            credential_header=_encoded(*credential) if credential and not problem else None,
            passes_client_credential=self.credential_source == CredentialSource.CLIENT and not problem,
            signs_thinking=not stored_problem and signs_thinking(self.base_url),
            extra_headers=() if problem else tuple(_encoded(*header) for header in self.extra_headers.items()),
            timeouts=Timeouts(self.connect_timeout, self.first_byte_timeout, self.idle_timeout),
            capabilities=capabilities,
            problem=problem,
        )

    def _credential_or_problem(self) -> tuple[tuple[str, str] | None, str]:
        try:
            return self.upstream_credential(), ""
        except credentials.CredentialError as error:
            return None, str(error)

    def _capabilities_or_problem(self) -> tuple[CapabilityRules, str]:
        try:
            return self.capability_rules(), ""
        except ValueError as error:
            return CapabilityRules(), f"Its capabilities cannot be used: {error}."

    def reencrypt_credential(self) -> bool:
        """Put a stored secret under the first key and save; False when there is none. Raises `CredentialUnreadable`."""
        if not self.credential or self.credential_variable:
            return False
        self.credential = credentials.reencrypt(self.credential)
        self.save(update_fields=["credential"])
        return True

    @property
    def credential_variable(self) -> str | None:
        """The environment variable that holds the credential; None when there is none or the secret is stored."""
        return credentials.variable_name(self.credential)


def _encoded(name: str, value: str) -> tuple[bytes, bytes]:
    """As ASGI has headers: the name in lower case."""
    return name.lower().encode(), value.encode()
