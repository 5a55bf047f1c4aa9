"""The same gateway, queue and functions with empty handlers, which only forward: a lower bound for latency."""
