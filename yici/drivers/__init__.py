"""Device drivers: transport ↔ codec ↔ driver, each with its twin beside it."""
