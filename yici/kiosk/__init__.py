"""What a terminal does, without a screen."""
