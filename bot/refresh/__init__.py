"""The nightly analytics, in their own process: layers of everybody from what changed; numpy and pandas live here."""
