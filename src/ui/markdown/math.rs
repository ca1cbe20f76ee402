//! Formulas in Unicode: `x^{10}` is said as `x¹⁰`. A formula of which any part can't be said is not said at all, for half of it
//! would mean something else.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::LazyLock};

/// Formulas longer than this, in bytes, stay as they are written.
const LONGEST: usize = 2_000;
/// Groups within groups.
const DEEPEST: usize = 16;

/// What a command stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A letter, or what is written like one: what follows is close to it.
    Letter,
    /// A sign over a range: ∑, ∫.
    Range,
    /// Stands between blanks.
    Relation,
    /// The same, but where nothing stands before it, it belongs to what follows.
    Operator,
    /// A word with a blank between it and what follows.
    Word,
    /// Any other sign.
    Sign,
    /// Nothing.
    Nothing,
    /// A blank.
    Blank,
}

/// Commands and what is written for them, in turn.
const SIGNS: &[(Kind, &str)] = &[
    (Kind::Letter, "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ"),
    (Kind::Letter, "mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ"),
    (Kind::Letter, "psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"),
    (Kind::Letter, "infty ∞ partial ∂ nabla ∇ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ emptyset ∅ varnothing ∅ hbar ℏ ell ℓ"),
    (Kind::Letter, "Re ℜ Im ℑ aleph ℵ angle ∠ triangle △ imath ı jmath ȷ"),
    (Kind::Range, "sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂"),
    (Kind::Relation, "leq ≤ le ≤ leqslant ≤ geq ≥ ge ≥ geqslant ≥ neq ≠ ne ≠ lt < gt > approx ≈ equiv ≡ sim ∼ simeq ≃ cong ≅ propto ∝"),
    (Kind::Relation, "ll ≪ gg ≫ prec ≺ succ ≻ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ mid | parallel ∥ perp ⊥"),
    (Kind::Relation, "to → rightarrow → longrightarrow ⟶ leftarrow ← gets ← longleftarrow ⟵ leftrightarrow ↔ mapsto ↦ uparrow ↑"),
    (Kind::Relation, "Rightarrow ⇒ implies ⟹ Longrightarrow ⟹ Leftarrow ⇐ Leftrightarrow ⇔ iff ⟺ downarrow ↓ coloneqq ≔ doteq ≐"),
    (Kind::Relation, "vdash ⊢ models ⊨ bmod mod therefore ∴ because ∵ land ∧ lor ∨ wedge ∧ vee ∨"),
    (Kind::Operator, "times × cdot · pm ± mp ∓ div ÷ ast ∗ star ⋆ circ ∘ bullet • cup ∪ cap ∩ setminus ∖ oplus ⊕ ominus ⊖ otimes ⊗"),
    (Kind::Word, "sin sin cos cos tan tan cot cot sec sec csc csc arcsin arcsin arccos arccos arctan arctan sinh sinh cosh cosh"),
    (Kind::Word, "tanh tanh log log ln ln lg lg exp exp lim lim max max min min sup sup inf inf arg arg argmax argmax argmin argmin"),
    (Kind::Word, "det det dim dim ker ker gcd gcd deg deg Pr Pr"),
    (Kind::Sign, "ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ prime ′ degree ° dagger † ddagger ‡ top ⊤ bot ⊥ checkmark ✓ Box □ square □"),
    (Kind::Sign, "langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lvert | rvert | vert | lVert ‖ rVert ‖ Vert ‖ | ‖"),
    (Kind::Sign, "{ { } } lbrace { rbrace } lbrack [ rbrack ] % % $ $ # # & & _ _ colon : backslash \\"),
    (Kind::Nothing, "left . right . big . Big . bigg . Bigg . bigl . bigr . Bigl . Bigr . middle . limits . nolimits . displaystyle ."),
    (Kind::Nothing, "textstyle . ! ."),
    (Kind::Blank, ", . : . ; . > . quad . qquad . space ."),
];

