//! CloudWatch speaks CBOR: the few lines of it that its answers need.

/// A head of this major type: the length or the number that follows it.
fn head(major: u8, count: usize) -> Vec<u8> {
    let major = major << 5;
    match count {
        0..24 => vec![major + u8::try_from(count).unwrap()],
        24..256 => vec![major + 24, u8::try_from(count).unwrap()],
        _ => [&[major + 25][..], &u16::try_from(count).unwrap().to_be_bytes()].concat(),
    }
}

pub(crate) fn text(text: &str) -> Vec<u8> {
    [head(3, text.len()), text.as_bytes().to_vec()].concat()
}

pub(crate) fn number(number: usize) -> Vec<u8> {
    head(0, number)
}

pub(crate) fn boolean(value: bool) -> Vec<u8> {
    vec![0xf4 + u8::from(value)]
}

pub(crate) fn float(value: f64) -> Vec<u8> {
    [&[0xfb][..], &value.to_be_bytes()].concat()
}

/// A moment: an epoch in seconds, tagged.
pub(crate) fn moment(seconds: f64) -> Vec<u8> {
    [&[0xc1][..], &float(seconds)].concat()
}

pub(crate) fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let pairs = entries.iter().map(|(key, value)| [text(key), value.clone()].concat());
    [head(5, entries.len()), pairs.collect::<Vec<_>>().concat()].concat()
}

pub(crate) fn list(entries: &[Vec<u8>]) -> Vec<u8> {
    [head(4, entries.len()), entries.concat()].concat()
}

/// An error of CloudWatch.
pub(crate) fn error(status: u16, code: &str) -> crate::service::Reply {
    let words = [("__type", text(code)), ("message", text(&format!("the words of {code}")))];
    crate::service::Reply::Http(status, map(&words))
}
