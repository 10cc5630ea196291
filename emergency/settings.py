"""Settings of the portal. All that a site may choose is in the schema below; it comes from the environment or .env."""

import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import environ

from emergency.core import localdb
from emergency.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent

# ------------------------------------------------------------------------------------------------ what a site chooses

env = environ.Env(
    PORTAL_ENV=(str, "test" if "pytest" in sys.modules else "trial"),  # trial, production or test
    SECRET_KEY=(str, ""),
    ALLOWED_HOSTS=(list, ["localhost", "127.0.0.1", "[::1]"]),
    CSRF_TRUSTED_ORIGINS=(list, []),
    DATABASE_URL=(str, ""),  # empty: the private server of the trial
    REDIS_URL=(str, ""),  # empty: messages pass through a folder
    DEV_DB=(str, "emergency"),  # database name on the private server
    TEST_DB=(str, ""),  # name of the test database, so that several people can test at once
    VAR_DIR=(str, str(BASE_DIR / "var")),  # everything the portal writes
    SITE_URL=(str, "http://localhost:8000"),  # what links in papers begin with
    ACCEL_PREFIX=(str, ""),  # where nginx serves MEDIA_ROOT internally; empty: the portal sends files itself
    SECURE_PROXY=(bool, False),  # behind a proxy that sets X-Forwarded-Proto
    LOG_LEVEL=(str, "INFO"),
    HAZARD_FINDER_MAY_NOT_REVIEW=(bool, False),  # 发现人回避: who found a hazard may not re-check it
    STREETS_MAY_INSPECT=(
        bool,
        True,
    ),  # towns hold delegated power for 行政检查; without it they file patrols and the like
    RISK_LEC_THRESHOLDS=(list, ["320", "160", "70"]),  # least D = L × E × C of 重大, 较大, 一般 risk
    RISK_LS_THRESHOLDS=(list, ["20", "15", "9"]),  # least R = L × S of the same
)
env.read_env(BASE_DIR / ".env")

PORTAL_ENV = env("PORTAL_ENV")
PRODUCTION = PORTAL_ENV == "production"
TESTING = PORTAL_ENV == "test"
GIVEN = {name: bool(os.environ.get(name)) for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS")}
DEBUG = False  # the trial shows the real pages, policies and errors

VAR_DIR = Path(env("VAR_DIR"))
ASSETS_DIR = VAR_DIR / "assets"  # browser assets from npm, laid there by deploy/setup.sh
FONTS_DIR = VAR_DIR / "fonts"  # typefaces of the papers
BROKER_DIR = VAR_DIR / "celery"
for folder in (ASSETS_DIR, FONTS_DIR, BROKER_DIR / "messages", BROKER_DIR / "control"):
    folder.mkdir(parents=True, exist_ok=True)


def trial_secret_key() -> str:
    """A key made once per checkout; a production site must bring its own (see core/checks.py)."""
    path = VAR_DIR / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = env("SECRET_KEY") or ("" if PRODUCTION else trial_secret_key())

# ------------------------------------------------------------------------------------------------ the house

# Bottom to top, and this order is the architecture: an app imports, and points foreign keys at, only those before it.
LOCAL_APPS = [
    "emergency.core",
    "emergency.organizations",
    "emergency.figures",
    "emergency.enterprises",
    "emergency.programmes",
    "emergency.letters",
    "hazards",
    "inspections",
    "supplies",
    "emergency.plans",
    "emergency.activities",
    "emergency.incidents",
    "reports",
    "emergency.home",
    "emergency.demo",
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "emergency.core.staticfiles.StaticFiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "axes",
    "django_filters",
    "django_htmx",
    "rest_framework",
    *LOCAL_APPS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "emergency.core.middleware.security_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "emergency.core.middleware.idle_session",
    "emergency.core.middleware.audit_origin",
    "emergency.core.middleware.password_first",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "emergency.urls"
WSGI_APPLICATION = "emergency.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "emergency.core.panels.menu",
                "emergency.organizations.panels.memberships",
            ],
        },
    },
]

