from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from providers.credentials import CredentialUnreadable
from providers.models import Provider


class Command(BaseCommand):
    help = "Encrypt all stored credentials with the first key of CREDENTIALS_KEYS. All of them, or none."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            rotated = sum(_rotate(provider) for provider in Provider.objects.select_for_update())
        if not rotated:
            self.stdout.write("No credential is stored, so there was nothing to do.")
            return
        self.stdout.write(
            f"Encrypted {rotated} credential{'s' * (rotated > 1)} with the first key of CREDENTIALS_KEYS. "
            "Now remove the other keys from the setting and restart the gateway."
        )


def _rotate(provider: Provider) -> bool:
    try:
        return provider.reencrypt_credential()
    except CredentialUnreadable as error:
        raise CommandError(f"Provider {provider.name}: {error} Nothing was changed.") from error
