"""The unified government service platform's reference implementation."""
