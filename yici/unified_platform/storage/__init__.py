"""Rows and files: one database (SQLite or PostgreSQL) and a directory of sealed parts."""
