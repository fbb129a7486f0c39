"""Paper: how a receipt looks, what the slip says, and that it leaves the printer once."""
