"""Dynatrace and its Managed derivative, made up: one environment behind its API."""
