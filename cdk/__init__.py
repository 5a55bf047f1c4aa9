"""What is deployed: the stack, and the packaging of its functions."""
