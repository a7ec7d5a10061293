export VAR_DIR=${PEERS_DIR:-/tmp/peers}/ours-$PORT
rm -rf $VAR_DIR; mkdir -p $VAR_DIR; : > $VAR_DIR/headers
cd /work/main
.venv/bin/python manage.py migrate -v0 >&2
.venv/bin/python manage.py shell -v0 -c "
from providers.models import Provider
p=Provider.objects.get(); p.base_url='http://127.0.0.1:$STUB_PORT'; p.credential_source='none'; p.save()" >&2
cd /tmp; exec /work/main/.venv/bin/uvicorn --host 127.0.0.1 --port $PORT --no-access-log --no-proxy-headers --no-server-header --no-date-header --log-level warning --loop uvloop --http httptools shim:application
