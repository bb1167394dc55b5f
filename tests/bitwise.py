"""What of a market is compared when two must be the same, bit for bit: the contract's own means."""

from simulator.bitwise import accounts, columns, events, whole, without

__all__ = ["accounts", "columns", "events", "whole", "without"]
