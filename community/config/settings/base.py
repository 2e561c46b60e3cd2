"""What every environment shares."""

from datetime import timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from community.config import private
from community.config.settings.env import HOUSE, VAR, env

BASE_DIR = HOUSE
VAR_DIR = VAR
DEBUG = False

# --- Who we are ---------------------------------------------------------------------------------------------
PORT = env.int("PORT", default=8000)
HOST = env.str("HOST", default="127.0.0.1")
SITE_NAME = env.str("SITE_NAME", default="Hiroba")
# Absolute addresses in mails, feeds and redirects are made from this, never from a request's Host header (S33).
# At home it has a name, since passkeys belong to one.
SITE_ORIGIN = env.str("SITE_ORIGIN", default=f"http://localhost:{PORT}")
DEMO = env.bool("HIROBA_DEMO", default=True)  # the demo market, laid out when `make run` meets an empty database
# The web process (docs/architecture.md, "The web process"): processes on one port; in each, threads for pages and
# writes, how many requests may wait for one, and for how many seconds before they are told to come again.
WEB_PROCESSES = env.int("WEB_PROCESSES", default=1)
WEB_THREADS = env.int("WEB_THREADS", default=8)
WEB_WAITING = env.int("WEB_WAITING", default=256)
WEB_WAIT_SECONDS = env.float("WEB_WAIT_SECONDS", default=8)
ROOT_URLCONF = "community.config.urls"
ASGI_APPLICATION = "community.config.asgi.application"
# Kinds of thread that can be read by answers, with what was said under each, beside one after the other.
TWO_LEVEL_KINDS = frozenset(env.list("HIROBA_TWO_LEVEL_KINDS", default=["question"]))
POSTS_PER_PAGE = min(100, max(1, env.int("HIROBA_POSTS_PER_PAGE", default=20)))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "ninja",
    "procrastinate.contrib.django",
    "taggit",
    "realtime",
    "community.core",
    "community.members",
    "community.catalog",
    "community.notifications",
    "community.search",
    "community.threads",
    "community.home",
    "community.config",
]

MIDDLEWARE = [
    "community.config.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "community.config.middleware.SecurityHeadersMiddleware",
    "community.config.compression.CompressionMiddleware",
    "community.config.middleware.PolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "community.config.guard.ApiGuardMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "community.config.middleware.PlainAddressMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "community.config.middleware.MemberChoicesMiddleware",
    "community.config.middleware.SeenMiddleware",
    "community.config.middleware.TermsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "community.config.middleware.RuleErrorMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HOUSE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "community.config.context.site",
            ],
        },
    }
]

# --- Database -----------------------------------------------------------------------------------------------
# PostgreSQL only. No DATABASE_URL means the private server of this checkout; the address is known without starting it.
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL") if env.str("DATABASE_URL", default="") else private.database()
}
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 0,  # the pool keeps connections; CONN_MAX_AGE under ASGI piles them up per thread
    "CONN_HEALTH_CHECKS": True,  # after a restart of PostgreSQL nobody is given a dead one (R13); 0.03 ms a request
    "OPTIONS": DATABASES["default"].get("OPTIONS", {})
    | {
        "pool": {
            "min_size": env.int("DATABASE_POOL_MIN", default=1),
            # One for each thread that asks: pages and writes, sockets (LIVE.db_threads), health, and some to spare.
            "max_size": env.int("DATABASE_POOL_MAX", default=WEB_THREADS + 8),
            "timeout": 5,
            "reconnect_timeout": 5,  # then whoever asks next tries anew, instead of after 8, 16, 32 s
            "max_lifetime": 1800,
        },
        "connect_timeout": 5,
        "application_name": "hiroba",
        # A statement past 15 s or a lock past 5 s is a mistake of ours: fail it before a queue grows behind it.
        "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000",
    },
}

# --- Valkey or Redis: wake-ups, limits, presence. Never the only home of anything. ----------------------------
REDIS_URL = env.str("REDIS_URL", default="") or private.redis_url()

