//! A shell line taken apart into its simple commands, well enough to tell what they are about. It never runs anything; what it can't
//! see (a name that is put together when the line runs) is why every command is asked for.

/// A command with its words, quotes gone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Simple {
    /// The name and its arguments.
    pub words: Vec<String>,
    /// Files that something is written to: `> file`.
    pub writes: Vec<String>,
    /// Whether it is fed by another one.
    pub is_fed: bool,
    /// Whether text follows that it is fed: `<<`.
    pub has_text: bool,
}

/// Words that stand before a command and do not change what it is.
const BEFORE: &[&str] =
    &["then", "do", "else", "if", "while", "until", "elif", "{", "}", "!", "time", "nohup", "exec", "command", "builtin", "nice", "stdbuf"];
/// Commands within commands are looked into so deep.
const DEEPEST: usize = 6;
/// Stands for what lies deeper.
pub const TOO_DEEP: &str = "…";

/// The simple commands of a line, those inside `sh -c '…'`, `eval`, `$(…)` and backquotes included.
pub fn simple_commands(line: &str) -> Vec<Simple> {
    let mut found = vec![];
    collect(line, 0, &mut found);
    found
}

fn collect(line: &str, depth: usize, found: &mut Vec<Simple>) {
    if depth > DEEPEST {
        return found.push(Simple { words: vec![TOO_DEEP.to_string()], ..Simple::default() });
    }
    let (commands, inner) = split(line);
    for text in inner {
        collect(&text, depth + 1, found);
    }
    for mut command in commands {
        if let Some(more) = inside(&mut command) {
            collect(&more, depth + 1, found);
        }
        if !command.words.is_empty() || !command.writes.is_empty() {
            found.push(command);
        }
    }
}

/// Takes away what only stands before the command; gives the line that it hands to a shell, if it does.
fn inside(command: &mut Simple) -> Option<String> {
    loop {
        let first = command.words.first()?;
        let is_assignment =
            first.split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_'));
        if is_assignment || BEFORE.contains(&first.as_str()) {
            command.words.remove(0);
            continue;
        }
        if first == "env" && command.words.len() > 1 && !command.words.iter().skip(1).all(|word| word.contains('=')) {
            command.words.remove(0);
            continue;
        }
        break;
    }
    let name = base(command.words.first()?);
    match name {
        "sh" | "bash" | "zsh" | "dash" | "ksh" => {
            let at = command.words.iter().position(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('c'))?;
            command.words.get(at + 1).cloned()
        }
        "eval" => Some(command.words[1..].join(" ")),
        // what another user, or each line of an input, runs
        "sudo" | "doas" | "xargs" | "parallel" | "watch" | "timeout" | "setsid" | "unshare" => {
            let rest: Vec<&String> =
                command.words.iter().skip(1).skip_while(|word| word.starts_with('-') || word.parse::<f64>().is_ok()).collect();
            (!rest.is_empty()).then(|| shell_words::join(rest))
        }
        _ => None,
    }
}

/// The name of a program without its folder.
pub fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Words as the shell reads them, cut at its operators; and the lines inside of `$(…)` and backquotes.
fn split(line: &str) -> (Vec<Simple>, Vec<String>) {
    let mut reader = Reader { letters: line.chars().collect(), at: 0, commands: vec![Simple::default()], inner: vec![], word: None };
    reader.read();
    (reader.commands, reader.inner)
}

