"""Exports that are too large for an answer: asked for by a person, written by a worker, there for a day."""
