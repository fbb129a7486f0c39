"""What a terminal does, without a screen: session, journeys, capture, receipts, sync, supervisor."""
