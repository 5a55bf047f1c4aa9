"""Measures the time and money that the system costs."""
