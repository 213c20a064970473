"""Keeps incident and monitoring vendors in step with YAML in Git."""

__version__ = "0.1.0"