# --- People -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["community.members.accounts.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # only to read passwords brought from elsewhere
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("handle", "display_name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "community.members.accounts.Adapter"
ACCOUNT_FORMS = {
    "login": "community.members.forms.SignInForm",
    "signup": "community.members.forms.SignUpForm",
    "request_login_code": "community.members.forms.CodeRequestForm",
    "reset_password": "community.members.forms.PasswordResetForm",
    "add_email": "community.members.forms.AddEmailForm",
    "change_password": "community.members.forms.PasswordChangeForm",
    "set_password": "community.members.forms.PasswordForm",
    "reset_password_from_key": "community.members.forms.NewPasswordForm",
    "confirm_login_code": "community.members.forms.LoginCodeForm",
    "confirm_email_verification_code": "community.members.forms.EmailCodeForm",
    "confirm_password_reset_code": "community.members.forms.ResetCodeForm",
}
ALLAUTH_USER_CODE_FORMAT = {
    "numeric": True,
    "length": 8,
    "dashed": True,
}  # three tries a code, five codes a quarter hour
ACCOUNT_CHANGE_EMAIL = True  # one address a member; the old one is told of the new
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PREVENT_ENUMERATION = True  # sign-up with a known address looks like any other (S19)
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_ORIGIN.partition(":")[0]
ACCOUNT_RATE_LIMITS = False  # ours are atomic and count before authentication (S20): community.core.limits

# Whoever signs up says that they are at least so old; 0 does not ask. Nothing but the yes is wanted, and not even that
# is kept.
MINIMUM_AGE = env.int("HIROBA_MINIMUM_AGE", default=16)

# Before a delicate change one shows again who one is, unless one has done so in the last quarter of an hour.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_REAUTHENTICATION_REQUIRED = True

# The second factor. Whoever holds an office needs one before the office opens anything (S29).
STAFF_SECOND_FACTOR = env.bool("HIROBA_STAFF_SECOND_FACTOR", default=True)
MFA_ADAPTER = "community.members.accounts.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "community.members.accounts.factors.SecondStepForm",
    "authenticate_webauthn": "community.members.accounts.factors.SecondStepPasskeyForm",
    "login_webauthn": "community.members.accounts.factors.PasskeySignInForm",
    "activate_totp": "community.members.accounts.factors.ActivateTOTPForm",
    "add_webauthn": "community.members.accounts.factors.AddPasskeyForm",
}
MFA_TOTP_TOLERANCE = 1  # clocks of telephones: half a minute early or late
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_DIGITS = 12  # 40 bits, and six tries a quarter of an hour
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SITE_ORIGIN.startswith("http://localhost")  # browsers trust it, fido2 asks
MFA_RATE_LIMITS = False  # ours: "second_factor" and "sign_in"

# The live re-check reads the session's row every 30 s, so sessions live where a log-out deletes them for every process.
SESSION_ENGINE = "community.core.sessions"
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "hiroba_session"
DEVICE_COOKIE_NAME = "hiroba_device"  # knows a browser again, at the door only, so that a new one can be told by mail
CSRF_COOKIE_NAME = "hiroba_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "community.config.errors.csrf_failure"
LANGUAGE_COOKIE_NAME = "hiroba_language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = int(timedelta(days=365).total_seconds())
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- The door -----------------------------------------------------------------------------------------------
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
METRICS_TOKEN = env.str("HIROBA_METRICS_TOKEN", default="")  # who may read /metrics; without one, this machine alone
TRUSTED_PROXIES = env.int(
    "HIROBA_TRUSTED_PROXIES", default=0
)  # how many of our own stand between a visitor and us (S6)
# Scheme, host and port that pages of ours have: where a socket may come from (S4) and a form may be posted from.
LIVE_ORIGINS = [SITE_ORIGIN, *env.list("HIROBA_EXTRA_ORIGINS", default=[])]
CSRF_TRUSTED_ORIGINS = LIVE_ORIGINS
NINJA_NUM_PROXIES = 0  # REMOTE_ADDR already is the client: community.config.door
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PICTURE_HOSTS: list[str] = env.list("HIROBA_PICTURE_HOSTS", default=[])

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:", *PICTURE_HOSTS],
        "connect-src": [SELF, SITE_ORIGIN.replace("http", "ws", 1)],
        "form-action": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# A page's body: 32 KB of text with its form around it. Pictures come as files and have their own limit (S13, S28).
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300
DATA_UPLOAD_MAX_NUMBER_FILES = 40  # the eight that a post shows, and room to say in words that nine are too many
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
BODY_LIMIT = env.int(
    "HIROBA_BODY_LIMIT", default=90 << 20
)  # bytes of any request: eight pictures of 10 MB, or one import file

# Pages of visitors kept ready in each web process, in bytes; 0 keeps none.
PAGE_CACHE_BYTES = env.int("HIROBA_PAGE_CACHE_MB", default=64) << 20

