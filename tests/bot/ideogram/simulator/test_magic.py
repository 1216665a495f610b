"""Magic prompt, simulated."""

from bot.ideogram.simulator import magic


def test_as_many_expansions_as_variants_differ():
    """The lists' lengths share no divisor."""
    expanded = {magic.expand("a fox", variant) for variant in range(magic.VARIANTS)}

    assert len(expanded) == magic.VARIANTS
