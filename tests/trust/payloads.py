"""The hostile strings of ../shared/data/bad-input."""

import gzip
import json
from collections.abc import Iterator

from tests.data import data_file

# What the HTML5 security cheatsheet leaves open in its vectors: scripts to run and places to fetch from.
_OPEN = {
    "%js_alert%": "alert(1)",
    "%js_alert_only%": "alert(1)",
    "%js_write%": "document.write('<img src=x onerror=alert(1)>')",
    "%js_focus%": "alert(1)",
    "%js_uri_alert%": "javascript:alert(1)",
    "%js_alert_entities%": "&#97;&#108;&#101;&#114;&#116;&#40;&#49;&#41;",
    "%html_alert_encoded%": "&lt;img src=x onerror=alert(1)&gt;",
    "%js_alert_template%": "alert`1`",
    "%js_esc_template%": "alert`1`",
}


def naughty() -> list[str]:
    """515 strings that break programs."""
    found: list[str] = json.loads(data_file("bad-input/blns.json").read_text())
    return found


def cheatsheet() -> list[str]:
    """149 vectors of the HTML5 security cheatsheet; what they fetch lies on a foreign host."""
    rows = json.loads(data_file("bad-input/xss_h5sc.json").read_text())
    return [_closed(row["data"]) for row in rows]


def sanitizer_cases() -> list[str]:
    """95 inputs of a sanitizer's own tests."""
    return [row["input"] for row in json.loads(data_file("bad-input/html_sanitizer_loofah.json").read_text())]


def payload_list() -> list[str]:
    """4,687 payloads, one a line."""
    with gzip.open(data_file("bad-input/xss_payload_list.txt.gz"), "rt", errors="replace") as lines:
        return [line.rstrip("\n") for line in lines]


def bundles(strings: list[str], *, size: int, limit: int) -> Iterator[str]:
    """Strings as paragraphs of fewer texts: at most `size` in each, and `limit` bytes. A longer one stands alone."""
    lot: list[str] = []
    for text in strings:
        full = len(lot) >= size or len("\n\n".join([*lot, text]).encode()) > limit
        if lot and full:
            yield "\n\n".join(lot)
            lot = []
        lot.append(text)
    if lot:
        yield "\n\n".join(lot)


def _closed(vector: str) -> str:
    for mark, text in _OPEN.items():
        vector = vector.replace(mark, text)
    while "%" in vector and (start := vector.find("%")) >= 0 and (end := vector.find("_path%", start)) > 0:
        vector = f"{vector[:start]}https://foreign.example/{vector[start + 1 : end]}{vector[end + 6 :]}"
    return vector
