"""Cases: what staff decide and what the terminal learns of it."""
