"""What the people who run an installation do to it, from their own machine and with their own AWS credentials."""