/// Characters that have a raised form, each with it.
const RAISED: &str = "0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺-⁻−⁻=⁼(⁽)⁾aᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰiⁱjʲkᵏlˡmᵐnⁿoᵒpᵖrʳsˢtᵗuᵘvᵛwʷxˣyʸzᶻAᴬBᴮDᴰEᴱGᴳHᴴIᴵJᴶKᴷLᴸMᴹNᴺOᴼPᴾRᴿTᵀUᵁVⱽWᵂ\
βᵝγᵞδᵟθᶿφᵠϕᵠχᵡ∘°°°′′††⊤ᵀ";
/// The same for lowered ones.
const LOWERED: &str = "0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊-₋−₋=₌(₍)₎aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓβᵦγᵧρᵨφᵩϕᵩχᵪ";
/// Letters of `\mathbb` and `\mathcal` that are not in the row of the others.
const DOUBLE: &str = "CℂHℍNℕPℙQℚRℝZℤ";
const SCRIPT: &str = "BℬEℰFℱHℋIℐLℒMℳRℛ";
/// Marks over a letter.
const ACCENTS: &[(&str, char)] = &[
    ("hat", '\u{302}'),
    ("widehat", '\u{302}'),
    ("bar", '\u{304}'),
    ("overline", '\u{304}'),
    ("tilde", '\u{303}'),
    ("widetilde", '\u{303}'),
    ("vec", '\u{20d7}'),
    ("dot", '\u{307}'),
    ("ddot", '\u{308}'),
];

static COMMANDS: LazyLock<HashMap<&str, (Kind, &str)>> = LazyLock::new(|| {
    let pairs = SIGNS.iter().flat_map(|(kind, list)| {
        let words: Vec<&'static str> = list.split(' ').collect();
        words.chunks_exact(2).map(|pair| (pair[0], (*kind, pair[1]))).collect::<Vec<_>>()
    });
    pairs.collect()
});

/// A formula in Unicode; none when any part of it can't be said.
pub(super) fn say(formula: &str) -> Option<String> {
    let formula = formula.trim();
    if formula.len() > LONGEST {
        return None;
    }
    let said = Reader { rest: formula, depth: 0 }.sequence(None)?;
    let text = said.text.trim();
    (!text.is_empty()).then(|| text.to_string())
}

