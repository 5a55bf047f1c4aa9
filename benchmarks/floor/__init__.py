"""The shortest way through the same gateway, queue and functions: handlers that do nothing but pass things on."""
