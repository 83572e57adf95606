"""What every query stands on: types, ids, seals, the engine and its line, the schema."""
