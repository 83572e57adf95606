"""JSON on one line, whoever reads the lines."""

import json
from typing import Any

_LINE_BREAKS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}


def json_line(value: Any) -> str:  # noqa: ANN401 — whatever JSON can hold
    """The value with Chinese readable and no sign in it that some readers take for the end of a line."""
    return json.dumps(value, ensure_ascii=False).translate(_LINE_BREAKS)
