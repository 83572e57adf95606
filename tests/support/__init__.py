"""What tests share: engines, the cast, the small world, the reader of dialogues."""
