"""JSON logs, one event a line, UTC (S32). Actor, object and outcome; never a body, a mail, a token or a code.

Every logger of the process goes through here, so a library that logs its arguments cannot leak them either.
"""

import logging
import re
import unicodedata
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

import structlog
from django.http import HttpRequest
from structlog.typing import Processor

SECRET = re.compile(
    r"body|mail|password|passwd|secret|token|cookie|authorization|code_sent|api_key|session", re.IGNORECASE
)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# PostgreSQL names the values of a row that it refuses, up to the end of the message: a name, or a whole post.
ROW = re.compile(r"DETAIL:.*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL)
LIMIT = 4000
TRACES = frozenset({"exception", "stack"})
HIDDEN = "[hidden]"
QUIET = ("procrastinate", "daphne", "asyncio", "httpx", "faker", "PIL", "markdown_it", "twisted")


def configure(options: Mapping[str, Any]) -> None:
    """Django's LOGGING_CONFIG: `options` holds `level` and `format` (json or console)."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        quiet_jobs,
        without_path,
        structlog.processors.format_exc_info,
        hide,
    ]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared[:3], structlog.stdlib.ExtraAdder(), *shared[3:]],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(options["format"])],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(options["level"])
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        # A line that nobody reads is not made ready to be read.
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def hide(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank what is secret by its name, mask addresses, and escape what could forge or hide a line."""
    return {key: HIDDEN if is_secret(key) else clean(value, breaks=key in TRACES) for key, value in event.items()}


@lru_cache(maxsize=1024)
def is_secret(name: str) -> bool:
    return SECRET.search(name) is not None


def clean(value: Any, *, breaks: bool = False) -> Any:
    """`breaks` keeps the line breaks of a traceback, which is ours; JSON escapes them anyway."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): HIDDEN if is_secret(str(key)) else clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(inner) for inner in value]
    text = str(value)
    if "DETAIL:" in text:
        text = ROW.sub(f"DETAIL: {HIDDEN}", text)
    text = text[-LIMIT:] if breaks else text[:LIMIT]
    if "@" in text:
        text = MAIL.sub("[mail]", text)
    if text.isprintable():  # nearly always, and then none of the characters below is in it
        return text
    return "".join(char if breaks and char == "\n" else _visible(char) for char in text)


def _visible(char: str) -> str:
    """Control, format (bidi, zero width) and line-separating characters become their number."""
    if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp", "Cs"}:
        return f"\\u{ord(char):04x}"
    return char


def quiet_jobs(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Procrastinate logs a job with its arguments (a mail!); keep which job it was and what became of it."""
    if str(event.get("logger", "")).startswith("procrastinate"):
        job = event.get("job")
        action = event.get("action", "jobs")
        for key in ("job", "jobs", "result", "args", "kwargs"):
            event.pop(key, None)
        if isinstance(job, Mapping):
            event.update(event=action, task=job.get("task_name"), job_id=job.get("id"))
    return event


def without_path(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Django names requests by their address ("Not Found: /members/ana/"), which holds names and keys: keep the route.

    Somebody who has left must not live on in a log because others went on looking for them (S36).
    """
    request = event.pop("request", None)
    if isinstance(request, HttpRequest):
        written = request.path.encode("unicode_escape").decode("ascii")  # as django.utils.log.log_response does
        event["event"] = str(event["event"]).removesuffix(f": {written}")
        event["route"] = request.resolver_match.route if request.resolver_match else None
    return event


def _renderer(name: str) -> Processor:
    if name == "console":
        return structlog.dev.ConsoleRenderer(colors=False, pad_event_to=28)
    return structlog.processors.JSONRenderer(ensure_ascii=False)