# How many, per how many seconds; read by community.core.limits.take. "user.0" to "user.3" hold besides for members of
# that community level (docs/adr/0022): a day of a newcomer, and the reactions of a day.
DAY = 24 * 3600
LIMITS: dict[str, dict[str, tuple[int, int]]] = {
    "sign_up": {"address": (10, 3600), "target": (5, 3600)},
    "sign_in": {"address": (30, 300), "target": (10, 300)},
    "send_code": {"address": (20, 3600), "target": (5, 900)},
    "enter_code": {"address": (60, 900)},
    "second_factor": {"address": (30, 900), "target": (6, 900)},
    "account": {"user": (30, 900)},  # ending sessions and the like
    "change_profile": {"user": (30, 3600)},
    "archive": {"user": (60, 3600)},  # downloads; how often one is made has a rule of its own
    "member_search": {"user": (120, 60), "address": (240, 60)},
    "post_thread": {"user": (10, 3600), "user.0": (3, DAY), "address": (30, 3600)},
    "post_reply": {"user": (12, 60), "user.0": (30, DAY), "address": (60, 60), "target": (300, 60)},
    "edit_post": {"user": (30, 60)},
    "react": {
        "user": (60, 60),
        "address": (300, 60),
        "user.0": (30, DAY),
        "user.1": (100, DAY),
        "user.2": (200, DAY),
        "user.3": (300, DAY),
    },
    "mark_read": {"user": (120, 60), "address": (1200, 60)},
    "save_draft": {"user": (120, 60), "address": (600, 60)},
    "bookmark": {"user": (60, 60), "address": (600, 60)},
    "upload_picture": {"user": (60, 3600), "address": (200, 3600)},
    "search": {"user": (60, 60), "address": (120, 60)},
    "suggest": {"user": (240, 60), "address": (480, 60)},
    "preview": {"user": (60, 60), "address": (120, 60)},
    "inbox": {"user": (120, 60), "address": (600, 60)},
    "block": {"user": (60, 3600), "address": (240, 3600)},
    "follow": {"user": (60, 60), "address": (240, 60)},
    "unsubscribe": {"address": (60, 60)},
    "push_device": {"user": (30, 3600), "address": (200, 3600)},
    "api_call": {"address": (6000, 60)},  # every call of a shop's program, before its key is looked at
    "api_key": {"address": (60, 60)},  # calls with a key that does not fit
    "api_write": {"target": (1200, 60)},
    "api_read": {"target": (3000, 60)},
    "live_events": {"address": (600, 60)},
}
# Only for measuring on one's own machine: a site that others can reach keeps its limits, and a check says so.
LIMITS_OFF = not env.bool("HIROBA_LIMITS", default=True)
IS_LOOPBACK = urlsplit(SITE_ORIGIN).hostname in {"127.0.0.1", "localhost", "::1"}
if LIMITS_OFF and IS_LOOPBACK:
    LIMITS = {}

# --- Language and time --------------------------------------------------------------------------------------
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]  # each in its own words, whatever the page is in
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("HIROBA_TIME_ZONE", default="Asia/Tokyo")
AREAS = ("core", "members", "search", "catalog", "notifications", "threads", "realtime", "home", "config")
LOCALE_PATHS = [HOUSE / "locale" / area for area in AREAS]

# --- Files --------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [HOUSE / "static"]
WHITENOISE_USE_FINDERS = True  # files as they lie in the sources; production collects them instead
MEDIA_URL = "/media/"
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR / "media"))
# Archives that members asked for, each for one of them alone: never below MEDIA_ROOT, which is served to everybody.
ARCHIVE_ROOT = env.str("HIROBA_ARCHIVE_ROOT", default=str(VAR / "archives"))
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "archives": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": ARCHIVE_ROOT, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o644

# --- Mail: a message is a job in the transaction that causes it; the worker sends it -------------------------
EMAIL_BACKEND = "community.config.mail.QueuedBackend"
HIROBA_EMAIL_BACKEND_REAL = "django.core.mail.backends.smtp.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Hiroba <hiroba@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where people write to the team, shown to who cannot come in; without it, the sender of mails.
CONTACT = env.str("HIROBA_CONTACT", default="") or parseaddr(DEFAULT_FROM_EMAIL)[1]
EMAIL_SUBJECT_PREFIX = ""
EMAIL_TIMEOUT = 20

# --- Jobs ---------------------------------------------------------------------------------------------------
PROCRASTINATE_ON_APP_READY = None
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

# --- Notices ------------------------------------------------------------------------------------------------
# A mail is written about what is still unread after so many seconds.
NOTICE_MAIL_DELAY = env.int("HIROBA_NOTICE_MAIL_DELAY", default=600)
# A browser is told of it after so many: time to have read it on a page that is open.
NOTICE_PUSH_DELAY = env.int("HIROBA_NOTICE_PUSH_DELAY", default=20)
# What messages to browsers are signed with: 32 bytes in base64url (manage.py push_keys). Without it there are none.
PUSH_KEY = env.str("HIROBA_PUSH_KEY", default="")
PUSH_CONTACT = env.str("HIROBA_PUSH_CONTACT", default="")
# The only hosts that messages to browsers go to (SSRF): those of Chrome and its kin, Firefox, Edge and Safari.
PUSH_SERVICES = [
    "fcm.googleapis.com",
    "*.push.services.mozilla.com",
    "*.notify.windows.com",
    "*.push.apple.com",
    *env.list("HIROBA_PUSH_SERVICES", default=[]),
]

# --- Tags (one door: community.threads and catalog pass a canonical form) -------------------------------------
TAGGIT_CASE_INSENSITIVE = True

# --- Logs ---------------------------------------------------------------------------------------------------
LOGGING_CONFIG = "community.config.logs.configure"
LOGGING = {"level": env.str("HIROBA_LOG_LEVEL", default="INFO"), "format": env.str("HIROBA_LOG_FORMAT", default="json")}
