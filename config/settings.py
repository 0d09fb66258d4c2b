"""One settings file. Development needs no environment at all; production refuses unsafe defaults.

Every variable read here is described in README.md, "Configuration".
"""

import logging
import re
from pathlib import Path

import django_stubs_ext
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from kombu import Queue
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import env
from config.local.paths import LOCAL_DIR, Local
from config.logs import logging_config

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY_LENGTH = 50
ENVIRONMENT = env.choice("TRAVELOURE_ENV", env.ENVIRONMENTS, "development")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.flag("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG=1 shows secrets to visitors. Unset it in production.")

if PRODUCTION:
    env.require(
        SECRET_KEY=f"Set it to {SECRET_KEY_LENGTH} random characters and keep it.",
        ALLOWED_HOSTS="Name the hosts this site answers, comma-separated.",
        SITE_URL="Set it to https://your.host; links in mail begin with it.",
        DATABASE_URL="Set it to postgresql://user:password@host:5432/name.",
        REDIS_URL="Set it to redis://host:6379/0.",
        EMAIL_HOST="Name the server that sends mail; sign-up and password reset need it.",
    )
SECRET_KEY = env.text("SECRET_KEY", "development-only-key-that-production-refuses-to-use")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
if PRODUCTION and len(SECRET_KEY) < SECRET_KEY_LENGTH:
    raise ImproperlyConfigured(f"SECRET_KEY can be guessed. Set it to {SECRET_KEY_LENGTH} random characters.")
if PRODUCTION and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS=* lets anybody's host into links of mails. Name the hosts.")
DATABASE_URL = env.text("DATABASE_URL", Local().database_url())
REDIS_URL = env.redis_url("REDIS_URL", Local().redis_url)
# The broker must never evict; a cache may. Give the cache its own server when the broker's memory is bounded.
CACHE_URL = env.redis_url("CACHE_URL", REDIS_URL)
SITE_URL = env.origin("SITE_URL", f"http://localhost:{env.integer('PORT', 8000)}")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
WEB_THREADS = env.integer("WEB_THREADS", 4, low=2, high=64)  # of each web process
MAINTENANCE = env.flag("MAINTENANCE", default=False)

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_celery_beat",
    "django_htmx",
    "import_export",
    "django_structlog",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "config.apps.ConfigConfig",
    "jobs",
    "llm",
    "accounts",
    "markets",
    "experts",
    "travelers",
    "bookings",
    "matching",
    "content_assistant",
    "social",
]

MIDDLEWARE = [
    "config.middleware.health",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "config.middleware.content_policy",
    "config.middleware.spare_thread",
    "config.middleware.maintenance",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Ahead of the check of tokens, which reads all that was sent: whoever is over a limit is not listened to.
    "config.limits.Middleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.require_second_factor",
    "accounts.middleware.known_reader",
    "accounts.notices.middleware.seen_notices",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
    }
]

DATABASES = {"default": env.database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "config.cache.RedisCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)},
    }
}

# Accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Where mail can be sent an address is confirmed before its first sign-in, which also keeps the sign-up form from
# telling whose address is known here. Links of the mail work once, in the browser that signed up they also sign in.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if env.text("EMAIL_HOST") else "optional"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # else the host of the request
ACCOUNT_LOGOUT_ON_GET = False
# Our own limits (config/limits.py) are exact and count per address and per account.
ACCOUNT_RATE_LIMITS = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Traveloure"
STAFF_SECOND_FACTOR = env.flag("STAFF_SECOND_FACTOR", default=PRODUCTION)

