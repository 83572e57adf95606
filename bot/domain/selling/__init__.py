"""What is sold with: offers, coupons and their codes, the gate before them, plays and words; all pure."""
