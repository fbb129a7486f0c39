"""The whole matter by itself: a stranger's eyes and one finger on the terminal's screen."""
