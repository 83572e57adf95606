"""Arrays in, arrays out: everybody measured and labelled at once, by the definitions of bot/domain/segments."""
