"""The whole system on one machine: MiniStack as AWS, our own Twilio simulator, the page."""
