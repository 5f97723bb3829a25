//! What must stand in a text: the sentences that anybody typed, less those that somebody who saw them removed. Where
//! in the text they stand is not said here, nor how the product finds out what changed.

use std::collections::BTreeSet;

/// One text of one document.
#[derive(Default)]
pub struct Text {
    typed: BTreeSet<String>,
    removed: BTreeSet<String>,
    /// Lines typed as such, until somebody who saw one changes it.
    lines: BTreeSet<String>,
    touched: BTreeSet<String>,
}

impl Text {
    /// Somebody finds one text and leaves another; says whether that changes anything.
    pub fn retype(&mut self, before: &str, after: &str) -> bool {
        // There is one end of a line, whoever wrote it.
        let after = after.replace("\r\n", "\n").replace('\r', "\n");
        let (had, has): (BTreeSet<String>, BTreeSet<String>) =
            (sentences(before).into_iter().collect(), sentences(&after).into_iter().collect());
        let stands_in = |line: &str, text: &str| format!("{text}\n").contains(&format!("{line}\n"));
        self.touched.extend(
            self.lines.iter().filter(|line| stands_in(line, before) && !stands_in(line, &after)).cloned(),
        );
        let new = after.lines().filter(|line| {
            let parts = sentences(line);
            !parts.is_empty() && parts.iter().all(|part| !had.contains(part))
        });
        self.lines.extend(new.map(str::to_owned));
        self.typed.extend(has.difference(&had).cloned());
        self.removed.extend(had.difference(&has).cloned());
        before != after
    }

    /// In order of their letters.
    pub fn sentences(&self) -> Vec<String> {
        self.typed.difference(&self.removed).cloned().collect()
    }

    pub fn lines(&self) -> impl Iterator<Item = &String> {
        self.lines.difference(&self.touched)
    }
}

/// The sentences of a text: what ends with a full stop and a space, or with its line.
pub fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut rest = line;
        while let Some(stop) = [". ", "! ", "? "].iter().filter_map(|end| rest.find(end)).min() {
            found.push(rest[..=stop].to_owned());
            rest = &rest[stop + 2..];
        }
        found.push(rest.to_owned());
    }
    found.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}
