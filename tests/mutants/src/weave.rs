//! A source file with its mutations woven in, each behind a switch. Nothing is printed anew: text is only put between what
//! stands there, so that a message of the compiler leads back to the mutation that does not fit its types.

use std::collections::BTreeSet;
use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned;

/// One mutation.
#[derive(Debug, Clone)]
pub(crate) struct Mutant {
    /// Its switch.
    pub(crate) id: u32,
    /// What it is called: the file, the function and what it changes; no line, so that it keeps its name.
    pub(crate) name: String,
    /// Its line in the original.
    pub(crate) line: usize,
    /// Where it stands in the woven text; empty where it was left out.
    pub(crate) woven: Range<usize>,
}

/// What does not compile: mutations by their names, and functions that have to stay `const`.
#[derive(Debug, Default)]
pub(crate) struct Unfit {
    /// Names of mutations.
    pub(crate) mutants: BTreeSet<String>,
    /// Names of functions.
    pub(crate) constant: BTreeSet<String>,
}

/// A text to put at a place, instead of the `cut` bytes that follow it.
#[derive(Debug)]
struct Edit {
    at: usize,
    /// At one place what closes comes before what opens.
    opens: bool,
    cut: usize,
    text: String,
    of: Option<usize>,
}

/// Collects the mutations of one file.
#[derive(Debug)]
pub(crate) struct Weaver<'a> {
    path: &'a str,
    source: &'a str,
    unfit: &'a Unfit,
    first: u32,
    edits: Vec<Edit>,
    mutants: Vec<Mutant>,
    names: BTreeSet<String>,
    /// The function that is being read.
    pub(crate) function: Vec<String>,
}

/// The call of a switch.
pub(crate) fn on(id: u32) -> String {
    format!("crate::mutant_switch::on({id})")
}

impl<'a> Weaver<'a> {
    /// For the file `path` with the text `source`; its first mutation gets the switch `first`.
    pub(crate) fn new(path: &'a str, source: &'a str, unfit: &'a Unfit, first: u32) -> Self {
        Self {
            path,
            source,
            unfit,
            first,
            edits: Vec::new(),
            mutants: Vec::new(),
            names: BTreeSet::new(),
            function: Vec::new(),
        }
    }

    /// The text of `span`, on one line.
    pub(crate) fn text(&self, span: Span) -> String {
        let text = self.source.get(span.byte_range()).unwrap_or_default();
        let mut short: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if short.chars().count() > 90 {
            short = short.chars().take(89).chain(['…']).collect();
        }
        short
    }

    /// A mutation at `span` that is called `what`, where it compiles: its switch, and its number in this file.
    pub(crate) fn mutant(&mut self, span: Span, what: &str) -> Option<(u32, usize)> {
        let function = self.function.join("::");
        let mut name = format!("{} {function}: {what}", self.path);
        let mut count = 1;
        while !self.names.insert(name.clone()) {
            count += 1;
            name = format!("{} {function}: {what} ({count})", self.path);
        }
        let id = self.first + u32::try_from(self.mutants.len()).unwrap_or_default();
        let fits = !self.unfit.mutants.contains(&name);
        self.mutants.push(Mutant { id, name, line: span.start().line, woven: 0..0 });
        fits.then(|| (id, self.mutants.len() - 1))
    }

    /// Whether the function `name` has to stay `const`.
    pub(crate) fn stays_constant(&self, name: &str) -> bool {
        self.unfit.constant.contains(name)
    }

    /// Puts `text` before what begins at `at`.
    pub(crate) fn open(&mut self, of: usize, at: usize, text: String) {
        self.edits.push(Edit { at, opens: true, cut: 0, text, of: Some(of) });
    }

    /// Puts `text` after what ends at `at`. To be called when everything inside was read.
    pub(crate) fn close(&mut self, of: usize, at: usize, text: &str) {
        self.edits.push(Edit { at, opens: false, cut: 0, text: text.to_owned(), of: Some(of) });
    }