struct Reader {
    letters: Vec<char>,
    at: usize,
    commands: Vec<Simple>,
    inner: Vec<String>,
    word: Option<String>,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }
    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }
    fn end_word(&mut self) {
        if let (Some(word), Some(command)) = (self.word.take(), self.commands.last_mut()) {
            command.words.push(word);
        }
    }
    fn end_command(&mut self, is_fed: bool) {
        self.end_word();
        self.commands.push(Simple { is_fed, ..Simple::default() });
    }

    fn read(&mut self) {
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '\\' => {
                    if let Some(next) = self.peek(0) {
                        self.at += 1;
                        if next != '\n' {
                            self.push(next);
                        }
                    }
                }
                '\'' => self.quoted('\''),
                '"' => self.quoted('"'),
                '`' => self.substituted('`'),
                '$' if self.peek(0) == Some('(') => {
                    self.at += 1;
                    self.substituted(')');
                }
                '#' if self.word.is_none() => {
                    while self.peek(0).is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                ' ' | '\t' | '\r' => self.end_word(),
                '\n' | ';' | '(' | ')' => self.end_command(false),
                '&' if self.peek(0) == Some('>') => self.redirected(),
                '&' => self.end_command(false),
                '|' => {
                    let or = self.peek(0) == Some('|');
                    self.at += usize::from(or || self.peek(0) == Some('&'));
                    self.end_command(!or);
                }
                '>' => {
                    self.at -= 1;
                    self.redirected();
                }
                '<' => {
                    let here = self.peek(0) == Some('<');
                    self.end_word();
                    if let Some(command) = self.commands.last_mut() {
                        command.has_text |= here;
                    }
                    while matches!(self.peek(0), Some('<' | '-' | ' ')) {
                        self.at += 1;
                    }
                }
                c => self.push(c),
            }
        }
        self.end_word();
    }

    fn quoted(&mut self, quote: char) {
        self.word.get_or_insert_default();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                c if c == quote => return,
                '\\' if quote == '"' => {
                    if let Some(next) = self.peek(0) {
                        self.at += 1;
                        self.push(next);
                    }
                }
                '`' if quote == '"' => self.substituted('`'),
                '$' if quote == '"' && self.peek(0) == Some('(') => {
                    self.at += 1;
                    self.substituted(')');
                }
                c => self.push(c),
            }
        }
    }

    /// A line inside of the line.
    fn substituted(&mut self, end: char) {
        let begin = self.at;
        let mut depth = 1;
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '\\' => self.at += 1,
                '(' if end == ')' => depth += 1,
                c if c == end => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        let until = self.at.saturating_sub(usize::from(depth == 0)).min(self.letters.len());
        self.inner.push(self.letters.get(begin..until).unwrap_or_default().iter().collect());
        self.push('…');
    }

    /// `> file`, `>> file`, `2> file`, `&> file`.
    fn redirected(&mut self) {
        if self.word.as_deref().is_some_and(|word| word.chars().all(|c| c.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        while matches!(self.peek(0), Some('>' | '|' | '&' | ' ')) {
            self.at += 1;
        }
        // the next word is the file
        while let Some(c) = self.peek(0) {
            match c {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | ')' | '<' | '>' => break,
                '\'' | '"' => {
                    self.at += 1;
                    self.quoted(c);
                }
                c => {
                    self.at += 1;
                    self.push(c);
                }
            }
        }
        if let (Some(file), Some(command)) = (self.word.take(), self.commands.last_mut())
            && !file.chars().all(|c| c.is_ascii_digit() || c == '-')
        {
            command.writes.push(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<Vec<String>> {
        simple_commands(line).into_iter().map(|command| command.words).collect()
    }

    #[test]
    fn lines_are_taken_apart() {
        assert_eq!(words("ls -l 'a b' && echo \"c;d\" | wc # x"), [vec!["ls", "-l", "a b"], vec!["echo", "c;d"], vec!["wc"]]);
        assert_eq!(words("A=1 sudo -n rm -rf /"), [vec!["rm", "-rf", "/"], vec!["sudo", "-n", "rm", "-rf", "/"]]);
        assert_eq!(words("bash -lc 'rm x; ls'")[0], ["rm", "x"]);
        assert_eq!(words("echo $(rm x) `rm y`")[..2], [vec!["rm", "x"], vec!["rm", "y"]]);
        assert_eq!(words("if true; then rm x; fi")[1], ["rm", "x"]);
        let writes = |line: &str| simple_commands(line)[0].writes.clone();
        assert_eq!(writes("echo a >'b c' 2>&1"), ["b c"]);
        assert_eq!(writes("echo a >> /etc/x"), ["/etc/x"]);
        assert_eq!(writes("x &>/dev/sda"), ["/dev/sda"]);
        assert!(simple_commands("curl x | sh")[1].is_fed && simple_commands("sh <<E\nrm x\nE")[0].has_text);
    }

    #[test]
    fn nothing_breaks_it() {
        for line in ["", "'", "\"$(", "`", "\\", ">", "a >", "<<", "((((", "$($($(", "|&|&", "sh -c", "sudo", "eval", "#"] {
            simple_commands(line);
        }
    }
}
