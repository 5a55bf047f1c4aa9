"""What the system costs in time and money, measured."""
