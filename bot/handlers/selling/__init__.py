"""What guides sell with: offers, coupons, plays and words, a topic a file."""
