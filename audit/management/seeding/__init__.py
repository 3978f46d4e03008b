"""Believable entries for demonstrations: a small company's ninety days, the same again for the same seed."""

from __future__ import annotations
