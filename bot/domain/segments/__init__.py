"""Layers of customers: the rules, what is measured of one customer, the labels that follow, and why."""
