"""Staff: passwords, sessions, sign-in limits."""