    /// Puts `text` in the place of `range`.
    pub(crate) fn replace(&mut self, range: Range<usize>, text: &str) {
        self.edits.push(Edit {
            at: range.start,
            opens: true,
            cut: range.len(),
            text: text.to_owned(),
            of: None,
        });
    }

    /// Puts `span` between `before` and `after`, with what is `inside` read in between.
    pub(crate) fn wrap(
        &mut self,
        mutant: Option<(u32, usize)>,
        span: Span,
        (before, after): (&str, &str),
        inside: impl FnOnce(&mut Self),
    ) {
        let range = span.byte_range();
        if let Some((id, of)) = mutant {
            self.open(of, range.start, before.replace("ON", &on(id)));
        }
        inside(self);
        if let Some((_, of)) = mutant {
            self.close(of, range.end, after);
        }
    }

    /// The woven text and its mutations.
    pub(crate) fn finish(mut self) -> (String, Vec<Mutant>) {
        // Stable: what was opened first stays outside, what was closed first inside.
        self.edits.sort_by_key(|edit| (edit.at, edit.opens));
        let mut woven = String::with_capacity(self.source.len() * 2);
        let mut from = 0;
        for edit in &self.edits {
            woven.push_str(self.source.get(from..edit.at).unwrap_or_default());
            let start = woven.len();
            woven.push_str(&edit.text);
            from = edit.at + edit.cut;
            if let Some(mutant) = edit.of.and_then(|of| self.mutants.get_mut(of)) {
                let first = if mutant.woven.is_empty() { start } else { mutant.woven.start };
                mutant.woven = first..woven.len();
            }
        }
        woven.push_str(self.source.get(from..).unwrap_or_default());
        (woven, self.mutants)
    }
}

/// Where `node` begins and ends.
pub(crate) fn range(node: &impl Spanned) -> Range<usize> {
    node.span().byte_range()
}

#[cfg(test)]
mod tests {
    use syn::visit::Visit;

    use super::*;

    const SOURCE: &str = "
fn decide(a: u32, b: Option<u32>) -> bool {
    log(a);
    if a > 60 && !known(a) { return true; }
    match b { Some(it) if it == LIMIT => a + 1 > it, _ => false }
}
#[cfg(test)]
mod tests { fn not_this() -> bool { 1 == 2 } }
";

    fn woven(unfit: &Unfit) -> (String, Vec<Mutant>) {
        let mut weaver = Weaver::new("x.rs", SOURCE, unfit, 7);
        weaver.visit_file(&syn::parse_file(SOURCE).unwrap());
        weaver.finish()
    }

    #[test]
    fn every_kind_of_mutation_is_woven_in_and_the_text_is_rust() {
        let (text, mutants) = woven(&Unfit::default());
        syn::parse_file(&text).unwrap();
        let whats: Vec<&str> =
            mutants.iter().filter_map(|it| it.name.strip_prefix("x.rs decide: ")).collect();
        let expected = [
            "answers true",
            "answers false",
            "`log(a)` left out",
            "`a > 60 && !known(a)` with ||",
            "`a > 60` with >=",
            "`a > 60` negated",
            "another number for `60`",
            "`!known(a)` without !",
            "`true` negated",
            "arm `Some(it)` left out",
            "guard of `Some(it)` true",
            "`it == LIMIT` negated",
            "another number for `LIMIT`",
            "`a + 1 > it` with >=",
            "`a + 1 > it` negated",
            "`a + 1` with -",
            "another number for `1`",
            "`false` negated",
        ];
        assert_eq!(whats, expected);
        for mutant in &mutants {
            assert!(text.get(mutant.woven.clone()).unwrap().contains(&on(mutant.id)), "{mutant:?}");
        }
    }

    #[test]
    fn what_does_not_compile_is_left_out_and_keeps_its_switch() {
        let name = "x.rs decide: `log(a)` left out".to_owned();
        let (text, mutants) = woven(&Unfit { mutants: [name].into(), ..Unfit::default() });
        assert!(text.contains("    log(a);\n") && !text.contains(&on(9)));
        assert_eq!((mutants.len(), mutants[2].id, mutants[2].woven.len()), (18, 9, 0));
    }
}
