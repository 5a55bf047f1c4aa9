"""A Twilio on one machine: the Calls API, calls that live and end, signed status callbacks, and a witness of it all."""
