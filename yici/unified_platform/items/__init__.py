"""Service items by version, and the signed catalogue release."""
