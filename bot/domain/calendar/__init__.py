"""Days that come round: celebrations, a child's months, festivals and days off.

Every day here is a local day of the shop, given as a date: nothing asks a clock or knows a time zone.
"""
