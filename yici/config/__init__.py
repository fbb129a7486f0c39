"""Settings: each declared once, validated when loaded."""
