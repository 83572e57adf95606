"""The only package that writes SQL: tables, queries and what is sealed in them."""
