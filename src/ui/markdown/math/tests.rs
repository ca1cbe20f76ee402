use super::*;

#[test]
fn formulas_are_said_in_unicode() {
    for (formula, said) in [
        ("x^2", "x²"),
        ("x_i", "xᵢ"),
        ("x^{10} + a_{12}", "x¹⁰ + a₁₂"),
        ("x_i^2", "xᵢ²"),
        (r"\alpha", "α"),
        (r"2\pi r", "2πr"),
        (r"\alpha \beta + \gamma", "αβ + γ"),
        (r"E = mc^2", "E = mc²"),
        (r"a\leq b", "a ≤ b"),
        (r"a \neq b \approx c", "a ≠ b ≈ c"),
        (r"2\times 3 \cdot 4", "2 × 3 · 4"),
        (r"x = \pm 1", "x = ±1"),
        (r"\pm 1", "±1"),
        (r"\sum_{i=1}^{n} x_i", "∑ᵢ₌₁ⁿ xᵢ"),
        (r"\sum_{i=1}^nx_i", "∑ᵢ₌₁ⁿ xᵢ"),
        (r"\int_0^1 f(x)\,dx", "∫₀¹ f(x) dx"),
        (r"\sqrt{x}", "√x"),
        (r"\sqrt{x+1}", "√(x+1)"),
        (r"\sqrt 2", "√2"),
        (r"\sqrt[3]{x}", "∛x"),
        (r"\frac{a}{b}", "a/b"),
        (r"\frac{a+b}{c}", "(a+b)/c"),
        (r"\frac{1}{2}mv^2", "1/2 mv²"),
        (r"\frac{1}{2a}", "1/(2a)"),
        (r"\frac{-b \pm \sqrt{b^2 - 4ac}}{2a}", "(-b ± √(b² - 4ac))/(2a)"),
        (r"\frac{\partial f}{\partial x}", "(∂f)/(∂x)"),
        (r"\nabla f", "∇f"),
        (r"\forall x \in \mathbb{R}", "∀x ∈ ℝ"),
        (r"x \notin A \cup B \subset C", "x ∉ A ∪ B ⊂ C"),
        (r"f: A \to B", "f: A → B"),
        (r"p \Rightarrow q", "p ⇒ q"),
        (r"1, 2, \ldots, n", "1, 2, …, n"),
        (r"\left( \frac{a}{b} \right)", "( a/b )"),
        (r"O(n \log n)", "O(n log n)"),
        (r"\sin\theta", "sin θ"),
        (r"\log_2 n", "log₂ n"),
        (r"x \text{ if } y", "x if y"),
        (r"\mathrm{d}x", "dx"),
        (r"\hat{y}", "y\u{302}"),
        (r"90^\circ", "90°"),
        (r"f'(x)", "f′(x)"),
        (r"\{1, 2\}", "{1, 2}"),
        (r"100\%", "100%"),
        (r"A^T", "Aᵀ"),
        (r"{}^{14}C", "¹⁴C"),
        (r"\infty", "∞"),
        ("n", "n"),
    ] {
        assert_eq!(say(formula).as_deref(), Some(said), "{formula}");
    }
}

#[test]
fn a_formula_of_which_a_part_can_not_be_said_is_not_said() {
    for formula in [
        r"\unknown",
        r"x^\alpha",
        r"x^{a,b}",
        r"a_{ij,k}",
        r"\begin{matrix} a & b \end{matrix}",
        r"a \\ b",
        r"{a+b}^2",
        r"\frac{a}{b}^2",
        r"\sqrt{x}^2",
        r"\frac{a}",
        r"\frac{a}{}",
        r"\hat{xy}",
        "x^",
        "{x",
        "x}",
        "\\",
        "",
        " ",
    ] {
        assert_eq!(say(formula), None, "{formula}");
    }
    for endless in ["{", r"\sqrt", "x^", r"\frac", "\\left", "\\text{"] {
        assert_eq!(say(&endless.repeat(300)), None, "{endless}");
    }
    assert_eq!(say(&"x".repeat(3_000)), None);
}

#[test]
fn every_command_has_one_meaning() {
    let words: Vec<&str> = SIGNS.iter().flat_map(|(_, list)| list.split(' ').step_by(2)).collect();
    assert!(SIGNS.iter().all(|(_, list)| list.split(' ').count() % 2 == 0));
    assert_eq!(words.len(), COMMANDS.len());
    let (raised, lowered) = (RAISED.chars().count(), LOWERED.chars().count());
    assert!(raised % 2 == 0 && lowered % 2 == 0);
}

proptest::proptest! {
    #[test]
    fn no_formula_is_too_odd(formula in r"([a-z0-9 {}\\^_()+=\[\]'&$é]|\\frac|\\sqrt|\\left|\\text|\\sum|\\alpha|\\hat){0,40}") {
        let _ = say(&formula);
    }
}
