"""The vocabulary between front ends and core. Pure."""
