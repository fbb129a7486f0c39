"""The terminal's durable store: outbox, sealed parts, catalogue replica, case mirror, events."""