/// What is left of a formula.
struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }
    /// Everything up to a character that ends it, or up to the end.
    fn sequence(&mut self, end: Option<char>) -> Option<Said> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut said = Said::default();
        loop {
            match self.next() {
                None if end.is_none() => break,
                c if c == end => break,
                None | Some('}' | '&' | '#' | '%' | '$') => return None,
                Some(c) => self.part(c, &mut said)?,
            }
        }
        self.depth -= 1;
        Some(said)
    }
    /// What begins with this character.
    fn part(&mut self, first: char, said: &mut Said) -> Option<()> {
        match first {
            '~' => said.blank(),
            c if c.is_whitespace() => said.blank(),
            '^' => said.script(&self.argument()?, RAISED)?,
            '_' => said.script(&self.argument()?, LOWERED)?,
            '\'' => said.put("′"),
            '{' => said.group(self.sequence(Some('}'))?),
            '\\' => self.command(said)?,
            c => said.put(c.encode_utf8(&mut [0; 4])),
        }
        Some(())
    }
    /// What a command or a script is about: a group, a command or one character.
    fn argument(&mut self) -> Option<Said> {
        self.rest = self.rest.trim_start();
        self.depth += 1;
        let mut said = Said::default();
        match self.next()? {
            _ if self.depth > DEEPEST => return None,
            '{' => said = self.sequence(Some('}'))?,
            '^' | '_' | '}' | '&' | '#' | '%' | '$' => return None,
            first => self.part(first, &mut said)?,
        }
        self.depth -= 1;
        Some(said)
    }
    /// What stands in braces, as it is.
    fn raw(&mut self) -> Option<&'a str> {
        let (text, rest) = self.rest.trim_start().strip_prefix('{')?.split_once('}')?;
        self.rest = rest;
        (!text.contains(['{', '\\', '$'])).then_some(text)
    }

    fn command(&mut self, said: &mut Said) -> Option<()> {
        let letters = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let length = if letters == 0 { self.rest.chars().next()?.len_utf8() } else { letters };
        let (name, rest) = self.rest.split_at(length);
        self.rest = rest;
        match name {
            "frac" | "dfrac" | "tfrac" => {
                let (above, below) = (self.argument()?, self.argument()?);
                said.fraction(&above, &below)?;
            }
            "sqrt" => {
                let root = match self.rest.trim_start().strip_prefix('[') {
                    Some(rest) => {
                        self.rest = rest;
                        self.sequence(Some(']'))?.mapped(RAISED)?
                    }
                    None => String::new(),
                };
                said.root(&root, &self.argument()?)?;
            }
            "text" | "textrm" | "textbf" | "textit" | "mbox" | "textsf" | "texttt" => said.words(self.raw()?),
            "operatorname" => said.word(self.raw()?),
            "mathrm" | "mathbf" | "mathit" | "mathsf" | "mathtt" | "boldsymbol" | "bm" => {
                let inside = self.argument()?;
                said.put(inside.text.trim());
            }
            "mathbb" => said.put(&letters_of(&self.argument()?.text, DOUBLE, '\u{1d538}')?),
            "mathcal" | "mathscr" => said.put(&letters_of(&self.argument()?.text, SCRIPT, '\u{1d49c}')?),
            "pmod" => {
                let inside = self.argument()?;
                said.relation(&format!("(mod {})", inside.text.trim()));
            }
            " " | "\n" => said.blank(),
            _ => match ACCENTS.iter().find(|(accent, _)| *accent == name) {
                Some((_, mark)) => {
                    let mut letter = self.argument()?.text;
                    let mut chars = letter.chars();
                    if !chars.next()?.is_alphabetic() || chars.next().is_some() {
                        return None;
                    }
                    letter.push(*mark);
                    said.put(&letter);
                }
                None => self.sign(name, said)?,
            },
        }
        Some(())
    }

    fn sign(&mut self, name: &str, said: &mut Said) -> Option<()> {
        let (kind, sign) = COMMANDS.get(name)?;
        match kind {
            Kind::Letter => said.letter(sign),
            Kind::Range => {
                said.letter(sign);
                said.range = true;
            }
            Kind::Relation => said.relation(sign),
            Kind::Operator => said.operator(sign),
            Kind::Word => said.word(sign),
            Kind::Sign => said.put(sign),
            Kind::Nothing => {
                // `\right.` is a bracket that is not there
                if matches!(name, "left" | "right") {
                    self.rest = self.rest.trim_start();
                    self.rest = self.rest.strip_prefix('.').unwrap_or(self.rest);
                }
            }
            Kind::Blank => said.blank(),
        }
        Some(())
    }
}

/// What has been said so far.
#[derive(Default)]
struct Said {
    text: String,
    /// So many things side by side: more than one need parentheses where they shall be one.
    parts: usize,
    /// A blank that comes now is not meant: what follows is close.
    close: bool,
    /// A blank came after a letter's command: it only counts before something else than a letter.
    pending: bool,
    /// A letter that comes now needs a blank before it.
    apart: bool,
    /// A script would not be about all of the last part.
    loose: bool,
    /// The last part is a sign over a range.
    range: bool,
}

