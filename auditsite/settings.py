"""One file for every installation: what differs comes from the environment (docs/operations.md lists it)."""

from __future__ import annotations

import re
from pathlib import Path

import dj_database_url
import django_stubs_ext

from auditsite import embedded, env, local_secrets
from auditsite.mail_server import mail_server
from auditsite.schedule import SCHEDULE

# Generic classes of Django take their parameter at run time too, as the type checker wants it written.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = re.search(r"(?m)^## (\S+)", (BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8")).group(1)  # type: ignore[union-attr] # the file always has a heading

DATA_DIR = env.path("AUDITSITE_DATA_DIR", default=BASE_DIR / "var")
# Files that workers write and the web sends: where these are on several hosts, a folder that all of them see.
EXPORTS_DIR = env.path("AUDITSITE_EXPORTS_DIR", default=DATA_DIR / "exports")

# Named hosts make it a real installation: HTTPS only, and no secret is ever made up.
PUBLIC = env.is_set("AUDITSITE_HOSTS")
ALLOWED_HOSTS = env.words("AUDITSITE_HOSTS", default="localhost,127.0.0.1,[::1]")
HTTPS = env.boolean("AUDITSITE_HTTPS", default=PUBLIC)
DEBUG = False

if PUBLIC or (env.is_set("AUDITSITE_SECRET_KEY") and env.is_set("AUDITSITE_ENCRYPTION_KEYS")):
    SECRET_KEY = env.text("AUDITSITE_SECRET_KEY")
    ENCRYPTION_KEYS = env.words("AUDITSITE_ENCRYPTION_KEYS", default=None)
else:
    _made = local_secrets.load_or_make(DATA_DIR)
    SECRET_KEY = env.text("AUDITSITE_SECRET_KEY", default=_made.secret_key)
    ENCRYPTION_KEYS = env.words("AUDITSITE_ENCRYPTION_KEYS", default=_made.encryption_keys)

CATALOG_FILE = env.text("AUDITSITE_CATALOG", default="")
# What `make up` gives its own processes goes for a command run beside them too (auditsite/installation.py).
_outbound = local_secrets.outbound_of(DATA_DIR) if not PUBLIC else local_secrets.Outbound()
OUTBOUND_ALLOW = env.text("AUDITSITE_OUTBOUND_ALLOW", default=_outbound.allow)
OUTBOUND_CA = env.text("AUDITSITE_OUTBOUND_CA", default=_outbound.ca_file)

INSTALLED_APPS = [
    "audit.apps.AuditConfig",
    "streaming.apps.StreamingConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "auditsite.middleware.IngestRoadMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",  # a policy is for pages: on each file of one it would only be weight
    "auditsite.compressing.CompressedPagesMiddleware",
    "auditsite.middleware.DatabaseGoneMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "auditsite.middleware.PrivatePagesMiddleware",
    "audit.middleware.PreferencesMiddleware",
]

ROOT_URLCONF = "auditsite.urls"
WSGI_APPLICATION = "auditsite.wsgi.application"

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
                "audit.context.page",
                "streaming.context.page",
                "auditsite.context.page",
            ],
        },
    },
]

# Where PostgreSQL and Redis are not given, the embedded ones of the data folder are used: their addresses are
# known before they run.
_embedded = embedded.urls(DATA_DIR)
DATABASES = {
    "default": {
        **dj_database_url.parse(
            env.text("DATABASE_URL", default=_embedded.database), conn_max_age=600, conn_health_checks=True
        ),
        "ATOMIC_REQUESTS": False,
    }
}
# Of the role that owns the log's tables, where the application's own does not.
RETENTION_DATABASE_URL = env.text("AUDITSITE_RETENTION_DATABASE_URL", default="")
# The floor: no tenant's entries go before. 13 months at least, as PCI DSS 10.5.1 asks for 12 and a margin.
RETENTION_DAYS = env.integer("AUDITSITE_RETENTION_DAYS", default=395, least=395)
RETENTION_APPLY = env.boolean("AUDITSITE_RETENTION_APPLY", default=False)
REDIS_URL = env.text("REDIS_URL", default=_embedded.redis)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "audit.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

ACCOUNT_ADAPTER = "audit.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/audit-log/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "auditsite_session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "auditsite_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS] if HTTPS else []
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
BEHIND_PROXY = env.boolean("AUDITSITE_BEHIND_PROXY", default=PUBLIC)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

_SELF, _NONE = "'self'", "'none'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [_NONE],
        "script-src": [_SELF],
        "style-src": [_SELF],
        "img-src": [_SELF],
        "font-src": [_SELF],
        "connect-src": [_SELF],
        "form-action": [_SELF],
        "base-uri": [_NONE],
        "frame-ancestors": [_NONE],
        "object-src": [_NONE],
    }
}

# The API reads its own bodies, capped at 5 MB of entries; forms of the pages are small.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Where people reach the pages: what links in mails begin with.
_host = ALLOWED_HOSTS[0].lstrip(".")
_site = f"https://{_host}" if HTTPS else f"http://{_host}:{env.integer('PORT', default=8000)}"
SITE_URL = env.text("AUDITSITE_SITE_URL", default=_site).rstrip("/")
_mail = mail_server(env.text("AUDITSITE_EMAIL_URL", default=""))
EMAIL_CONFIGURED = bool(_mail.host)
EMAIL_BACKEND = _mail.backend
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.use_tls, _mail.use_ssl
# Seconds for each step of a conversation: a server that hangs holds up the notices, and nothing else.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("AUDITSITE_EMAIL_FROM", default=f"Auditsite <auditsite@{_host}>")

DJANGO_TABLES2_TEMPLATE = "audit/table.html"
FILTERS_EMPTY_CHOICE_LABEL = None

CELERY_BROKER_URL = embedded.celery_broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A nudge is an optimisation: a broker that is away must not hold up the request that recorded an entry.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "socket_keepalive": True,
    # Else whoever publishes while the broker is away waits through kombu's own retries; a worker has others.
    "max_retries": 0,
}
# Delivery waits for other people's servers: threads, each bounded by the deadlines of the transport.
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = env.integer("AUDITSITE_WORKER_THREADS", default=16, least=1)
# Streams that all workers together may be sending to one host and port.
STREAMS_PER_HOST = env.integer("AUDITSITE_STREAMS_PER_HOST", default=16, least=1)
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = SCHEDULE

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("AUDITSITE_LOG_LEVEL", default="INFO")},
}
