//! One change of a text, by its bytes, its words or its parts. Nothing is left of the order in which they were made but the
//! result, so a change that has nothing to act on does nothing.

use std::ops::Range;

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::Index;

/// A text that is longer is not changed any more.
const LENGTH_MAX: usize = 200_000;

#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// A byte becomes another.
    Byte(Index, u8),
    /// Everything behind here is gone.
    Cut(Index),
    /// Some bytes are gone.
    Drop(Index, u8),
    /// Some bytes come again and again.
    Repeat(Index, u8, u16),
    /// Something wrong stands here.
    Insert(Index, Index),
    /// Something wrong stands in a word's place.
    Word(Index, Index),
    /// Something wrong stands in a part's place.
    Part(Index, Index),
    /// A word stands in another's place: often of another type.
    WordFor(Index, Index),
    /// A part stands in another's place, perhaps within itself.
    PartFor(Index, Index),
    /// A part is gone.
    NoPart(Index),
    /// A part comes twice.
    PartTwice(Index),
    /// Lines end as on Windows.
    Lines,
}

pub(crate) fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        1 => at().prop_map(Change::Cut),
        2 => (at(), any::<u8>()).prop_map(|(at, count)| Change::Drop(at, count)),
        1 => (at(), any::<u8>(), any::<u16>()).prop_map(|(at, count, times)| Change::Repeat(at, count, times)),
        2 => (at(), at()).prop_map(|(at, wrong)| Change::Insert(at, wrong)),
        8 => (at(), at()).prop_map(|(at, wrong)| Change::Word(at, wrong)),
        3 => (at(), at()).prop_map(|(at, wrong)| Change::Part(at, wrong)),
        4 => (at(), at()).prop_map(|(at, other)| Change::WordFor(at, other)),
        2 => (at(), at()).prop_map(|(at, other)| Change::PartFor(at, other)),
        3 => at().prop_map(Change::NoPart),
        3 => at().prop_map(Change::PartTwice),
        1 => at().prop_map(|_| Change::Lines),
    ]
}

/// The text after these changes.
pub(crate) fn changed(text: &[u8], changes: &[Change]) -> Vec<u8> {
    changes.iter().fold(text.to_vec(), |text, change| {
        if text.len() > LENGTH_MAX { text } else { change.applied(&text).unwrap_or(text) }
    })
}

impl Change {
    fn applied(&self, text: &[u8]) -> Option<Vec<u8>> {
        let place = |at: &Index| at.index(text.len() + 1);
        let some = |at: &Index, count: u8| {
            let from = place(at);
            from..text.len().min(from + usize::from(count))
        };
        let pick = |ranges: Vec<Range<usize>>, at: &Index| {
            (!ranges.is_empty()).then(|| ranges.get(at.index(ranges.len())).cloned()).flatten()
        };
        Some(match self {
            Self::Byte(at, byte) => {
                put(text, at.index(text.len().max(1))..text.len().min(place(at) + 1), &[*byte])
            }
            Self::Cut(at) => put(text, place(at)..text.len(), b""),
            Self::Drop(at, count) => put(text, some(at, *count), b""),
            Self::Repeat(at, count, times) => {
                let range = some(at, *count);
                let bytes =
                    text.get(range.clone())?.repeat(usize::from(*times).min(60_000 / (range.len() + 1)));
                put(text, range, &bytes)
            }
            Self::Insert(at, wrong) => put(text, place(at)..place(at), &wrong_thing(*wrong)),
            Self::Word(at, wrong) => put(text, pick(words(text), at)?, &wrong_thing(*wrong)),
            Self::Part(at, wrong) => put(text, pick(parts(text), at)?, &wrong_thing(*wrong)),
            Self::WordFor(at, other) => {
                put(text, pick(words(text), at)?, text.get(pick(words(text), other)?)?)
            }
            Self::PartFor(at, other) => {
                put(text, pick(parts(text), at)?, text.get(pick(parts(text), other)?)?)
            }
            Self::NoPart(at) => put(text, pick(parts(text), at)?, b""),
            Self::PartTwice(at) => {
                let range = pick(parts(text), at)?;
                let comma: &[u8] = if text.get(range.start) == Some(&b'<') { b"" } else { b"," };
                put(text, range.end..range.end, &[comma, text.get(range)?].concat())
            }
            Self::Lines => text
                .iter()
                .flat_map(|byte| match byte {
                    b'\n' | b',' => vec![*byte, b'\r', b'\n'],
                    byte => vec![*byte],
                })
                .collect(),
        })
    }
}

