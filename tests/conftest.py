"""What holds for every test."""

from hypothesis import settings

# shared, slow machines: an example may be held up for longer than hypothesis likes
settings.register_profile("yici", deadline=None)
settings.load_profile("yici")
