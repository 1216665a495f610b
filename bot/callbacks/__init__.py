"""Callbacks: other programs are told what became of a job; and Ideogram tells us."""