impl Said {
    fn put(&mut self, text: &str) {
        let letter = text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '√' | '∑' | '∫' | '∂' | '∇' | '∞' | '∏'));
        let digits = |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        let number = digits(text) && self.text.ends_with(|c: char| c.is_ascii_digit() || c == '.');
        if (self.apart && letter || self.pending && !letter && text != "(") && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
        self.parts += usize::from(!number && !text.is_empty());
        self.text.push_str(text);
        (self.close, self.pending, self.apart, self.loose, self.range) = (false, false, false, false, false);
    }
    fn blank(&mut self) {
        if self.close {
            self.pending = !self.text.is_empty() && !self.text.ends_with(' ');
        } else if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }
    fn letter(&mut self, sign: &str) {
        self.put(sign);
        self.close = true;
    }
    fn relation(&mut self, sign: &str) {
        self.text.truncate(self.text.trim_end().len());
        if !self.text.is_empty() && !self.text.ends_with(['(', '[', '{']) {
            self.text.push(' ');
        }
        self.pending = false;
        self.put(sign);
        self.text.push(' ');
        self.parts += 1;
    }
    fn operator(&mut self, sign: &str) {
        let before = self.text.trim_end();
        let alone = before.is_empty() || before.ends_with(['(', '[', '{', '=', '<', '>', '≈', '≤', '≥', '≠', '→', '∈', ',']);
        if alone {
            self.letter(sign);
        } else {
            self.relation(sign);
        }
    }
    fn word(&mut self, word: &str) {
        self.apart = self.text.ends_with(|c: char| c.is_alphanumeric() || c == ')');
        self.put(word.trim());
        self.apart = true;
    }
    /// Words of a sentence, with the blanks round them.
    fn words(&mut self, words: &str) {
        if words.starts_with(' ') {
            self.close = false;
            self.blank();
        }
        self.put(words.trim());
        if words.ends_with(' ') {
            self.blank();
        }
    }
    fn group(&mut self, inside: Said) {
        if inside.text.is_empty() {
            return;
        }
        self.put(&inside.text);
        self.parts += inside.parts.saturating_sub(1);
        self.loose = inside.parts > 1 || inside.loose;
        self.apart = inside.apart;
    }
    fn script(&mut self, script: &Said, table: &str) -> Option<()> {
        if self.loose {
            return None;
        }
        self.text.push_str(&script.mapped(table)?);
        self.apart |= self.range;
        (self.close, self.pending) = (false, false);
        Some(())
    }
    /// The same with every character in another form.
    fn mapped(&self, table: &str) -> Option<String> {
        let mapped: Option<String> = self.text.chars().filter(|c| *c != ' ').map(|c| form(c, table)).collect();
        mapped.filter(|text| !text.is_empty())
    }
    fn fraction(&mut self, above: &Said, below: &Said) -> Option<()> {
        let text = format!("{}/{}", above.as_one()?, below.as_one()?);
        self.apart = self.text.ends_with(|c: char| c.is_alphanumeric() || c == ')');
        if self.apart {
            self.text.push(' ');
        }
        self.put(&text);
        self.parts += 1;
        (self.apart, self.loose) = (true, true);
        Some(())
    }
    fn root(&mut self, root: &str, inside: &Said) -> Option<()> {
        let sign = match root {
            "³" => "∛",
            "⁴" => "∜",
            _ => "√",
        };
        let before = if sign == "√" { root } else { "" };
        self.put(&format!("{before}{sign}{}", inside.as_one()?));
        (self.apart, self.loose) = (true, true);
        Some(())
    }
    /// In parentheses, unless it is one thing or has them.
    fn as_one(&self) -> Option<String> {
        let text = self.text.trim();
        let has = text.starts_with('(') && text.find(')') == Some(text.len() - 1);
        match self.parts {
            0 => None,
            1 => Some(text.to_string()),
            _ if has => Some(text.to_string()),
            _ => Some(format!("({text})")),
        }
    }
}

/// The other form of a character.
fn form(c: char, table: &str) -> Option<char> {
    let mut chars = table.chars();
    while let (Some(plain), Some(other)) = (chars.next(), chars.next()) {
        if plain == c {
            return Some(other);
        }
    }
    None
}

/// Capital letters of another alphabet that begins there.
fn letters_of(text: &str, exceptions: &str, first: char) -> Option<String> {
    let letter = |c: char| match form(c, exceptions) {
        Some(other) => Some(other),
        None if c.is_ascii_uppercase() => char::from_u32(u32::from(first) + u32::from(c) - u32::from('A')),
        None => None,
    };
    text.trim().chars().map(letter).collect()
}
