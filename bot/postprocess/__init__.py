"""What is made from a kept picture."""
