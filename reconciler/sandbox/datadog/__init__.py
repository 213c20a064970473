"""Datadog, made up."""
