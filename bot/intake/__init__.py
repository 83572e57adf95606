"""Files in: read, map headers, normalise, plan (all pure), then store by the floor below and report."""
