"""Insight: what the platform learns from its own records, and the one pipe through which policies see anything."""
