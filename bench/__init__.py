"""What the speed claims are measured with; see README.md here."""
