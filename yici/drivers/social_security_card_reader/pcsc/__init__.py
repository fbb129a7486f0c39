"""Social-security cards through PC/SC: any reader that pcscd knows."""