/// The text with other bytes in that range.
fn put(text: &[u8], range: Range<usize>, bytes: &[u8]) -> Vec<u8> {
    let start = range.start.min(range.end);
    let (before, after) = (text.get(..start).unwrap_or_default(), text.get(range.end..).unwrap_or_default());
    [before, bytes, after].concat()
}

/// Where the words are: texts in quotation marks, and everything that holds together within them and without.
fn words(text: &[u8]) -> Vec<Range<usize>> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-+._:/".contains(&byte) || byte >= 0x80;
    let (mut words, mut word, mut quote) = (Vec::new(), None, None);
    for (at, byte) in text.iter().copied().chain([b' ']).enumerate() {
        match (is_word(byte), word) {
            (true, None) => word = Some(at),
            (false, Some(from)) => {
                words.push(from..at);
                word = None;
            }
            _ => {}
        }
        let escaped = at > 0 && text.get(at - 1) == Some(&b'\\');
        if byte == b'"' && !escaped {
            match quote.take() {
                Some(from) => words.push(from..at + 1),
                None => quote = Some(at),
            }
        }
    }
    words
}

/// Where the parts are: what stands between brackets, and XML's elements, brackets and tags included; a member of an object
/// with its name.
fn parts(text: &[u8]) -> Vec<Range<usize>> {
    let (mut parts, mut open) = (Vec::new(), Vec::new());
    for (at, byte) in text.iter().enumerate() {
        match (byte, text.get(at + 1)) {
            (b'{' | b'[', _) | (b'<', Some(b'A'..=b'z')) => open.push(at),
            (b'}' | b']', _) => parts.extend(open.pop().map(|from| from..at + 1)),
            (b'<', Some(b'/')) => {
                let end = text
                    .iter()
                    .skip(at)
                    .position(|it| *it == b'>')
                    .map_or(text.len(), |length| at + length + 1);
                parts.extend(open.pop().map(|from| from..end));
            }
            _ => {}
        }
    }
    let members = parts.clone().into_iter().filter_map(|part| Some(member(text, part.start)?..part.end));
    parts.extend(members.collect::<Vec<_>>());
    parts
}

/// Where the name begins of the member whose value begins there.
fn member(text: &[u8], value: usize) -> Option<usize> {
    let before = text.get(..value)?.strip_suffix(b":")?.strip_suffix(b"\"")?;
    before.iter().rposition(|byte| *byte == b'"')
}

/// What stands where it must not, and is short.
const SHORT: [&str; 62] = [
    "",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "1.5",
    "1e999",
    "-1e999",
    "1e-999",
    "NaN",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\\ud800",
    "\\udc00\\ud800",
    "\"\\ud83d\\ude00\"",
    "\\u0000",
    "\\u001b[2J",
    "\\n",
    "\\",
    "\"",
    "'",
    "{}",
    "[]",
    "[[]]",
    "{\"\":{}}",
    "{\"a\":1,\"a\":2}",
    ",",
    ":",
    "}",
    "]",
    "\0",
    "\r\n",
    "\t",
    "\u{feff}",
    "\u{202e}",
    "\u{1f600}",
    "e\u{301}",
    "<",
    "</x>",
    "<x/>",
    "<!-- -->",
    "<![CDATA[x]]>",
    "<!DOCTYPE x [<!ENTITY y \"z\">]>&y;",
    "&#0;",
    "&#xd800;",
    "&unknown;",
    "0000-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "+262142-12-31T23:59:59Z",
    "2026-13-45T25:61:61Z",
    "2026-11-22T22:31:60Z",
];

/// One of the things that stand where they must not.
fn wrong_thing(at: Index) -> Vec<u8> {
    let long = |text: &str, times: usize| text.repeat(times).into_bytes();
    match at.index(SHORT.len() + 13) {
        short if short < SHORT.len() => SHORT.get(short).map(|it| it.as_bytes().to_vec()).unwrap_or_default(),
        it => match it - SHORT.len() {
            0 => long("[", 120),
            1 => long("[", 100_000),
            2 => long("{\"a\":", 100_000),
            3 => [long("[", 127), long("]", 127)].concat(),
            4 => long("<x>", 30_000),
            5 => [b"\"".to_vec(), long("x", 70_000), b"\"".to_vec()].concat(),
            6 => long("9", 400),
            7 => [b"0.".to_vec(), long("1", 400)].concat(),
            8 => long("\u{1f600}", 5_000),
            9 => long("a,", 20_000),
            // CBOR: lists, maps and texts of more than there is.
            10 => vec![0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            11 => vec![0xbb, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff],
            _ => long("\u{9f}", 50_000).into_iter().filter(|byte| *byte != 0xc2).collect(),
        },
    }
}
