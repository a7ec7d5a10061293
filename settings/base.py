"""All settings. Each one that a user may change is read from the environment or from `.env`; `.env.example` lists
them."""

from __future__ import annotations

from pathlib import Path

from settings.environment import Environment
from settings.keys import read_or_create_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
Environment.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).absolute()
"""Everything that the gateway writes is below this folder, unless another setting says otherwise."""

# Django ------------------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or read_or_create_key(VAR_DIR / "secret_key")
TIME_ZONE = env.time_zone("TIME_ZONE", default="UTC")
USE_TZ = True
LANGUAGE_CODE = "en-us"

HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
WORKERS = env.int("WORKERS", default=1)
FORWARDED_ALLOW_IPS = env.list("FORWARDED_ALLOW_IPS", default=[])
"""Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."""
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "daphne",  # first: it replaces `runserver`
    "servestatic.runserver_nostatic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "requestlog",
    "providers",
    "routing",
    "gateway",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gateway.middleware.remember_user",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "gateway.urls"
ASGI_APPLICATION = "gateway.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
LOGIN_URL = "admin:login"
AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
ADMIN_USERNAME = env.str("ADMIN_USERNAME", default="admin")
ADMIN_PASSWORD = env.str("ADMIN_PASSWORD", default="")
"""The first admin user, made by `manage.py serve` when there is none; without a password one is made up and printed."""

SERVESTATIC_USE_FINDERS = True  # no `collectstatic` before the first start

DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that will write waits for the lock at its start, instead of failing in its middle.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;",
    }
else:
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)

REDIS_URL = env.str("REDIS_URL", default="")
CHANNEL_LAYERS = {
    "default": (
        {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
        if REDIS_URL
        else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    )
}

LOG_LEVEL = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # uvicorn tells at length that it starts and stops; `manage.py serve` says so itself.
    "loggers": {"uvicorn": {"level": "WARNING"}},
}

# The gateway -------------------------------------------------------------------------------------------------------
CREDENTIALS_KEYS = env.list("CREDENTIALS_KEYS", default=[]) or [read_or_create_key(VAR_DIR / "credentials_key")]
"""Keys that encrypt stored credentials: the first one encrypts, all of them decrypt."""

CLIENT_CREDENTIAL_HOSTS = env.list("CLIENT_CREDENTIAL_HOSTS", default=["api.anthropic.com"])
"""Hosts (`name` or `name:port`) that a client's own Anthropic credential may be sent to."""

PING_SECONDS = env.float("PING_SECONDS", default=14.0)
"""The longest silence on a stream before the gateway sends a `ping` event."""

MAX_REQUEST_BYTES = env.int("MAX_REQUEST_BYTES", default=32 * 1024 * 1024)
"""The Messages API's own limit; a longer body is answered with 413 `request_too_large`."""

AGENT_DEFINITION_DIRS = env.list("AGENT_DEFINITION_DIRS", default=["~/.claude/agents"])
"""Folders whose agent definition files (`*.md`) are read and watched: they tell subagents' names."""

# The request log ---------------------------------------------------------------------------------------------------
JOURNAL_DIR = Path(env.str("JOURNAL_DIR", default=str(VAR_DIR / "journal"))).absolute()
JOURNAL_BODIES_LIMIT = env.int("JOURNAL_BODIES_LIMIT", default=128 * 1024 * 1024)
"""Bytes of journal not yet in the database past which requests' bodies are marked "not kept"."""
JOURNAL_LIMIT = env.int("JOURNAL_LIMIT", default=1024 * 1024 * 1024)
"""Bytes of journal past which requests are refused with 529, because they could not be logged."""
LOG_ENTRIES_DAYS = env.int("LOG_ENTRIES_DAYS", default=365)
"""Days after which entries are deleted; 0 keeps them for good."""
LOG_BODIES_DAYS = env.int("LOG_BODIES_DAYS", default=30)
"""Days after which headers and bodies are deleted; 0 keeps them as long as their entries."""
