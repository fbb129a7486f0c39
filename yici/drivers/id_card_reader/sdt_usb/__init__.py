"""The standard USB reader (SDT, 0400:C35A): the SAM protocol over four vendor-class endpoints."""