# ------------------------------------------------------------------------------------------------ data

# A production site without DATABASE_URL gets no private server but an error (core/checks.py).
DATABASE_URL = env("DATABASE_URL") or ("postgresql://" if PRODUCTION else localdb.ensure(env("DEV_DB")))
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"] |= {
    "HOST": unquote(DATABASES["default"]["HOST"]),  # a socket folder stands percent-encoded in a URL
    "CONN_MAX_AGE": 0 if TESTING else 60,
    "CONN_HEALTH_CHECKS": True,
    "TEST": {"NAME": f"test_{env('TEST_DB') or env('DEV_DB')}"},
}
if TESTING:  # a test database is thrown away: waiting for the disk at each commit buys nothing
    DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}

SITE_URL = env("SITE_URL").rstrip("/")
ACCEL_PREFIX = env("ACCEL_PREFIX")
MEDIA_ROOT = VAR_DIR / "media"
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", ASSETS_DIR]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "emergency.core.staticfiles.Storage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TESTING  # browsers in tests get the files as they are
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024  # bytes of form data beside the files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a visit with a long checklist

# ------------------------------------------------------------------------------------------------ language and time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# ------------------------------------------------------------------------------------------------ who may come in

AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "organizations:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "organizations:login"
LOGOUT_URL = "organizations:logout"
PASSWORD_CHANGE_URL = "organizations:password_change"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "phone", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "emergency.organizations.services.ClassesValidator"},
    {"NAME": "emergency.organizations.services.HistoryValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or whoever knows a name could keep its owner out for good
AXES_LOCKOUT_CALLABLE = "emergency.organizations.views.entry.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SESSION_ENGINE = "emergency.core.sessions"
SESSION_COOKIE_AGE = 30 * 60  # seconds without work until sign-out
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_TRUSTED_ORIGINS = env("CSRF_TRUSTED_ORIGINS")
ALLOWED_HOSTS = env("ALLOWED_HOSTS")

SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env("SECURE_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
SILENCED_SYSTEM_CHECKS = [
    "axes.W006",  # a whole office comes from one address: the account is locked, not the address
    "security.W019",  # X-Frame-Options below
]
X_FRAME_OPTIONS = "SAMEORIGIN"  # the preview of a paper is shown inside its page
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
PERMISSIONS_POLICY = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"

# ------------------------------------------------------------------------------------------------ rules that districts set

HAZARD_FINDER_MAY_NOT_REVIEW = env("HAZARD_FINDER_MAY_NOT_REVIEW")
STREETS_MAY_INSPECT = env("STREETS_MAY_INSPECT")
RISK_LEC_THRESHOLDS = [int(least) for least in env("RISK_LEC_THRESHOLDS")]
RISK_LS_THRESHOLDS = [int(least) for least in env("RISK_LS_THRESHOLDS")]

# ------------------------------------------------------------------------------------------------ background work

REDIS_URL = env("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL or ("memory://" if TESTING else "filesystem://")
if not REDIS_URL and not TESTING:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": BROKER_DIR / "messages",
        "data_folder_out": BROKER_DIR / "messages",
        "control_folder": BROKER_DIR / "control",
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True  # the job row tells how work went
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(BROKER_DIR / "beat")
TIMETABLE = SCHEDULE
CELERY_BEAT_SCHEDULE = {
    name: {"task": entry["task"], "schedule": entry["schedule"]} for name, entry in TIMETABLE.items()
}

# ------------------------------------------------------------------------------------------------ interface and log

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "600/min"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # A line per step of every paper is of no use to an operator.
        "weasyprint": {"level": "WARNING"},
        "weasyprint.progress": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "kombu.connection": {"level": "ERROR"},  # a folder has no host name, and it warns of that
        "axes": {"level": "WARNING"},  # sign-ins stand in the audit
    },
}
