"""Layers at rest: labels, rules, flows, and whose must be looked at again."""
