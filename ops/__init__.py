"""The commands of operators, run on their own machine and with their own AWS credentials."""
