"""The nightly refresh in a shop with a long history, beside DuckDB over the same orders, and what look-ups notice."""
