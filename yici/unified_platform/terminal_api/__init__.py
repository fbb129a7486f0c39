"""The terminals' listener: one table of endpoints, one gate that every request passes."""
