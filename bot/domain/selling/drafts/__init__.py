"""Drafts of offers, as head office types them: sloppy text in, everything that was understood out; pure."""
