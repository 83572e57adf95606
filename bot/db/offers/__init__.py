"""Offers, coupons, redemptions, approvals and plays at rest."""
