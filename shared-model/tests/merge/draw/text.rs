//! Typing as people do: lines and sentences, each of which nobody else ever types.

use shared_model::document::TextEdit;

use super::Draw;

/// Several scripts and directions; combining marks, joined emoji and surrogate pairs may not come apart.
const WORDS: &[&str] = &[
    "Checked the seal",
    "Öl nachgefüllt, läuft",
    "e\u{301}tanche\u{301}ite\u{301} refaite",
    "تم فحص المضخة",
    "האטם הוחלף",
    "水泵漏水",
    "👩\u{200d}🔧 swapped 🔩",
    "with a\ttab",
    "14:30",
];

impl Draw<'_> {
    /// A new wording of `before`, which stands there: to name it or not is the same.
    pub(super) fn reworded(&mut self, before: &str) -> TextEdit {
        let text = self.retyped(before);
        TextEdit { text, base: self.maybe(before.to_owned()) }
    }

    /// What a person leaves in the box, who finds `before` in it.
    pub(super) fn retyped(&mut self, before: &str) -> String {
        let mut lines: Vec<String> = before.split('\n').map(str::to_owned).collect();
        if before.is_empty() {
            lines.clear();
        }
        let at = self.below(lines.len());
        // All of a long text is not replaced at once: the model knows commands of one change.
        let deeds = if before.chars().count() < 600 { 11 } else { 10 };
        match if lines.is_empty() { self.one_of(&[0, 7]) } else { self.below(deeds) } {
            0 => lines.insert(0, self.line()),
            1 => lines.insert(at, self.line()),
            2 | 3 => lines.push(self.line()),
            4 => lines[at] = self.line(),
            5 => {
                lines.remove(at);
            }
            6 => self.go_on(&mut lines[at]),
            7 => self.paste(&mut lines, at),
            8 | 9 => self.rewrite(&mut lines[at]),
            _ => lines = vec![self.line()],
        }
        // What comes out of a file or another system has ends of its own.
        let end = self.one_of(&["\n", "\n", "\n", "\r\n", "\r"]);
        lines.join(end)
    }

    fn line(&mut self) -> String {
        let sentences: Vec<String> = (0..=self.below(3)).map(|_| self.sentence()).collect();
        let mut line = sentences.join(" ");
        if self.below(2) == 0 {
            line.pop();
        }
        line
    }

    fn sentence(&mut self) -> String {
        self.ids += 1;
        let (words, end) = (self.one_of(WORDS), self.one_of(&['.', '!', '?']));
        format!("{words} №{}-{}{end}", self.event, self.ids)
    }

    /// One sentence more at the end of a line; without a full stop it is the last one that grows.
    fn go_on(&mut self, line: &mut String) {
        line.push(' ');
        line.push_str(&self.sentence());
    }

    fn paste(&mut self, lines: &mut Vec<String>, at: usize) {
        let block: Vec<String> = (0..2 + self.below(3)).map(|_| self.line()).collect();
        let blank = self.maybe(String::new());
        lines.splice(at..at, block.into_iter().chain(blank));
    }

    /// A sentence in a line is put in other words or taken out.
    fn rewrite(&mut self, line: &mut String) {
        let mut sentences: Vec<String> = crate::model::sentences(line);
        if sentences.is_empty() {
            return;
        }
        let at = self.below(sentences.len());
        if sentences.len() > 1 && self.below(3) == 0 {
            sentences.remove(at);
        } else {
            sentences[at] = self.sentence();
        }
        *line = sentences.join(" ");
    }
}
