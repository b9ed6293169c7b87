"""Letters of the paper, and what stands for them in ASCII: every stream can write that."""

from typing import Final

_SPELLED: Final = """
≤ <=   ≥ >=   ≈ ~   ≡ =   ≠ !=   − -   – -   — -   × x   · *   ± +-   ∗ *   √ sqrt_   ∈ in
∞ inf   ∇ grad_   ‖ |   → ->   ← <-   … ...   “ "   ” "   « "   » "   ’ '   ″ ''   ─ -   │ |
♯ #   ° _degrees
½ 1/2   ¼ 1/4   ⅛ 1/8   ⁻ ^-   ¹ 1   ² ^2   ³ ^3   ⁴ ^4   ⁵ ^5   ⁶ ^6   ⁷ ^7   ⁸ ^8   ⁹ ^9
ᵀ ^T   ₊ +   ₋ -   ₀ 0   ₁ 1   ₂ 2   ₃ 3   ₄ 4   ₅ 5   ₆ 6   ₇ 7   ₈ 8   ₉ 9   ℓ l
α alpha   β beta   γ gamma   δ delta   ε epsilon   ζ zeta   θ theta   κ kappa   λ lambda
μ mu   π pi   ρ rho   σ sigma   τ tau   φ phi   χ chi   ω omega   Δ Delta   Θ Theta
Π product_   Σ sum_   Φ Phi
"""
"""Characters, each before what stands for it; _ is a space."""

_WORDS: Final = _SPELLED.split()

PLAINLY: Final = {
    **{
        letter: word.replace("_", " ")
        for letter, word in zip(_WORDS[::2], _WORDS[1::2], strict=True)
    },
    "\u0302": "^",  # of p̂
}
"""What is written where a terminal lacks a character."""

_LETTERS: Final = str.maketrans(PLAINLY)

_APART: Final = [letter for letter, words in PLAINLY.items() if words.endswith(" ")]
"""Those whose words end with a space, which one that is there takes the place of."""


def spelled(text: str) -> str:
    """Return a text in ASCII: known letters by what stands for them, others as in Python's
    `ascii`.
    """
    if text.isascii():
        return text
    for letter in _APART:
        text = text.replace(f"{letter} ", letter)
    return text.translate(_LETTERS).encode("ascii", "backslashreplace").decode()
