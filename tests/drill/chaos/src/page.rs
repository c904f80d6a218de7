//! The page.
use crate::report::Report;
pub(crate) fn page(_: &Report) -> String {
    String::new()
}