# Language, time, money
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("en-gb", _("British English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale_packages"]
TIME_ZONE = "UTC"
USE_I18N = USE_TZ = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = PRODUCTION

FORM_RENDERER = "accounts.widgets.Renderer"

# Files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Development serves the files where they lie.
STATIC_ROOT = env.folder("STATIC_ROOT", LOCAL_DIR / "static") if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
# Pictures that people sent, made anew; several web processes need one place for them.
MEDIA_URL = "/media/"
MEDIA_ROOT = env.folder("MEDIA_ROOT", LOCAL_DIR / "media")
# A request with files may be this large; without files DATA_UPLOAD_MAX_MEMORY_SIZE below holds.
UPLOAD_MAX_BYTES = 15_000_000
FILE_UPLOAD_HANDLERS = [
    "config.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # What people send each other: no address leads here, views hand out single files to whoever may see them.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": LOCAL_DIR / "private",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Mail: files in development, a server in production
EMAIL_URL_HOST = env.text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_URL_HOST else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = LOCAL_DIR / "mail"
EMAIL_HOST = EMAIL_URL_HOST or "localhost"
EMAIL_PORT = env.integer("EMAIL_PORT", 587, high=65535)
EMAIL_HOST_USER = env.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "Traveloure <hello@traveloure.example>")

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^api/health$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if env.flag("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies append to X-Forwarded-For; zero means that the header is not believed.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, high=10)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# Limits: the parser of the `limits` package reads these
RATE_LIMITS = {
    "sign_in": "10/minute",
    "sign_up": "10/hour",
    "password_reset": "5/hour",
    "email_change": "10/hour",
    "trip": "20/hour",
    "inquiry": "20/hour",
    "message": "120/hour",
    "offer": "30/hour",
    "report": "20/hour",
    "download": "300/hour",
    "waitlist": "20/hour",
    "booking": "60/hour",
    "dispute": "10/hour",
    "feedback": "30/hour",
    "review": "30/hour",
    "personal_data": "10/hour",
    "preferences": "60/hour",
    "search": "120/minute",
    "calendar_import": "30/hour",
    "favourite": "120/minute",
    "unsubscribe": "60/hour",
    "photo": "40/hour",
    "application": "200/hour",
    "service": "60/hour",
    "draft": "120/hour",
    "token": "20/hour",
}

# Language models (docs/models.md). Routes in the order they are tried: "provider/model" of llm/models.toml; without a
# provider's key its routes are left out, and without any route the offline writers serve.
LLM_MODELS_FILE = env.text("LLM_MODELS_FILE")
LLM_LOCAL = {
    "url": env.text("LLM_LOCAL_URL"),
    "model": env.text("LLM_LOCAL_MODEL"),
    "key": env.text("LLM_LOCAL_KEY"),
    "context_tokens": env.integer("LLM_LOCAL_CONTEXT", 32_768, low=1024),
    "capabilities": env.words("LLM_LOCAL_CAPABILITIES", ["temperature", "seed"]),
}
if LLM_LOCAL["url"]:
    env.require(LLM_LOCAL_MODEL="Name a model that the server at LLM_LOCAL_URL serves.")
LOCAL_ROUTES = [f"local/{LLM_LOCAL['model']}"] if LLM_LOCAL["url"] else []
LLM_TIERS = {
    "fast": env.words(
        "LLM_FAST", ["xai/grok-4.3", "openai/gpt-6-luna", "anthropic/claude-haiku-5-5", *LOCAL_ROUTES]
    ),
    "reasoning": env.words(
        "LLM_REASONING",
        ["xai/grok-4.7", "openai/gpt-6.1-terra", "anthropic/claude-sonnet-5-5", *LOCAL_ROUTES],
    ),
}
LLM_EMBEDDINGS = env.text("LLM_EMBEDDINGS")  # such as openai/text-embedding-3-small
LLM_KEYS = {
    "xai": env.text("XAI_API_KEY"),
    "openai": env.text("OPENAI_API_KEY"),
    "anthropic": env.text("ANTHROPIC_API_KEY"),
}
LLM_BASE_URLS = {  # where a proxy of one's own answers for the provider
    "xai": env.text("LLM_XAI_URL"),
    "openai": env.text("LLM_OPENAI_URL"),
    "anthropic": env.text("LLM_ANTHROPIC_URL"),
}
LLM_TIMEOUTS = {
    "fast": 30.0,
    "reasoning": 180.0,
}  # seconds for a whole question, retries and other routes included
# What models are asked for, and how many seconds an answer may be given again (0: never).
LLM_PURPOSES = {
    "matching": 3600,
    "drafting": 0,
    "itinerary": 24 * 3600,
    "market_news": 1800,
    "trends": 3600,
    "outreach": 0,
    "embedding": 0,
    "route_test": 0,
}
# Questions an hour and a day: of one user, one member of staff, and of all work that nobody waits for.
LLM_ALLOWANCES = {"user": (20, 100), "staff": (200, 1000), "system": (5000, 50_000)}
LLM_IN_FLIGHT = env.integer("LLM_IN_FLIGHT", 50, low=1, high=1000)
LLM_MOST_OUTPUT_TOKENS = 10_000
LLM_MOST_TOOL_CALLS = 20
# A day, UTC. Redis' scripts count ticks exactly up to 2**53.
LLM_BUDGET_USD = env.integer("LLM_BUDGET_USD", 500, high=900_000)
LLM_BUDGET_ALERT_USD = env.integer("LLM_BUDGET_ALERT_USD", 400)
LLM_KEEP_TEXTS_DAYS = env.integer("LLM_KEEP_TEXTS_DAYS", 30)
LLM_KEEP_CALLS_DAYS = env.integer("LLM_KEEP_CALLS_DAYS", 400)

# How often neighbours on a results page that are closer than three points change places, so that what a position is
# worth can be measured and newcomers are seen: a probability.
MATCHING_EXPLORATION = env.integer("MATCHING_EXPLORATION_PERCENT", 20, high=50) / 100

# Bookings. The commission is agreed with the booking: what is booked already keeps its own. A request waits for the
# expert, and what the expert accepted waits for the traveler, for so many hours, but never beyond the start.
BOOKING_COMMISSION_PERCENT = 25
BOOKING_REQUEST_HOURS = 48
BOOKING_HOLD_HOURS = 24
BOOKING_PROPOSAL_HOURS = 72
BOOKING_COMPLETED_AFTER_HOURS = 24  # beat completes what nobody else has, so long after its end
BOOKING_DISPUTE_DAYS = 30  # after its end, either side can ask staff to decide
BOOKING_PAYMENTS = "bookings.payments.SettledOutside"

# Social commerce (docs/social.md): where posts come from, and what X asks for one of them.
SOCIAL_SOURCE = env.choice("SOCIAL_SOURCE", ["auto", "x", "model", "file", "none"], "auto")
SOCIAL_X_TOKEN = env.text("SOCIAL_X_TOKEN")
SOCIAL_X_URL = env.origin("SOCIAL_X_URL", "https://api.x.com")
SOCIAL_X_POST_USD = env.text("SOCIAL_X_POST_USD", "0.005")
if not re.fullmatch(r"\d{1,3}(\.\d{1,6})?", SOCIAL_X_POST_USD):
    raise ImproperlyConfigured(f"SOCIAL_X_POST_USD={SOCIAL_X_POST_USD!r} is no price. Set it to 0.005.")
SOCIAL_FILE = env.text("SOCIAL_FILE")
# Direct messages are sent and read as an account of ours: the four keys of OAuth 1.0a, all or none.
SOCIAL_X_ACCOUNT = {
    name: env.text(f"SOCIAL_X_{name.upper()}") for name in ("key", "key_secret", "access", "access_secret")
}
if any(SOCIAL_X_ACCOUNT.values()) and not all(SOCIAL_X_ACCOUNT.values()):
    missing = ", ".join(f"SOCIAL_X_{name.upper()}" for name, value in SOCIAL_X_ACCOUNT.items() if not value)
    raise ImproperlyConfigured(f"Messages on X need all four keys of the account. Set {missing} as well.")
# Buttons in Slack: the token of a bot, the secret that its requests are signed with, and the channel.
SOCIAL_SLACK_TOKEN = env.text("SOCIAL_SLACK_TOKEN")
SOCIAL_SLACK_SECRET = env.text("SOCIAL_SLACK_SECRET")
SOCIAL_SLACK_CHANNEL = env.text("SOCIAL_SLACK_CHANNEL")
SOCIAL_SLACK_URL = env.text("SOCIAL_SLACK_URL", "https://slack.com/api/")
# Alerts go to channels of Slack by kind: to the kind's webhook, or with the bot's token to the kind's channel. What has
# neither stands in the inbox of the admin.
_ALERTS = {"social": "SOCIAL", "partner": "PARTNERSHIPS", "content": "CONTENT"}
SOCIAL_SLACK_WEBHOOKS = {kind: env.text(f"SOCIAL_SLACK_WEBHOOK_{name}") for kind, name in _ALERTS.items()}
SOCIAL_SLACK_CHANNELS = {kind: env.text(f"SOCIAL_SLACK_CHANNEL_{name}") for kind, name in _ALERTS.items()}

# Work outside the request (docs/architecture.md, "Durable work")
CELERY_BROKER_URL = env.celery_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "retry_on_timeout": False,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None  # there are none; otherwise beat would plan a task that tidies them up
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = env.flag("CELERY_ACKS_LATE", default=True)
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "default"
# The sweeper has a queue of its own, so that no backlog stands before it.
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("default", "mail", "llm", "sweep")]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # their fencing number keeps them honest
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    # Messages that no worker takes in time vanish: after an outage a few sweeps are enough.
    "sweep": {
        "task": "jobs.tasks.sweep",
        "schedule": 3.0,
        "options": {"queue": "sweep", "expire_seconds": 10},
    },
    "ask_to_send": {
        "task": "social.tasks.ask_to_send",
        "schedule": 60.0,
        "options": {"queue": "sweep", "expire_seconds": 60},
    },
    "ask_for_replies": {
        "task": "social.tasks.ask_for_replies",
        "schedule": 600.0,
        "options": {"queue": "sweep", "expire_seconds": 600},
    },
    "give_up_dead_calls": {
        "task": "llm.tasks.give_up_dead_calls",
        "schedule": 60.0,
        "options": {"queue": "sweep", "expire_seconds": 60},
    },
    "ask_to_tell_low_budget": {
        "task": "llm.tasks.ask_to_tell_low_budget",
        "schedule": 60.0,
        "options": {"queue": "sweep", "expire_seconds": 60},
    },
    "forget_old_calls": {
        "task": "llm.tasks.forget_old",
        "schedule": 3600.0,
        "options": {"queue": "sweep", "expire_seconds": 3600},
    },
    "expire_bookings": {
        "task": "bookings.tasks.expire_bookings",
        "schedule": 30.0,
        "options": {"queue": "sweep", "expire_seconds": 60},
    },
    "complete_bookings": {
        "task": "bookings.tasks.complete_bookings",
        "schedule": 900.0,
        "options": {"queue": "sweep", "expire_seconds": 900},
    },
    "forget_idempotency_keys": {
        "task": "bookings.tasks.forget_idempotency_keys",
        "schedule": crontab(hour="4", minute="10"),
        "options": {"queue": "sweep", "expire_seconds": 3600},
    },
    "delete_done": {
        "task": "jobs.tasks.delete_done",
        "schedule": 3600.0,
        "options": {"queue": "sweep", "expire_seconds": 3600},
    },
    "forget_inputs": {
        "task": "matching.tasks.forget_inputs",
        "schedule": crontab(hour="3", minute="40"),
        "options": {"queue": "default", "expire_seconds": 3600},
    },
    "ask_for_calendars": {
        "task": "experts.tasks.ask_for_calendars",
        "schedule": 300.0,
        "options": {"queue": "default", "expire_seconds": 300},
    },
    "expire_offers": {
        "task": "bookings.tasks.expire_offers",
        "schedule": 60.0,
        "options": {"queue": "sweep", "expire_seconds": 60},
    },
    "delete_old_archives": {
        "task": "accounts.tasks.delete_old_archives",
        "schedule": 3600.0,
        "options": {"queue": "default", "expire_seconds": 3600},
    },
    "publish_due_reviews": {
        "task": "bookings.tasks.publish_due_reviews",
        "schedule": 600.0,
        "options": {"queue": "default", "expire_seconds": 600},
    },
    "ask_to_tell_waiting": {
        "task": "bookings.tasks.ask_to_tell_waiting",
        "schedule": 60.0,
        "options": {"queue": "sweep", "expire_seconds": 60},
    },
    "forget_waiting": {
        "task": "bookings.tasks.forget_waiting",
        "schedule": crontab(hour="3", minute="40"),
        "options": {"queue": "sweep", "expire_seconds": 3600},
    },
    "reprice": {
        "task": "experts.tasks.ask_to_reprice",
        "schedule": crontab(minute="10"),
        "options": {"queue": "default", "expire_seconds": 3600},
    },
    "reopen_paused": {
        "task": "experts.tasks.ask_to_reopen",
        "schedule": 900.0,
        "options": {"queue": "default", "expire_seconds": 900},
    },
    "ask_for_digests": {
        "task": "accounts.tasks.ask_for_digests",
        "schedule": 300.0,
        "options": {"queue": "default", "expire_seconds": 300},
    },
    "recount": {
        "task": "bookings.tasks.ask_for_recount",
        "schedule": crontab(hour="3", minute="20"),
        "options": {"queue": "default", "expire_seconds": 3600},
    },
    "forget_notices": {
        "task": "accounts.tasks.ask_to_forget_notices",
        "schedule": crontab(hour="4", minute="20"),
        "options": {"queue": "default", "expire_seconds": 3600},
    },
    "ask_for_rounds": {
        "task": "social.tasks.ask_for_rounds",
        "schedule": 60.0,
        "options": {"queue": "default", "expire_seconds": 60},
    },
    "ask_for_ideas": {
        "task": "social.tasks.ask_for_ideas",
        "schedule": 3600.0,
        "options": {"queue": "default", "expire_seconds": 3600},
    },
    "ask_to_tell_unread": {
        "task": "social.tasks.ask_to_tell_unread",
        "schedule": crontab(hour="5", minute="50"),
        "options": {"queue": "default", "expire_seconds": 3600},
    },
    "forget_old_posts": {
        "task": "social.tasks.forget_old",
        "schedule": crontab(hour="4", minute="40"),
        "options": {"queue": "default", "expire_seconds": 3600},
    },
    "remove_leftover_photos": {
        "task": "experts.tasks.ask_to_remove_leftover_photos",
        "schedule": crontab(hour="4", minute="30"),
        "options": {"queue": "default", "expire_seconds": 3600},
    },
    "remove_leftover_attachments": {
        "task": "bookings.tasks.ask_to_remove_leftover_attachments",
        "schedule": crontab(hour="4", minute="40"),
        "options": {"queue": "default", "expire_seconds": 3600},
    },
    "measure_answers": {
        "task": "bookings.tasks.ask_to_measure_answers",
        "schedule": crontab(hour="3", minute="30"),
        "options": {"queue": "default", "expire_seconds": 3600},
    },
}

LOGGING = logging_config(json=PRODUCTION, level=env.choice("LOG_LEVEL", env.LOG_LEVELS, "INFO"))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG  # jobs/ says one line a run; the sweeper is silent
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request is enough: its end
# It would believe any X-Forwarded-For, and look the user up, also while the database is away: then no line told of any
# failure. config/apps.py binds the true address, and the user where the page has asked for one.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = ""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

UNFOLD = {
    "SITE_TITLE": "Traveloure",
    "SITE_HEADER": "Traveloure",
    "SITE_SYMBOL": "travel_explore",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/favicon.svg")}
    ],
    "STYLES": [lambda request: static("css/admin.css")],
    "SCRIPTS": [lambda request: static("js/admin.js"), lambda request: static("js/admin_access.js")],
    "GLOBAL_CALLBACK": "config.staff.context",
    "DASHBOARD_CALLBACK": "config.staff.dashboard",
    "TABS": "config.staff.tabs",
    "SIDEBAR": {"navigation": "config.staff.navigation"},
}
