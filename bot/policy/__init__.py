"""What an operator allows and keeps: rules as values, and reading them."""
