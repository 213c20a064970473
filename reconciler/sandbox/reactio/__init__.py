"""Reactio, made up: restates the fact sheet, one file per family of paths."""
