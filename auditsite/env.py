"""Typed readers of the environment. Each fails loudly and says which variable is wrong and what it takes.

Any variable can be given as ``NAME_FILE`` instead, a path whose content is the value: the way secrets are mounted.
"""

from __future__ import annotations

import os
from pathlib import Path

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})


class EnvironmentInvalid(Exception):
    """A variable is missing or has a value that cannot be used; the text names the variable."""


def text(name: str, *, default: str | None = None) -> str:
    """The value of `name` or of the file that `name`_FILE points to; without either, the default or an error."""
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value is not None and file is not None:
        raise EnvironmentInvalid(f"{name} and {name}_FILE are both set: keep one of them.")
    if file is not None:
        return _content(name, Path(file))
    if value is not None:
        return value
    if default is None:
        raise EnvironmentInvalid(f"{name} is not set. Set it, or set {name}_FILE to a file that holds it.")
    return default


def is_set(name: str) -> bool:
    return name in os.environ or f"{name}_FILE" in os.environ


def boolean(name: str, *, default: bool) -> bool:
    value = text(name, default="true" if default else "false").strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise EnvironmentInvalid(f"{name} is {value!r}: write true or false.")


def integer(name: str, *, default: int, least: int | None = None) -> int:
    value = text(name, default=str(default)).strip()
    try:
        number = int(value)
    except ValueError:
        raise EnvironmentInvalid(f"{name} is {value!r}: write a whole number.") from None
    if least is not None and number < least:
        raise EnvironmentInvalid(f"{name} is {number}: write {least} or more.")
    return number


def words(name: str, *, default: str | None = "") -> list[str]:
    """A comma separated list, without blanks and empty parts; with None as the default, it has to be set."""
    return [word for part in text(name, default=default).split(",") if (word := part.strip())]


def path(name: str, *, default: Path) -> Path:
    return Path(text(name, default=str(default))).expanduser().absolute()


def _content(name: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise EnvironmentInvalid(f"{name}_FILE cannot be read: {file}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise EnvironmentInvalid(f"{name}_FILE cannot be read: {file}: it is not text in UTF-8.") from None
