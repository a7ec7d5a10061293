#!/bin/sh
# Starts the gateway for the benchmark as its README says: a fresh database below PEERS_DIR, the stub as two providers
# (one for each format), the request log fully on, the production server in the foreground.
set -eu
cd "$(dirname "$0")/../.."
export VAR_DIR="$PEERS_DIR/ours-$PORT"
rm -rf "$VAR_DIR"
mkdir -p "$VAR_DIR"
: > "$VAR_DIR/headers"
python=.venv/bin/python
"$python" manage.py migrate --verbosity 0
"$python" manage.py shell --verbosity 0 --command "
from providers.models import CredentialSource, Provider, ProviderModel
stub = Provider.objects.get(is_default=True)
stub.base_url, stub.credential_source = 'http://127.0.0.1:$STUB_PORT', CredentialSource.NONE
stub.save()
chat = Provider(name='chat', kind='openai', base_url='http://127.0.0.1:$STUB_PORT/v1', credential_source=CredentialSource.NONE)
chat.full_clean()
chat.save()
ProviderModel.objects.create(provider=chat, name='gpt-stub')"
exec "$python" manage.py serve
