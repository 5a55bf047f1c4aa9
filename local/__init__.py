"""The whole system on one machine: MiniStack as AWS, a Twilio of our own, the page."""
