"""The process that never dies: it shows one session and keeps the next one warm."""
