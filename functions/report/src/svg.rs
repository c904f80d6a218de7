//! The timeline, drawn to scale as SVG.

mod drawing;
mod label;
mod lane;
mod mark;
mod scale;
mod strip;

pub(crate) use drawing::View;
pub(crate) use mark::{mark, naming};

#[cfg(test)]
mod tests;
